import Compute

/// How far two surfaces are from each other.
///
/// `count` points are drawn on each, uniformly by area. For each, the nearest point of the other
/// surface is found, and its distance and normal are compared.
///
/// - Units: distances are in the meshes' own unit, squares in its square.
/// - Symmetry: exchanging the meshes exchanges `first` and `second`, but for the samples.
public struct MeshComparison: Sendable, Equatable {
  /// What the nearest point is searched in.
  public enum Target: String, Sendable, Equatable, CaseIterable {
    /// The other surface itself. The default: a surface has the distance 0 from itself, and the
    /// number of samples has no bias.
    case surface
    /// The points drawn on the other surface, as in the literature. Distances are longer, by up to
    /// the distance between neighbouring samples: of a surface with area A from itself, by about
    /// half of √(A / count).
    case samples
  }

  /// The distances of one surface's points from the other surface.
  public struct Direction: Sendable, Equatable {
    public internal(set) var meanDistance = 0.0
    public internal(set) var meanSquaredDistance = 0.0
    /// Of the samples and, with ``Target/surface``, of all vertices.
    public internal(set) var largestDistance = 0.0
    /// The mean of |n·n′|, where n′ is the normal at the nearest point: 1 if all are parallel.
    public internal(set) var normalConsistency = 0.0
    /// The share of samples not farther away than the threshold.
    public internal(set) var shareWithinThreshold = 0.0
  }

  public let sampleCount: Int
  public let seed: UInt64
  public let target: Target
  /// The distance up to which a point counts for the F-score.
  public let threshold: Double
  /// From points of the first mesh to the second.
  public let first: Direction
  /// From points of the second mesh to the first.
  public let second: Direction

  /// Mean distance there plus mean distance back.
  public var chamferL1Sum: Double { first.meanDistance + second.meanDistance }
  /// Half of ``chamferL1Sum``, as in occupancy networks (Mescheder et al., CVPR 2019).
  public var chamferL1: Double { chamferL1Sum / 2 }
  /// Mean squared distance there plus mean squared distance back (Fan et al., CVPR 2017).
  public var chamferL2Sum: Double { first.meanSquaredDistance + second.meanSquaredDistance }
  /// Half of ``chamferL2Sum``.
  public var chamferL2: Double { chamferL2Sum / 2 }
  /// The largest distance that was found, a lower bound of the Hausdorff distance.
  public var hausdorff: Double { max(first.largestDistance, second.largestDistance) }
  /// The mean of both directions.
  public var normalConsistency: Double { (first.normalConsistency + second.normalConsistency) / 2 }
  /// The share of the first mesh's samples that are near the second: if the first is a
  /// reconstruction of the second, how much of it is right.
  public var precision: Double { first.shareWithinThreshold }
  /// The share of the second mesh's samples that are near the first: how much of it was found.
  public var recall: Double { second.shareWithinThreshold }
  /// The harmonic mean of ``precision`` and ``recall`` (Knapitsch et al., ACM TOG 2017).
  public var fScore: Double {
    precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }

  /// - Parameters:
  ///   - first: the mesh to be judged.
  ///   - second: the mesh that it is compared with.
  ///   - threshold: by default a hundredth of the longest side of the second mesh's box.
  public init(
    _ first: Mesh, _ second: Mesh, sampleCount: Int = 100_000, seed: UInt64 = 0,
    target: Target = .surface, threshold: Double? = nil, workers: Workers = Workers()
  ) throws {
    let samples = try [
      SurfaceSampling(first).samples(sampleCount, seed: seed, workers: workers),
      SurfaceSampling(second).samples(sampleCount, seed: seed &+ 1, workers: workers),
    ]
    try self.init(
      (first, samples[0]), (second, samples[1]), seed: seed, target: target, threshold: threshold,
      workers: workers)
  }

  /// With samples that were drawn before.
  public init(
    _ first: (mesh: Mesh, samples: SurfaceSamples), _ second: (mesh: Mesh, samples: SurfaceSamples),
    seed: UInt64 = 0, target: Target = .surface, threshold: Double? = nil,
    workers: Workers = Workers()
  ) throws {
    precondition(
      first.samples.count > 0 && first.samples.count == second.samples.count,
      "\(first.samples.count) samples cannot be compared with \(second.samples.count)")
    let side = second.mesh.bounds?.size.max() ?? 0
    let threshold = threshold ?? side / 100
    precondition(threshold >= 0, "the threshold is \(threshold), expected a distance")
    sampleCount = first.samples.count
    self.seed = seed
    self.target = target
    self.threshold = threshold
    switch target {
    case .surface:
      self.first = try Self.direction(first, second.mesh, threshold, workers)
      self.second = try Self.direction(second, first.mesh, threshold, workers)
    case .samples:
      self.first = Self.direction(first.samples, second.samples, threshold, workers)
      self.second = Self.direction(second.samples, first.samples, threshold, workers)
    }
  }

  private static func direction(
    _ from: (mesh: Mesh, samples: SurfaceSamples), _ mesh: Mesh, _ threshold: Double,
    _ workers: Workers
  ) throws -> Direction {
    let mesh = mesh.withoutFlatFaces
    let tree = try TriangleTree(mesh, workers: workers)
    let found = tree.closestPoints(to: from.samples.points, workers: workers)
    var direction = Direction(threshold, from.samples.normals, found.map { $0.squaredDistance }) {
      mesh.normal(ofFace: found[$0].face)
    }
    let vertices = from.mesh.usedPositions
    for vertex in tree.closestPoints(to: vertices, workers: workers) {
      direction.largestDistance = max(direction.largestDistance, vertex.distance)
    }
    return direction
  }

  private static func direction(
    _ from: SurfaceSamples, _ to: SurfaceSamples, _ threshold: Double, _ workers: Workers
  ) -> Direction {
    let found = PointTree(to.points, workers: workers).nearest(to: from.points, workers: workers)
    return Direction(threshold, from.normals, found.map { $0.squaredDistance }) {
      to.normals[found[$0].index]
    }
  }
}

extension MeshComparison.Direction {
  /// - Parameters:
  ///   - squares: the squared distance of each sample.
  ///   - normal: that of the surface at the point nearest to a sample.
  fileprivate init(
    _ threshold: Double, _ normals: [SIMD3<Double>], _ squares: [Double],
    normal: (Int) -> SIMD3<Double>
  ) {
    var withinThreshold = 0
    for (i, square) in squares.enumerated() {
      let distance = square.squareRoot()
      meanDistance += distance
      meanSquaredDistance += square
      largestDistance = max(largestDistance, distance)
      normalConsistency += abs(normals[i].dot(normal(i)))
      if distance <= threshold { withinThreshold += 1 }
    }
    let count = Double(squares.count)
    meanDistance /= count
    meanSquaredDistance /= count
    normalConsistency /= count
    shareWithinThreshold = Double(withinThreshold) / count
  }
}

extension Mesh {
  /// The unit normal of a face; zero if it has no area.
  func normal(ofFace face: Int) -> SIMD3<Double> {
    let sum = vectorArea(ofFace: face)
    let length = sum.length
    return length > 0 ? sum / length : .zero
  }

  /// Only the faces that have an area, and so a normal.
  fileprivate var withoutFlatFaces: Mesh {
    let kept = (0..<faceCount).filter { vectorArea(ofFace: $0) != .zero }
    guard kept.count < faceCount else { return self }
    return Mesh(positions: positions, faces: kept.map { Array(corners(ofFace: $0)) })
  }

  /// The positions of the vertices that a face uses.
  fileprivate var usedPositions: [SIMD3<Double>] {
    var isUsed = [Bool](repeating: false, count: vertexCount)
    for corner in corners { isUsed[Int(corner)] = true }
    return positions.indices.filter { isUsed[$0] }.map { positions[$0] }
  }
}
