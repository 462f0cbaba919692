import Compute
import Foundation
import Meshes
import Networks
import Training

/// How well a network's solid matches the one that it was fitted to.
public struct ShapeFitMetrics: Sendable, Codable, Equatable {
  /// Intersection over union on all voxels of the grid; nil if it was not wanted, or if nothing is
  /// inside.
  public let iou: Double?
  /// Voxels of the grid along x, y and z.
  public let grid: [Int]
  /// Intersection over union of random points of the box that no epoch had (of a volume, the middles of
  /// random voxels), its standard error, and how many points there were; nil if none is inside.
  public let iouRandom: Double?
  public let iouStandardError: Double?
  public let randomPoints: Int
  /// Of the network's surface against the mesh, in the mesh's unit; nil of a volume, of a mesh that the
  /// box cuts, or without surface.
  public let chamferL1: Double?
  public let hausdorff: Double?
  public let normalConsistency: Double?
  public let fScore: Double?
  public let fScoreThreshold: Double?
  public let steps: Int
  public let seconds: Double
  public let rowsPerSecond: Double
  public let stop: String
}

extension ShapeFit {
  /// How many voxels a volume has along x, y and z, and how many the grid of a mesh.
  public var voxelCounts: SIMD3<Int> { truth.grid.counts }

  public var surface: NetworkSurface {
    NetworkSurface(trainer.network, field, workers: workers)
  }

  /// Judges the network as trained so far.
  ///
  /// - Parameters:
  ///   - surface: the network's, in the mesh's coordinates.
  ///   - progress: gets the share of the grid that is done; by returning false it leaves the rest of the
  ///     grid, and so its figure, out.
  public func metrics(
    surface: Mesh, stop: StopReason, rowsPerSecond: Double,
    progress: (_ share: Double) -> Bool = { _ in true }
  ) throws -> ShapeFitMetrics {
    let (onGrid, random) = (gridOverlap(progress), randomOverlap())
    let comparison = try mesh.flatMap { mesh in
      surface.faceCount > 0 && isWhole(mesh)
        ? try MeshComparison(surface, mesh, workers: workers) : nil
    }
    let counts = voxelCounts
    return ShapeFitMetrics(
      iou: onGrid?.iou, grid: [counts.x, counts.y, counts.z], iouRandom: random.iou,
      iouStandardError: random.standardError, randomPoints: Self.randomPoints,
      chamferL1: comparison?.chamferL1, hausdorff: comparison?.hausdorff,
      normalConsistency: comparison?.normalConsistency, fScore: comparison?.fScore,
      fScoreThreshold: comparison?.threshold, steps: trainer.step, seconds: trainer.seconds,
      rowsPerSecond: rowsPerSecond, stop: stop.rawValue)
  }

  /// Whether the mesh is all in the box: of one that is cut, the network has a part, and distances to
  /// the whole say nothing about the fit.
  private func isWhole(_ mesh: Mesh) -> Bool {
    guard let bounds = mesh.bounds?.mapped(by: field.transformation) else { return false }
    return (bounds.lower - field.box.lower).min() >= 0
      && (field.box.upper - bounds.upper).min() >= 0
  }

  // MARK: Overlap

  /// Points that judge a fit, and those of them, the first, that judge it along the run.
  private static let randomPoints = 1 << 18
  private static let randomPointsAlongTheRun = 1 << 16
  /// Of random numbers that no epoch has.
  private static let judgingStream: UInt64 = 9

  /// The first of the random points of the whole box, for the network, and whether they are inside.
  private func randomPoints(_ count: Int) -> (points: Matrix, areInside: [Bool]) {
    var random = SplitMix64(seed: configuration.training.seed, stream: Self.judgingStream)
    let points = truth.uniformPoints(count, seed: random.next(), workers: workers)
    return (
      Matrix(rows: count, columns: 3, elements: points.coordinates),
      truth.areInside(points, workers: workers)
    )
  }

  /// What the network has inside, of points.
  private func areInside(_ points: Matrix) -> [Bool] {
    trainer.values(at: points).map(field.isInside)
  }

  /// Of random points of the whole box.
  package func randomOverlap() -> VolumeOverlap {
    let (points, truth) = randomPoints(Self.randomPoints)
    return VolumeOverlap(truth, areInside(points))
  }

  /// As the history calls the intersection over union.
  package static let iouName = "iou"

  /// The intersection over union along the run: twenty times, but less often where that would take more
  /// than a twentieth of the time. (A step takes three times as long as values.)
  var iouAlongTheRun: RunMeasure {
    let (points, truth) = randomPoints(Self.randomPointsAlongTheRun)
    let training = configuration.training
    let interval = max(
      training.steps / 20, 8 * Self.randomPointsAlongTheRun / training.batch, 1)
    return RunMeasure(Self.iouName, .every(interval)) { _ in
      VolumeOverlap(truth, self.areInside(points)).iou
    }
  }

  /// Of all voxels of the grid, some planes at a time.
  package func gridOverlap(_ progress: (_ share: Double) -> Bool) -> VolumeOverlap? {
    let grid = truth.grid
    var sum = VolumeOverlap()
    let planesAtOnce = max(1, (1 << 20) / grid.planeCount)
    for first in stride(from: 0, to: grid.counts.z, by: planesAtOnce) {
      let planes = first..<min(first + planesAtOnce, grid.counts.z)
      let rows = workers.map(planes.count * grid.counts.y) { _, row in
        let (z, y) = row.quotientAndRemainder(dividingBy: grid.counts.y)
        return (0..<grid.counts.x).map { grid.middle($0, y, planes.lowerBound + z) }
      }
      let points = rows.flatMap { $0 }
      sum += VolumeOverlap(
        truth.areInside(points, workers: workers),
        areInside(Matrix(rows: points.count, columns: 3, elements: points.coordinates)))
      guard progress(Double(planes.upperBound) / Double(grid.counts.z)) else { return nil }
    }
    return sum
  }
}
