import Compute
import Meshes

/// How much of the space that two solids fill together they have in common, counted by points.
public struct VolumeOverlap: Sendable, Equatable {
  /// Points in both, and in one at least.
  public private(set) var intersectionCount = 0
  public private(set) var unionCount = 0

  public init() {}

  /// Counts a point.
  mutating func count(_ isInFirst: Bool, _ isInSecond: Bool) {
    if isInFirst && isInSecond { intersectionCount += 1 }
    if isInFirst || isInSecond { unionCount += 1 }
  }

  /// Counts points, of which it is known where they are.
  package init(_ areInFirst: [Bool], _ areInSecond: [Bool]) {
    precondition(areInFirst.count == areInSecond.count)
    for i in areInFirst.indices { count(areInFirst[i], areInSecond[i]) }
  }

  package static func += (sum: inout VolumeOverlap, other: VolumeOverlap) {
    sum.intersectionCount += other.intersectionCount
    sum.unionCount += other.unionCount
  }

  /// Intersection over union, 1 for equal solids; nil if no point is in either.
  public var iou: Double? {
    unionCount > 0 ? Double(intersectionCount) / Double(unionCount) : nil
  }

  /// The standard error of ``iou`` for random points: of those in the union, the share in both is that
  /// of independent trials.
  public var standardError: Double? {
    iou.map { ($0 * (1 - $0) / Double(unionCount)).squareRoot() }
  }
}

extension VolumeOverlap {
  /// The solids in two meshes, counted by random points in the box around both.
  ///
  /// A point is in a solid if the surface winds around it by more than a half, so that meshes with
  /// holes or flipped faces have an inside, too.
  ///
  /// - Parameter seed: every 4096 points have a stream of random numbers of their own.
  public init(
    _ first: TriangleTree, _ second: TriangleTree, pointCount: Int, seed: UInt64,
    workers: Workers = Workers()
  ) {
    precondition(pointCount >= 1, "\(pointCount) points cannot be counted")
    let box = Box(
      lower: pointwiseMin(first.bounds.lower, second.bounds.lower),
      upper: pointwiseMax(first.bounds.upper, second.bounds.upper))
    self.init()
    // Some at a time, so that memory does not grow with their number.
    let pointsAtOnce = 1 << 20
    for start in stride(from: 0, to: pointCount, by: pointsAtOnce) {
      let points = randomPoints(
        start..<min(start + pointsAtOnce, pointCount), seed: seed, workers: workers
      ) { _, random in random.nextPoint(in: box) }
      self += VolumeOverlap(
        first.areInside(points, workers: workers), second.areInside(points, workers: workers))
    }
  }
}
