import Compute

/// `|predicted − target|`, with slope 0 where they are equal.
public struct AbsoluteError: SamplewiseLoss {
  public init() {}

  public func lossAndSlope(predicted: Vector, target: Vector) -> (loss: Vector, slope: Vector) {
    let (zero, residual) = (Vector(repeating: 0), predicted - target)
    let slope =
      zero
      .replacing(with: 1, where: residual .> zero)
      .replacing(with: -1, where: residual .< zero)
    return (VectorMath.magnitude(residual), slope)
  }
}
