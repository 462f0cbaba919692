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
  /// - Returns: the mean loss over the measurements, and numbers in the order of `values`.
  func loss(of values: [Float], at measurements: ArraySlice<Int32>)
    -> (mean: Double, gradient: [Float])
}

/// What a network is trained for.
public enum Objective: Sendable {
  case pointwise(any PointwiseData, any Loss)
  case throughOperator(any OperatorData)

  public var points: any CoordinateSource {
    switch self {
    case .pointwise(let data, _): data.points
    case .throughOperator(let data): data.points
    }
  }

  public var channels: Int {
    switch self {
    case .pointwise(let data, _): data.channels
    case .throughOperator(let data): data.channels
    }
  }
}
