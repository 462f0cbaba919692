import Compute

/// `sin(ω₀ z)`.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z`.
/// - Source: Sitzmann et al., SIREN, arXiv:2006.09661; initialisation of its section 3.2 and, for
///   biases, of its code (PyTorch's).
public struct Sine: RealActivation, Equatable {
  public static let name = "sine"
  public static let constants = [ActivationConstant("omega0", default: 30)]

  public var omega0: Float

  public init(omega0: Float = 30) { self.omega0 = omega0 }
  public init(_ values: [Float]) { omega0 = values[0] }
  public var values: [Float] { [omega0] }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    sineBounds(omega0: omega0, inputs: inputs, position: position)
  }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let (sine, cosine) = VectorMath.sinAndCos(z * omega0)
    return (sine, cosine * omega0)
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    let (value, slope) = valueAndSlope(z)
    return (value, slope, value * -(omega0 * omega0))
  }

  @inline(__always)
  public func value(_ z: Vector) -> Vector { value(z, remainder: Vector(repeating: 0)) }

  public static let wantsRemainders = true

  @inline(__always)
  public func value(_ z: Vector, remainder: Vector) -> Vector {
    let phase = z * omega0
    let lost = (-phase).addingProduct(z, omega0)
    return VectorMath.sin(phase, remainder: lost.addingProduct(remainder, omega0))
  }
}

/// First layer 1/inputs, the others √(6/inputs)/ω₀; biases as PyTorch's.
func sineBounds(omega0: Float, inputs: Int, position: LayerPosition) -> InitialBounds {
  let weight =
    position == .first
    ? 1 / Double(inputs) : (6 / Double(inputs)).squareRoot() / Double(omega0.magnitude)
  return InitialBounds(weight: weight, bias: InitialBounds.linear(inputs: inputs).bias)
}
