/// What an extraction found.
public struct Isosurface: Sendable {
  /// The surface, in triangles; without any where the field does not reach the level.
  public let mesh: Mesh
  /// The least and the largest finite value of the field, so that a level that it never reaches can
  /// be reported with them; nil if it has none.
  public let range: ClosedRange<Float>?

  public var isEmpty: Bool { mesh.faceCount == 0 }
}

/// Why a field has no surface.
public enum MarchingCubesError: Error, Equatable, CustomStringConvertible {
  /// Not a number, at a sample.
  case notANumber(sample: SIMD3<Int>)
  /// An infinite value on one side of the level, next to a sample on the other side of it.
  case infinite(sample: SIMD3<Int>, value: Float)
  case wrongCount(planes: Range<Int>, found: Int, expected: Int)
  case tooLarge(vertices: Int)

  public var description: String {
    switch self {
    case .notANumber(let sample):
      "the field is not a number at sample \(Self.text(sample)); every sample needs a value"
    case .infinite(let sample, let value):
      "the field is \(value) at sample \(Self.text(sample)), but the surface passes next to it; only "
        + "samples away from the surface may be infinite"
    case .wrongCount(let planes, let found, let expected):
      "the planes \(planes.lowerBound) to \(planes.upperBound - 1) of the field have \(found) values, "
        + "expected \(expected)"
    case .tooLarge(let vertices):
      "the surface has \(vertices) vertices or more, but meshes can have 2147483647; take fewer "
        + "samples"
    }
  }

  private static func text(_ sample: SIMD3<Int>) -> String {
    "(\(sample.x), \(sample.y), \(sample.z))"
  }
}
