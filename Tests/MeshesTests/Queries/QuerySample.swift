import Compute
import Foundation
import Meshes

/// Meshes and points for the tests of queries.
enum QuerySample {
  /// A closed sphere of triangles around the origin, by latitude and longitude.
  static func sphere(_ rows: Int = 24, radius: Double = 1, keeping: ClosedRange<Double> = -2...2)
    -> Mesh
  {
    let columns = 2 * rows
    var positions: [SIMD3<Double>] = []
    for row in 0...rows {
      for column in 0..<columns {
        let (theta, phi) = (
          Double.pi * Double(row) / Double(rows), 2 * Double.pi * Double(column) / Double(columns)
        )
        // Exact poles, and an exact equator for even rows.
        let ring = row == 0 || row == rows ? 0 : sin(theta)
        let z = 2 * row == rows ? 0 : cos(theta)
        positions.append(radius * [ring * cos(phi), ring * sin(phi), z])
      }
    }
    var triangles: [SIMD3<Int32>] = []
    for row in 0..<rows {
      let height = cos(Double.pi * (Double(row) + 0.5) / Double(rows))
      guard keeping.contains(height) else { continue }
      for column in 0..<columns {
        func vertex(_ row: Int, _ column: Int) -> Int32 { Int32(row * columns + column % columns) }
        let (a, b) = (vertex(row, column), vertex(row + 1, column))
        let (c, d) = (vertex(row + 1, column + 1), vertex(row, column + 1))
        if row < rows - 1 { triangles.append([a, b, c]) }
        if row > 0 { triangles.append([a, c, d]) }
      }
    }
    return Mesh(positions: positions, triangles: triangles)
  }

  /// Triangles anywhere; every fourth is a needle, a point, or without area.
  static func soup(_ count: Int, seed: UInt64) -> Mesh {
    var random = SplitMix64(seed: seed)
    var positions: [SIMD3<Double>] = []
    for i in 0..<count {
      let a = point(&random)
      let (toB, toC) = (0.3 * point(&random), 0.3 * point(&random))
      switch i % 16 {
      case 3: positions += [a, a, a]
      case 7: positions += [a, a + toB, a + 0.5 * toB]
      case 11: positions += [a, a + toB, a + 0.4 * toB + 1e-9 * toC]
      case 15: positions += [a, a + toB, a]
      default: positions += [a, a + toB, a + toC]
      }
    }
    let triangles = (0..<Int32(count)).map { SIMD3<Int32>(3 * $0, 3 * $0 + 1, 3 * $0 + 2) }
    return Mesh(positions: positions, triangles: triangles)
  }

  static func points(_ count: Int, seed: UInt64, reach: Double = 1) -> [SIMD3<Double>] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in reach * point(&random) }
  }

  /// Both meshes as one.
  static func joined(_ a: Mesh, _ b: Mesh) -> Mesh {
    let shift = Int32(a.vertexCount)
    return Mesh(
      positions: a.positions + b.positions,
      triangles: a.triangles + b.triangles.map { $0 &+ SIMD3(repeating: shift) })
  }

  static func flipped(_ mesh: Mesh) -> Mesh {
    Mesh(positions: mesh.positions, triangles: mesh.triangles.map { [$0.x, $0.z, $0.y] })
  }

  private static func point(_ random: inout SplitMix64) -> SIMD3<Double> {
    [2 * random.nextUnit() - 1, 2 * random.nextUnit() - 1, 2 * random.nextUnit() - 1]
  }
}

extension SIMD3<Double> {
  var norm: Double { (self * self).sum().squareRoot() }
}
