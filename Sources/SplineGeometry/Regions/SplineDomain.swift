import Foundation
import Meshes

/// The convex part of the plane or of space that is looked at.
public struct SplineDomain: Sendable {
  /// 2 or 3.
  public let dimension: Int
  let cell: ConvexCell
  /// Outward unit normals, and in `w` minus the offsets: a side is where its form is 0.
  let sides: [AffineForm]
  /// The largest extent or coordinate: what distances are judged by.
  let extent: Double

  /// Points nearer to a plane than this count as on it.
  ///
  /// It is 10⁻¹³ of the domain's extent: a hundred times what rounding does to a vertex, so that
  /// neurons which meet exactly are seen to meet, and no more than that. A larger tolerance makes
  /// nearly degenerate networks worse: of 400 networks with weights −1, 0 and 1 plus noise of 10⁻⁹,
  /// 10⁻¹¹ leaves gaps or cells that do not add up in 171, 10⁻¹² in 41, 10⁻¹³ in 5.
  var tolerance: Double { 1e-13 * extent }

  public static func box(_ box: Box) throws(SplineNetworkError) -> SplineDomain {
    let (a, b) = (box.lower, box.upper)
    let size = b - a
    guard size.min() > 0, size.max().isFinite, a.min().isFinite, b.max().isFinite else {
      throw .emptyDomain("has the sides \(size.x), \(size.y), \(size.z), expected positive ones")
    }
    let corners = (0..<8).map { k in
      SIMD3(k & 1 == 0 ? a.x : b.x, k & 2 == 0 ? a.y : b.y, k & 4 == 0 ? a.z : b.z)
    }
    let cell = ConvexCell(
      positions: corners,
      facets: [
        [0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6],
      ])
    let sides = [
      AffineForm(-1, 0, 0, a.x), AffineForm(1, 0, 0, -b.x), AffineForm(0, -1, 0, a.y),
      AffineForm(0, 1, 0, -b.y), AffineForm(0, 0, -1, a.z), AffineForm(0, 0, 1, -b.z),
    ]
    let extent = max(length(size), b.max(), -a.min())
    return SplineDomain(dimension: 3, cell: cell, sides: sides, extent: extent)
  }

  public static func rectangle(
    x: ClosedRange<Double>, y: ClosedRange<Double>
  ) throws(SplineNetworkError) -> SplineDomain {
    try polygon([
      [x.lowerBound, y.lowerBound], [x.upperBound, y.lowerBound], [x.upperBound, y.upperBound],
      [x.lowerBound, y.upperBound],
    ])
  }

  /// - Parameter corners: of a strictly convex polygon, counter-clockwise.
  public static func polygon(_ corners: [SIMD2<Double>]) throws(SplineNetworkError) -> SplineDomain
  {
    guard corners.count >= 3 else {
      throw .emptyDomain("has \(corners.count) corners, expected at least 3")
    }
    var sides: [AffineForm] = []
    var turning = 0.0
    for k in corners.indices {
      let (a, b) = (corners[k], corners[(k + 1) % corners.count])
      let c = corners[(k + 2) % corners.count]
      let (along, next) = (b - a, c - b)
      let extent = (along * along).sum().squareRoot()
      let turn = along.x * next.y - along.y * next.x
      guard turn > 0, extent.isFinite else {
        throw .emptyDomain("is no convex polygon with its corners counter-clockwise")
      }
      turning += atan2(turn, (along * next).sum())
      let normal = SIMD2(along.y, -along.x) / extent
      sides.append(AffineForm(normal.x, normal.y, 0, -(normal * a).sum()))
    }
    guard turning < 3 * Double.pi else {
      throw .emptyDomain("is a polygon that winds around more than once")
    }
    let cell = ConvexCell(
      positions: corners.map { [$0.x, $0.y, 0] }, facets: [corners.indices.map { Int32($0) }])
    let lower = corners.reduce(corners[0]) { pointwiseMin($0, $1) }
    let upper = corners.reduce(corners[0]) { pointwiseMax($0, $1) }
    let diameter = ((upper - lower) * (upper - lower)).sum().squareRoot()
    let extent = max(diameter, upper.max(), -lower.min())
    return SplineDomain(dimension: 2, cell: cell, sides: sides, extent: extent)
  }

  /// The same with memory of its own, for one thread.
  var unshared: SplineDomain {
    SplineDomain(dimension: dimension, cell: cell, sides: sides.map { $0 }, extent: extent)
  }

  /// Points all over the domain: its corners, its centre, and points between.
  var samples: [SIMD3<Double>] {
    let corners = cell.positions
    let center = corners.reduce(SIMD3.zero, +) / Double(corners.count)
    var samples = [center]
    for corner in corners {
      for share in [0.25, 0.5, 0.75, 1] { samples.append(center + share * (corner - center)) }
    }
    return samples
  }
}
