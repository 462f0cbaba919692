import Compute

/// Points of a surface, and its normal at each.
public struct SurfaceSamples: Sendable, Equatable {
  public internal(set) var points: [SIMD3<Double>] = []
  /// Unit vectors to the outside of the points' faces.
  public internal(set) var normals: [SIMD3<Double>] = []
  /// The points' faces.
  public internal(set) var faces: [Int32] = []

  public var count: Int { points.count }
}

/// Random points of a mesh, as many on each piece of its surface as its share of the area asks for.
///
/// Every 4096 points have a stream of random numbers of their own, so that the samples depend on the
/// seed alone, not on the threads; fewer samples are the beginning of more.
///
/// - Source: Osada et al., "Shape distributions", ACM TOG 2002, section 4.1.
public struct SurfaceSampling: Sendable {
  /// The area of all triangles, in the square of the mesh's unit.
  public let area: Double

  private let positions: [SIMD3<Double>]
  private let triangles: [SIMD3<Int32>]
  private let faces: [Int32]
  /// The area of each triangle and all before it, in the unit that makes the largest one 1.
  private let sums: [Double]

  private static let chunk = 4096

  /// - Throws: if the mesh has no area, or a face has a corner that is not finite.
  public init(_ mesh: Mesh) throws(SurfaceSamplingError) {
    positions = mesh.positions
    triangles = mesh.triangles
    faces = mesh.facesOfTriangles
    for vertex in mesh.corners where !mesh.positions[Int(vertex)].isFinite {
      throw .notFinite(vertex: Int(vertex), position: mesh.positions[Int(vertex)])
    }
    guard let bounds = mesh.bounds, let frame = TreeFrame(bounds) else {
      throw .noArea(faceCount: mesh.faceCount)
    }
    var sums: [Double] = []
    sums.reserveCapacity(triangles.count)
    var sum = 0.0
    for corners in triangles {
      sum += Self.triangle(corners, positions, frame).vectorArea.length
      sums.append(sum)
    }
    guard sum > 0 else { throw .noArea(faceCount: mesh.faceCount) }
    self.sums = sums
    area = sum / (frame.scale * frame.scale)
  }

  /// `count` independent points.
  public func samples(_ count: Int, seed: UInt64, workers: Workers = Workers()) -> SurfaceSamples {
    precondition(count >= 0, "a surface cannot have \(count) samples")
    let chunks = workers.map((count + Self.chunk - 1) / Self.chunk) { _, chunk in
      var random = SplitMix64(seed: seed, stream: UInt64(chunk))
      var samples = SurfaceSamples()
      for _ in 0..<min(Self.chunk, count - chunk * Self.chunk) { append(to: &samples, &random) }
      return samples
    }
    var samples = SurfaceSamples()
    for chunk in chunks {
      samples.points += chunk.points
      samples.normals += chunk.normals
      samples.faces += chunk.faces
    }
    return samples
  }

  private func append(to samples: inout SurfaceSamples, _ random: inout SplitMix64) {
    let number = index(at: random.nextUnit() * sums[sums.count - 1])
    let corners = triangles[number]
    let (a, b, c) = (
      positions[Int(corners.x)], positions[Int(corners.y)], positions[Int(corners.z)]
    )
    // A point of the parallelogram; of its other half, the mirrored one.
    var (v, w) = (random.nextUnit(), random.nextUnit())
    if v + w > 1 { (v, w) = (1 - v, 1 - w) }
    samples.points.append(a + v * (b - a) + w * (c - a))
    samples.normals.append(Self.normal(a, b, c))
    samples.faces.append(faces[number])
  }

  /// The first triangle whose sum is above `value`; it has an area.
  private func index(at value: Double) -> Int {
    let sums = sums.span
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > value { high = middle } else { low = middle + 1 }
    }
    // Rounding may lead behind all triangles that have an area.
    while low > 0, sums[low] == sums[low - 1] { low -= 1 }
    return low
  }

  private static func triangle(
    _ corners: SIMD3<Int32>, _ positions: [SIMD3<Double>], _ frame: TreeFrame
  ) -> Triangle {
    Triangle(
      a: frame.local(positions[Int(corners.x)]), b: frame.local(positions[Int(corners.y)]),
      c: frame.local(positions[Int(corners.z)]))
  }

  /// The unit normal of a triangle; zero if it has no area.
  static func normal(_ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>) -> SIMD3<Double> {
    // Edges of length about 1, so that their products are numbers.
    let (ab, ac) = (b - a, c - a)
    let size = max(
      abs(ab.x), abs(ab.y), abs(ab.z), max(abs(ac.x), abs(ac.y), abs(ac.z)))
    guard size > 0 else { return .zero }
    let normal = (ab / size).cross(ac / size)
    let length = normal.length
    return length > 0 ? normal / length : .zero
  }
}

/// A mesh that has no points to choose from.
public enum SurfaceSamplingError: Error, Equatable, CustomStringConvertible {
  case noArea(faceCount: Int)
  case notFinite(vertex: Int, position: SIMD3<Double>)

  public var description: String {
    switch self {
    case .noArea(let faceCount):
      "the mesh has \(faceCount) \(faceCount == 1 ? "face" : "faces") and no area; expected a surface to take samples of"
    case .notFinite(let vertex, let position):
      "vertex \(vertex) is at (\(position.x), \(position.y), \(position.z)), expected finite "
        + "numbers; repair the mesh"
    }
  }
}
