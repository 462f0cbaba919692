import Compute
import Training

/// `(f − t)²` of a field that is read as `max(f, 0)`: where the target is zero, a value below is as right
/// as zero is, and costs nothing.
///
/// The plain squared error would leave the field's errors on both sides of zero, where cutting off the
/// negative ones makes a bias, small at a pixel, but of one sign along every ray.
package struct NonNegativeSquaredError: SamplewiseLoss, CurvedLoss {
  package init() {}

  package func lossAndSlope(predicted: Vector, target: Vector) -> (loss: Vector, slope: Vector) {
    let zero = Vector(repeating: 0)
    let residual = (predicted - target).replacing(
      with: zero, where: (target .<= zero) .& (predicted .< zero))
    return (residual * residual, residual + residual)
  }

  package func curvature(predicted: Float, target: Float) -> Float {
    target <= 0 && predicted < 0 ? 0 : 2
  }
}
