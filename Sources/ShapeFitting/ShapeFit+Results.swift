import Compute
import Foundation
import Meshes
import Networks
import Training

/// How well a network's solid matches the one that it was fitted to.
public struct ShapeFitMetrics: Sendable, Codable, Equatable {
  /// Intersection over union on all samples of the grid.
  public let iou: Double
  /// Samples of the grid along x, y and z.
  public let grid: [Int]
  /// Intersection over union of random points of the box that no epoch had, its standard error, and how
  /// many points there were.
  public let iouRandom: Double
  public let iouStandardError: Double
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
  /// How many voxels a volume has along x, y and z, and how many samples the grid of a mesh.
  public var voxelCounts: SIMD3<Int> { solid.grid.counts }

  public var surface: NetworkSurface {
    NetworkSurface(trainer.network, field, workers: workers)
  }

  /// Judges the network as trained so far.
  ///
  /// - Parameters:
  ///   - surface: the network's, in the mesh's coordinates.
  ///   - progress: gets the share of the grid that is done; ends the judging by returning false.
  /// - Returns: nil if `progress` ended it.
  public func metrics(
    surface: Mesh, stop: StopReason, rowsPerSecond: Double,
    progress: (_ share: Double) -> Bool = { _ in true }
  ) throws -> ShapeFitMetrics? {
    guard let onGrid = gridOverlap(progress) else { return nil }
    let random = randomOverlap()
    let comparison = try mesh.flatMap { mesh in
      surface.faceCount > 0 && isWhole(mesh)
        ? try MeshComparison(surface, mesh, workers: workers) : nil
    }
    let counts = solid.grid.counts
    return ShapeFitMetrics(
      iou: onGrid.iou, grid: [counts.x, counts.y, counts.z], iouRandom: random.iou,
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

  /// Points that judge a fit.
  private static let randomPoints = 1 << 18
  /// Of random numbers that no epoch has.
  private static let judgingStream: UInt64 = 9

  /// Of random points of the whole box.
  package func randomOverlap() -> Overlap {
    var random = SplitMix64(seed: configuration.training.seed, stream: Self.judgingStream)
    let points = solid.uniformPoints(
      Self.randomPoints, seed: random.next(), workers: workers)
    return overlap(points, FieldEvaluator(trainer.network, workers: workers))
  }

  /// Of all samples of the grid, some planes at a time.
  package func gridOverlap(_ progress: (_ share: Double) -> Bool) -> Overlap? {
    let grid = solid.grid
    let evaluator = FieldEvaluator(trainer.network, workers: workers)
    var sum = Overlap()
    let planesAtOnce = max(1, (1 << 20) / grid.planeCount)
    for first in stride(from: 0, to: grid.counts.z, by: planesAtOnce) {
      var points: [SIMD3<Double>] = []
      for z in first..<min(first + planesAtOnce, grid.counts.z) {
        for y in 0..<grid.counts.y {
          for x in 0..<grid.counts.x {
            points.append(grid.position([Double(x), Double(y), Double(z)]))
          }
        }
      }
      sum += overlap(points, evaluator)
      guard progress(Double(min(first + planesAtOnce, grid.counts.z)) / Double(grid.counts.z))
      else { return nil }
    }
    return sum
  }

  private func overlap(_ points: [SIMD3<Double>], _ evaluator: FieldEvaluator) -> Overlap {
    let values = evaluator.values(
      at: Matrix(rows: points.count, columns: 3, elements: points.coordinates))
    let truth = solid.areInside(points, workers: workers)
    var overlap = Overlap()
    for i in truth.indices { overlap.add(truth[i], field.isInside(values[i])) }
    return overlap
  }
}

/// How many points two solids have in common, and how many at least one of them has.
package struct Overlap: Sendable, Equatable {
  package private(set) var intersection = 0
  package private(set) var union = 0

  package init() {}

  package mutating func add(_ first: Bool, _ second: Bool) {
    if first && second { intersection += 1 }
    if first || second { union += 1 }
  }

  package static func += (sum: inout Overlap, other: Overlap) {
    sum.intersection += other.intersection
    sum.union += other.union
  }

  /// 1 where both solids are empty.
  package var iou: Double { union > 0 ? Double(intersection) / Double(union) : 1 }

  /// That of a share of `union` independent points.
  package var standardError: Double {
    union > 0 ? (iou * (1 - iou) / Double(union)).squareRoot() : 0
  }
}
