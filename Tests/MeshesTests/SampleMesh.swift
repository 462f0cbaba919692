import Foundation
import Meshes

/// Small meshes with known measures.
enum SampleMesh {
  /// The unit cube: 8 vertices, 6 squares, area 6, volume 1.
  static let cube = Mesh(positions: cubePositions, faces: cubeFaces)

  static let cubePositions: [SIMD3<Double>] = (0..<8).map {
    [Double($0 & 1), Double($0 >> 1 & 1), Double($0 >> 2)]
  }

  static let cubeFaces: [[Int32]] = [
    [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
  ]

  /// A torus of squares: closed, of genus 1.
  static func torus(_ count: Int, by other: Int) -> Mesh {
    var positions: [SIMD3<Double>] = []
    var faces: [[Int32]] = []
    for i in 0..<count {
      for j in 0..<other {
        let (u, v) = (2 * .pi * Double(i) / Double(count), 2 * .pi * Double(j) / Double(other))
        let radius = 2 + 0.7 * cos(v)
        positions.append([radius * cos(u), radius * sin(u), 0.7 * sin(v)])
        func vertex(_ i: Int, _ j: Int) -> Int32 { Int32(i % count * other + j % other) }
        faces.append([vertex(i, j), vertex(i + 1, j), vertex(i + 1, j + 1), vertex(i, j + 1)])
      }
    }
    return Mesh(positions: positions, faces: faces)
  }

  /// A band of `count` squares with half a turn: one side, one rim.
  static func moebiusStrip(_ count: Int) -> Mesh {
    var positions: [SIMD3<Double>] = []
    for i in 0..<count {
      let angle = 2 * Double.pi * Double(i) / Double(count)
      for side in [-0.3, 0.3] {
        let radius = 1 + side * cos(angle / 2)
        positions.append([radius * cos(angle), radius * sin(angle), side * sin(angle / 2)])
      }
    }
    let faces = (0..<count).map { i -> [Int32] in
      let (a, b) = (Int32(2 * i), Int32(2 * i + 1))
      return i + 1 < count ? [a, a + 2, b + 2, b] : [a, 1, 0, b]
    }
    return Mesh(positions: positions, faces: faces)
  }
}

/// The text of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// The mesh in a text.
func decode(_ text: String, _ name: String = "a.obj") throws -> Mesh {
  try Mesh.decode(Data(text.utf8), from: name)
}
