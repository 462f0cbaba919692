import Compute

/// How the lengths of coordinates and of values are measured for a Lipschitz constant; the same on
/// both sides.
public enum LipschitzNorm: String, Sendable, Codable, CaseIterable {
  /// The sum of absolute values: a map stretches by its largest sum over a column.
  case l1
  /// Euclidean: a map stretches by its largest singular value.
  case l2
  /// The largest absolute value: a map stretches by its largest sum over a row.
  case lInfinity

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
  /// Activation regions that were looked at: all.
  public let regionCount: Int
}

extension SplineNetwork {
  /// The exact Lipschitz constant on a domain of the plane or of space.
  ///
  /// All regions are looked at. For bounds that hold everywhere, see ``norms()``; for more inputs,
  /// ``lipschitzSample(at:norm:workers:)``.
  ///
  /// - Returns: the same for any number of workers.
  public func lipschitzConstant(
    in domain: SplineDomain, norm: LipschitzNorm = .l2, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LipschitzConstant {
    let parts = try walk(domain, purpose: .allCells, workers: workers) {
      SteepestVisitor(norm: norm)
    }
    var best = SteepestVisitor(norm: norm)
    for part in parts { best.add(part.visitor) }
    return LipschitzConstant(
      norm: norm, value: best.value, point: (0..<domain.dimension).map { best.point[$0] },
      regionCount: best.count)
  }
}

/// The region with the largest norm; of equal ones the first.
private struct SteepestVisitor: LeafVisitor, Sendable {
  let norm: LipschitzNorm
  var value = 0.0
  var point = SIMD3<Double>.zero
  var count = 0

  init(norm: LipschitzNorm) { self.norm = norm }

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let found = norm.operatorNorm(of: walk.affineMap)
    count += 1
    guard found > value || count == 1 else { return }
    value = found
    let vertices = walk.stack.positions[cell.vertices]
    point = vertices.reduce(.zero, +) / Double(vertices.count)
  }

  mutating func add(_ other: SteepestVisitor) {
    if other.count > 0, other.value > value || count == 0 {
      (value, point) = (other.value, other.point)
    }
    count += other.count
  }
}
