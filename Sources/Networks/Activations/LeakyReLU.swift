import Compute

/// `z` where positive, `slope · z` elsewhere; its slope at 0 is `slope`.
///
/// - Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models",
///   2013; initialisation of He et al., arXiv:1502.01852, equation 15.
public struct LeakyReLU: RealActivation, Equatable {
  public static let name = "leaky-relu"
  public static let constants = [ActivationConstant("slope", default: 0.01)]

  public var slope: Float

  public init(_ values: [Float]) { slope = values[0] }
  public var values: [Float] { [slope] }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    let linear = InitialBounds.linear(inputs: inputs)
    guard position != .last else { return linear }
    let gain = (6 / (1 + Double(slope) * Double(slope))).squareRoot()
    return InitialBounds(weight: gain * linear.weight, bias: linear.bias)
  }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let active = z .> Vector(repeating: 0)
    let slopes = Vector(repeating: slope).replacing(with: 1, where: active)
    return (z * slopes, slopes)
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    let (value, slope) = valueAndSlope(z)
    return (value, slope, Vector(repeating: 0))
  }

  /// The slope is a convention, not a parameter: it is never trained.
  public func constantGradients(scale: [Float], envelope: Float) -> [Float] { [0] }
}
