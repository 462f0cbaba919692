import Compute
import Meshes

/// How much of the space that two solids fill together they have in common, counted by random points
/// in the box around both.
///
/// A point is in a solid if the surface winds around it by more than a half, so that meshes with
/// holes or flipped faces have an inside, too.
public struct VolumeOverlap: Sendable, Equatable {
  public let pointCount: Int
  /// Points in both, and in one at least.
  public let intersectionCount: Int
  public let unionCount: Int
  /// Of the box that the points are drawn in.
  public let boxVolume: Double

  /// Intersection over union, 1 for equal solids; nil if no point is in either.
  public var iou: Double? {
    unionCount > 0 ? Double(intersectionCount) / Double(unionCount) : nil
  }

  /// The standard error of ``iou``: of the points in the union, the share in both is that of
  /// independent trials.
  public var standardError: Double? {
    iou.map { ($0 * (1 - $0) / Double(unionCount)).squareRoot() }
  }

  /// - Parameter seed: every 4096 points have a stream of random numbers of their own.
  public init(
    _ first: TriangleTree, _ second: TriangleTree, pointCount: Int, seed: UInt64,
    workers: Workers = Workers()
  ) {
    precondition(pointCount >= 1, "\(pointCount) points cannot be counted")
    let box = Box(
      lower: pointwiseMin(first.bounds.lower, second.bounds.lower),
      upper: pointwiseMax(first.bounds.upper, second.bounds.upper))
    self.pointCount = pointCount
    boxVolume = box.size.x * box.size.y * box.size.z
    var counts = (both: 0, any: 0)
    // Some at a time, so that memory does not grow with their number.
    let chunk = 4096
    let chunksAtOnce = 256
    let chunkCount = (pointCount + chunk - 1) / chunk
    for start in stride(from: 0, to: chunkCount, by: chunksAtOnce) {
      let numbers = start..<min(start + chunksAtOnce, chunkCount)
      let points = workers.map(numbers.count) { _, i in
        let number = numbers.lowerBound + i
        var random = SplitMix64(seed: seed, stream: UInt64(number))
        return (0..<min(chunk, pointCount - number * chunk)).map { _ in
          box.lower + box.size * [random.nextUnit(), random.nextUnit(), random.nextUnit()]
        }
      }.flatMap { $0 }
      let isInFirst = first.areInside(points, workers: workers)
      let isInSecond = second.areInside(points, workers: workers)
      for i in points.indices {
        if isInFirst[i] && isInSecond[i] { counts.both += 1 }
        if isInFirst[i] || isInSecond[i] { counts.any += 1 }
      }
    }
    intersectionCount = counts.both
    unionCount = counts.any
  }
}
