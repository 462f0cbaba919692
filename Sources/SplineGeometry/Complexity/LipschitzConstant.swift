import Compute

/// How the lengths of coordinates and of values are measured for a Lipschitz constant; the same on
/// both sides.
public enum LipschitzNorm: String, Sendable, Codable, CaseIterable {
  /// The sum of absolute values: a map stretches by its largest sum over a column.
  case l1
  /// Euclidean: a map stretches by its largest singular value.
  case l2
  /// The largest absolute value: a map stretches by its largest sum over a row.
  case lInfinity = "linf"

  /// How much a map of two or three inputs stretches at most.
  func operatorNorm(of map: AffineMap) -> Double {
    switch self {
    case .l1: Self.largestColumnSum(map)
    case .l2: map.thinSingularValues.operatorNorm
    case .lInfinity: Self.largestRowSum(map)
    }
  }

  static func largestColumnSum(_ map: AffineMap) -> Double {
    (0..<map.inputs).reduce(0) { largest, axis in
      max(largest, (0..<map.outputs).reduce(0) { $0 + abs(map.gradients[$1 * map.inputs + axis]) })
    }
  }

  static func largestRowSum(_ map: AffineMap) -> Double {
    (0..<map.outputs).reduce(0) { largest, output in
      max(largest, map.gradient(ofOutput: output).reduce(0) { $0 + abs($1) })
    }
  }
}

/// The exact Lipschitz constant of a network on a convex domain: the largest factor by which it
/// stretches a distance, `max ‖A‖` over all linear regions of the domain.
///
/// - Units: values per coordinate.
/// - Source: the maximum over regions: Jordan and Dimakis, "Exactly computing the local Lipschitz
///   constant of ReLU networks", NeurIPS 2020, arXiv:2003.01219.
public struct LipschitzConstant: Sendable, Equatable, Codable {
  public let norm: LipschitzNorm
  public let value: Double
  /// A point inside the region that stretches most, the first one of several.
  public let point: [Double]
  /// Activation regions that were looked at.
  public let visitedRegionCount: Int
  /// Cells of some layer that were left out with all regions in them, which cannot stretch more.
  public let discardedCellCount: Int
}

extension SplineNetwork {
  /// The exact Lipschitz constant on a domain of the plane or of space, by branch and bound.
  ///
  /// The walk through the regions leaves out cells whose bound (``JacobianBounds``) is not above the
  /// largest norm so far, which begins with that of sampled points. For bounds that hold everywhere,
  /// see ``norms()``; for more inputs, ``lipschitzSample(at:norm:workers:)``.
  ///
  /// - Returns: the same for any number of workers.
  public func lipschitzConstant(
    in domain: SplineDomain, norm: LipschitzNorm = .l2, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LipschitzConstant {
    guard inputs == domain.dimension else {
      throw .inputCount(found: inputs, expected: domain.dimension)
    }
    let points = domain.randomPoints(count: 1024, seed: 0).map { point in
      (0..<inputs).map { point[$0] }
    }
    let largest = derivatives(at: points, workers: workers).reduce(0) {
      max($0, norm.operatorNorm(of: $1))
    }
    // A little less, as the walk composes the maps in another order.
    let sampled = (1 - 1e-9) * largest
    let found = try lipschitzConstant(in: domain, norm, above: sampled, workers)
    // A sampled region thinner than the tolerance is none for the walk.
    return found.value >= sampled && found.visitedRegionCount > 0
      ? found : try lipschitzConstant(in: domain, norm, above: -1, workers)
  }

  /// - Parameter known: a norm that some region of the domain has at least.
  private func lipschitzConstant(
    in domain: SplineDomain, _ norm: LipschitzNorm, above known: Double, _ workers: Workers
  ) throws(SplineNetworkError) -> LipschitzConstant {
    let bounds = JacobianBounds(self)
    let parts = try walk(domain, purpose: .allCells, workers: workers) {
      SteepestVisitor(norm, above: known, bounds)
    }
    var best = SteepestVisitor(norm, above: known, bounds)
    for part in parts { best.add(part.visitor) }
    return LipschitzConstant(
      norm: norm, value: max(best.value, 0),
      point: (0..<domain.dimension).map { best.point[$0] }, visitedRegionCount: best.count,
      discardedCellCount: parts.reduce(0) { $0 + $1.tally.discardedCount })
  }
}

/// The region with the largest norm; of equal ones the first.
private struct SteepestVisitor: LeafVisitor, Sendable {
  private let norm: LipschitzNorm
  private let known: Double
  private var bounds: JacobianBounds
  private(set) var value = -Double.infinity
  private(set) var point = SIMD3<Double>.zero
  private(set) var count = 0

  init(_ norm: LipschitzNorm, above known: Double, _ bounds: JacobianBounds) {
    self.norm = norm
    self.known = known
    self.bounds = bounds
  }

  mutating func excludes(_ cell: CellStack.Cell, layer: Int, in walk: borrowing CellWalk) -> Bool {
    // All layers are still to come: no bound is any good.
    guard layer > 0 else { return false }
    let limits = bounds.bounds(
      on: walk.stack.positions.span.extracting(cell.vertices), layer: layer,
      block: walk.blocks[layer])
    // The norms do not shrink when absolute values of entries grow.
    let dimension = walk.domain.dimension
    let map = AffineMap(
      inputs: dimension, gradients: limits.flatMap { limit in (0..<dimension).map { limit[$0] } },
      constants: limits.map { _ in 0 })
    // Far more than rounding.
    return (1 + 1e-12) * norm.operatorNorm(of: map) <= max(known, value)
  }

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let found = norm.operatorNorm(of: walk.affineMap)
    count += 1
    guard found > value else { return }
    value = found
    let vertices = walk.stack.positions[cell.vertices]
    point = vertices.reduce(.zero, +) / Double(vertices.count)
  }

  mutating func add(_ other: SteepestVisitor) {
    if other.value > value { (value, point) = (other.value, other.point) }
    count += other.count
  }
}
