import Compute

/// `max(z, 0)`, with slope 0 at 0.
///
/// - Source: initialisation of He et al., arXiv:1502.01852, equation 10 (uniform form); biases as
///   PyTorch draws them, since zero biases would let every kink pass through the origin.
public struct ReLU: RealActivation, Equatable {
  public static let name = "relu"
  public static let constants: [ActivationConstant] = []

  public init(_ values: [Float] = []) {}
  public var values: [Float] { [] }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    let linear = InitialBounds.linear(inputs: inputs)
    guard position != .last else { return linear }
    return InitialBounds(weight: 6.0.squareRoot() * linear.weight, bias: linear.bias)
  }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let zero = Vector(repeating: 0)
    let active = z .> zero
    return (VectorMath.positivePart(z), zero.replacing(with: 1, where: active))
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    let (value, slope) = valueAndSlope(z)
    return (value, slope, Vector(repeating: 0))
  }

  @inline(__always)
  public func value(_ z: Vector) -> Vector { VectorMath.positivePart(z) }
}
