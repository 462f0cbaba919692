import Compute
import Foundation
import Meshes
import ShapeFitting
import Testing

/// Small solids with known answers.
enum SampleShape {
  /// A closed sphere of triangles by latitude and longitude, faces outwards.
  static func sphere(_ center: SIMD3<Double> = .zero, radius: Double = 1, rows: Int = 24) -> Mesh {
    let columns = 2 * rows
    let pole = SIMD3(0, 0, radius)
    var positions = [center + pole, center - pole]
    for row in 1..<rows {
      for column in 0..<columns {
        let theta = Double.pi * Double(row) / Double(rows)
        let phi = 2 * Double.pi * Double(column) / Double(columns)
        let direction = SIMD3(sin(theta) * cos(phi), sin(theta) * sin(phi), cos(theta))
        positions.append(center + radius * direction)
      }
    }
    func vertex(_ row: Int, _ column: Int) -> Int32 {
      Int32(2 + (row - 1) * columns + column % columns)
    }
    var faces: [[Int32]] = []
    for column in 0..<columns {
      faces.append([0, vertex(1, column), vertex(1, column + 1)])
      faces.append([1, vertex(rows - 1, column + 1), vertex(rows - 1, column)])
      for row in 1..<rows - 1 {
        faces.append([
          vertex(row, column), vertex(row + 1, column), vertex(row + 1, column + 1),
          vertex(row, column + 1),
        ])
      }
    }
    return Mesh(positions: positions, faces: faces)
  }

  /// The box along the axes, six squares, faces outwards.
  static func cuboid(_ box: Box) -> Mesh {
    let positions = (0..<8).map { i -> SIMD3<Double> in
      let corner = SIMD3(Double(i & 1), Double(i >> 1 & 1), Double(i >> 2))
      return box.lower + box.size * corner
    }
    return Mesh(
      positions: positions,
      faces: [
        [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
      ])
  }

  /// Voxels that are full by chance, x fastest.
  static func noise(_ counts: SIMD3<Int>, seed: UInt64) -> [Bool] {
    var random = SplitMix64(seed: seed)
    return (0..<counts.x * counts.y * counts.z).map { _ in random.nextIndex(below: 2) == 1 }
  }

  /// Whether the voxels of a ball are full, x fastest.
  static func ball(_ counts: SIMD3<Int>, center: SIMD3<Double>, radius: Double) -> [Bool] {
    var voxels: [Bool] = []
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x {
          voxels.append((SIMD3(Double(x), Double(y), Double(z)) - center).norm <= radius)
        }
      }
    }
    return voxels
  }

  /// What numpy.packbits makes of bits.
  static func packed(_ bits: some Collection<Bool>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (i, bit) in bits.enumerated() where bit { bytes[i / 8] |= 128 >> UInt8(i % 8) }
    return bytes
  }
}

/// A folder that goes away with its test.
final class Scratch {
  let path = FileManager.default.temporaryDirectory.path + "/inr-shape-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a `.npy` file; returns its path.
  ///
  /// - Parameter type: NumPy's, `|u1` for example.
  func array(
    _ type: String, _ shape: [Int], _ bytes: [UInt8], order: NumpyOrder = .c,
    named name: String = "volume.npy"
  ) throws -> String {
    let list = shape.map { "\($0), " }.joined()
    var header =
      "{'descr': '\(type)', 'fortran_order': \(order == .fortran ? "True" : "False"), "
      + "'shape': (\(list)), }"
    header += String(repeating: " ", count: (64 - (header.utf8.count + 11) % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var data = Data([0x93] + "NUMPY".utf8 + [1, 0, UInt8(length & 255), UInt8(length >> 8)])
    data += Data(header.utf8) + Data(bytes)
    try data.write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// A volume of bytes 0 and 1.
  func volume(_ counts: SIMD3<Int>, _ voxels: [Bool]) throws -> VoxelVolume {
    try VoxelVolume.read(
      try array("|u1", [counts.z, counts.y, counts.x], voxels.map { $0 ? 1 : 0 }))
  }
}

enum NumpyOrder { case c, fortran }

extension SIMD3<Double> {
  var norm: Double { (self * self).sum().squareRoot() }
}

/// The numbers' mean, and their standard deviation.
func moments(_ numbers: [Double]) -> (mean: Double, deviation: Double) {
  let mean = numbers.reduce(0, +) / Double(numbers.count)
  let square = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
  return (mean, square.squareRoot())
}

/// The text of the error that `body` throws.
func message<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

extension VoxelVolume {
  /// All voxels, x fastest.
  var voxels: [Bool] { (0..<voxelCount).map { self[$0] } }
}
