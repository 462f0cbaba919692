import Compute
import Meshes

/// A `.npy` file of a field's samples `[depth, height, width]`, which are read plane by plane.
///
/// - Coordinates: sample `[k, j, i]` is at (x, y, z) = (i, j, k).
public struct VolumeFile: Sendable {
  public let path: String
  /// Along x, y and z.
  public let counts: SIMD3<Int>
  private let file: NumpyFile

  /// Samples that are read at once, or a plane if that has more.
  private static let readSize = 1 << 22

  /// Reads what the file says of itself, but no values yet.
  public init(_ path: String) throws(VolumeFileError) {
    do throws(NumpyFileError) { file = try NumpyFile(path) } catch { throw .numpy(error) }
    self.path = path
    guard file.shape.count == 3 else { throw .notAVolume(path: path, found: file.shape) }
    guard file.shape.allSatisfy({ $0 >= 2 }) else {
      throw .noCells(path: path, found: file.shape)
    }
    counts = SIMD3(file.shape[2], file.shape[1], file.shape[0])
  }

  /// The samples' places.
  public var grid: SampleGrid {
    SampleGrid(counts: counts, box: Box(lower: .zero, upper: SIMD3<Double>(counts &- 1)))
  }

  /// How many planes are read at once.
  public var planesAtOnce: Int { max(1, Self.readSize / (counts.x * counts.y)) }

  /// The samples of some planes of constant z, x fastest.
  public func planes(_ planes: Range<Int>) throws(VolumeFileError) -> [Float] {
    let size = counts.x * counts.y
    do throws(NumpyFileError) {
      return try file.elements(planes.lowerBound * size..<planes.upperBound * size)
    } catch { throw .numpy(error) }
  }

  /// The least and the largest finite sample; nil if there is none. Reads the whole file.
  public func range(workers: Workers = Workers()) throws -> ClosedRange<Float>? {
    var result: ClosedRange<Float>?
    for first in stride(from: 0, to: counts.z, by: planesAtOnce) {
      let values = try planes(first..<min(first + planesAtOnce, counts.z))
      let size = counts.x
      let rows = workers.map(values.count / size) { _, row in
        Self.range(of: values[row * size..<(row + 1) * size])
      }
      result = rows.reduce(result) { $0.joined(with: $1) }
    }
    return result
  }

  private static func range(of values: ArraySlice<Float>) -> ClosedRange<Float>? {
    var (least, largest) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite {
      least = min(least, value)
      largest = max(largest, value)
    }
    return least <= largest ? least...largest : nil
  }

  /// The surface at a level, in the coordinates of the samples.
  ///
  /// - Parameter progress: gets the number of planes that are done.
  public func surface(
    _ march: MarchingCubes, workers: Workers = Workers(),
    progress: ((_ planes: Int) -> Void)? = nil
  ) throws -> Isosurface {
    try march.surface(on: grid, planesAtOnce: planesAtOnce, workers: workers) { planes in
      progress?(planes.lowerBound)
      return try self.planes(planes)
    }
  }
}

extension ClosedRange<Float>? {
  /// The smallest range that has both.
  func joined(with other: ClosedRange<Float>?) -> ClosedRange<Float>? {
    guard let self, let other else { return self ?? other }
    return Swift.min(
      self.lowerBound, other.lowerBound)...Swift.max(self.upperBound, other.upperBound)
  }
}

/// An array that is no volume.
public enum VolumeFileError: Error, Equatable, CustomStringConvertible {
  case numpy(NumpyFileError)
  case notAVolume(path: String, found: [Int])
  case noCells(path: String, found: [Int])

  public var description: String {
    switch self {
    case .numpy(let error): error.description
    case .notAVolume(let path, let found):
      "\(path): found an array of shape \(found), expected a volume [depth, height, width]; "
        + "reshape it, or take a part of it"
    case .noCells(let path, let found):
      "\(path): found an array of shape \(found), expected at least 2 samples along each axis; "
        + "there is no space between fewer"
    }
  }
}
