import Compute

/// A loss given by a formula for one sample; the loop over a tile is written here.
public protocol SamplewiseLoss: Loss {
  /// The losses of sixteen samples and their derivatives with respect to the predictions.
  func lossAndSlope(predicted: Vector, target: Vector) -> (loss: Vector, slope: Vector)
}

extension SamplewiseLoss {
  public func evaluate(
    predicted: Span<Float>, targetsToSlopes slopes: inout MutableSpan<Float>, scale: Float
  ) -> Double {
    precondition(predicted.count == slopes.count)
    var sum = 0.0
    for start in stride(from: 0, to: predicted.count, by: Vector.scalarCount) {
      let lanes = 0..<min(Vector.scalarCount, predicted.count - start)
      var (values, targets) = (Vector(repeating: 0), Vector(repeating: 0))
      for lane in lanes {
        values[lane] = predicted[start + lane]
        targets[lane] = slopes[start + lane]
      }
      let (loss, slope) = lossAndSlope(predicted: values, target: targets)
      for lane in lanes {
        sum += Double(loss[lane])
        slopes[start + lane] = scale * slope[lane]
      }
    }
    return sum
  }
}
