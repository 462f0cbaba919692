import Compute

/// `sin(ω₀ (|z| + 1) z)`: a sine whose frequency grows with the bias.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z`.
/// - Source: Liu et al., FINER, arXiv:2312.02434. Initialisation as SIREN's; the first layer's
///   biases are spread by `Architecture.firstBias`.
/// - Deviation from calculus: like the paper's code, training takes the factor |z| + 1 for a
///   constant; ``withTrueDerivative`` does not.
public struct FINER: RealActivation, Equatable {
  public static let name = "finer"
  public static let constants = [ActivationConstant("omega0", default: 30)]

  /// How the factor |z| + 1 enters the derivative.
  enum Derivative: Sendable { case factorHeldConstant, exact }

  public var omega0: Float
  var derivative = Derivative.factorHeldConstant

  public init(omega0: Float = 30) { self.omega0 = omega0 }
  public init(_ values: [Float]) { omega0 = values[0] }
  public var values: [Float] { [omega0] }

  public var withTrueDerivative: FINER {
    var copy = self
    copy.derivative = .exact
    return copy
  }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    sineBounds(omega0: omega0, inputs: inputs, position: position)
  }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let magnitude = VectorMath.magnitude(z)
    let frequency = (magnitude + 1) * omega0
    let (sine, cosine) = VectorMath.sinAndCos(frequency * z)
    let slope =
      derivative == .exact ? frequency.addingProduct(magnitude, omega0) : frequency
    return (sine, cosine * slope)
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    // The phase ω₀ (|z| + 1) z has the derivatives ω₀ (2|z| + 1) and ±2ω₀.
    let magnitude = VectorMath.magnitude(z)
    let (sine, cosine) = VectorMath.sinAndCos((magnitude + 1) * omega0 * z)
    let frequency = (2 * magnitude + 1) * omega0
    let growth = Vector(repeating: 2 * omega0)
      .replacing(with: -2 * omega0, where: z .< Vector(repeating: 0))
    return (sine, cosine * frequency, cosine * growth - sine * frequency * frequency)
  }

  /// ω₀ scales what is inside, but not the factor |z| + 1, which the true derivative differentiates.
  public static let trainsConstantsOnSlopes = false

  @inline(__always)
  public func value(_ z: Vector) -> Vector { value(z, remainder: Vector(repeating: 0)) }

  public static let wantsRemainders = true

  @inline(__always)
  public func value(_ z: Vector, remainder: Vector) -> Vector {
    // The phase ω₀ (|z| + 1) z, factor by factor, with what each rounding takes from it.
    let magnitude = VectorMath.magnitude(z)
    let factor = magnitude + 1
    let one = factor - magnitude
    let factorLost = (magnitude - (factor - one)) + (1 - one)
    let product = factor * z
    let slope = factor + magnitude
    let productLost = (-product).addingProduct(factor, z)
      .addingProduct(factorLost, z).addingProduct(slope, remainder)
    let phase = product * omega0
    let phaseLost = (-phase).addingProduct(product, omega0)
    return VectorMath.sin(phase, remainder: phaseLost.addingProduct(productLost, omega0))
  }
}
