import Compute
import Foundation

/// A loss with a second derivative that is nowhere negative, as Gauss-Newton methods want it.
public protocol CurvedLoss: Loss {
  /// ∂²loss/∂predicted² of one sample.
  func curvature(predicted: Float, target: Float) -> Float
}

extension SquaredError: CurvedLoss {
  public func curvature(predicted: Float, target: Float) -> Float { 2 }
}

extension BinaryCrossEntropy: CurvedLoss {
  /// `s(f) (1 − s(f))`, whatever the target.
  public func curvature(predicted f: Float, target: Float) -> Float {
    // By the smaller odds, which do not overflow.
    let odds = exp(-abs(Double(f)))
    return Float(odds / ((1 + odds) * (1 + odds)))
  }
}
