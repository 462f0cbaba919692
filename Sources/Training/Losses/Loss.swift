import Compute

/// How wrong a prediction is, sample by sample.
public protocol Loss: Sendable {
  /// The sum of the losses of some samples and their derivatives.
  ///
  /// - Parameters:
  ///   - predicted: the network's values.
  ///   - slopes: in: the targets; out: ∂loss/∂predicted times `scale`.
  ///   - scale: what one sample's loss counts in the mean over the batch.
  /// - Returns: the unscaled sum.
  func evaluate(
    predicted: Span<Float>, targetsToSlopes slopes: inout MutableSpan<Float>, scale: Float
  ) -> Double
}

/// `(predicted − target)²`.
public struct SquaredError: Loss {
  public init() {}

  public func evaluate(
    predicted: Span<Float>, targetsToSlopes slopes: inout MutableSpan<Float>, scale: Float
  ) -> Double {
    precondition(predicted.count == slopes.count)
    var sum = 0.0
    for i in predicted.indices {
      let residual = predicted[i] - slopes[i]
      sum += Double(residual * residual)
      slopes[i] = 2 * scale * residual
    }
    return sum
  }
}
