import Compute
import Networks

/// Samples that say directly what the field should be at their points.
public protocol PointwiseData: Sendable {
  var points: any CoordinateSource { get }
  /// Values of a point.
  var channels: Int { get }

  /// Writes the targets of some points into a tile.
  ///
  /// - Parameters:
  ///   - target: channel `c` of the `i`th point of `rows` goes to `c · stride + i`.
  func copyTargets(of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int)
}

/// Samples whose targets follow the field: from time to time they are computed anew from its values.
///
/// So a network is fitted to measurements that no sample shows alone: the targets are a step from
/// the field towards what the measurements say, and a pass over them is many small batches instead of
/// one step of gradient descent (`Documentation/Math/network-projections.md`).
public protocol FollowingData: AnyObject, PointwiseData {
  /// Steps from one update of the targets to the next.
  var interval: Int { get }

  /// Computes the targets anew.
  ///
  /// - Parameters:
  ///   - values: the field at all points, `channels` numbers a point.
  ///   - step: steps taken so far.
  func update(from values: [Float], step: Int)

  /// What a checkpoint keeps: the targets, and whatever the next update builds on.
  var state: [Float] { get }

  /// Takes up what ``state`` gave, or nothing where its size does not fit.
  func restore(_ state: [Float]) -> Bool
}

/// Samples that are drawn anew for each epoch, points and targets alike.
///
/// Their number stays the same, and so do the numbers of those that take part. Before the first draw
/// the points need only know how many coordinates they have.
public protocol ResampledData: AnyObject, PointwiseData {
  /// Replaces all samples by those of an epoch.
  ///
  /// They depend on the epoch and on what the data were made with, a seed for example, and on nothing
  /// else: a run draws each epoch once, and the one that it is taken up in once more. Nobody reads
  /// the samples meanwhile, so the data need no lock, and may draw with several threads.
  ///
  /// - Parameter epoch: counted from 0.
  func draw(epoch: Int)
}

/// Measurements of the field through an operator: each sees many points.
public protocol OperatorData: Sendable {
  var points: any CoordinateSource { get }
  var channels: Int { get }

  /// The points that some measurements see, in the order in which ``residual`` wants their values.
  func rows(seenBy measurements: ArraySlice<Int32>) -> [Int32]

  /// The loss of some measurements, and its gradient with respect to the field's values.
  ///
  /// - Parameters:
  ///   - values: at ``rows(seenBy:)``, `channels` numbers a point.
  ///   - progress: the share of the run that is over.
  /// - Returns: the mean loss over the measurements, and numbers in the order of `values`.
  func loss(of values: [Float], at measurements: ArraySlice<Int32>, progress: Double)
    -> (mean: Double, gradient: [Float])
}
