import Networks

/// The activations as the papers write them: values only. All derivatives come from ``Dual``.
public struct ReferenceActivation: Sendable, Equatable {
  /// Whether FINER's factor |z| + 1 is held constant, as in training, or differentiated.
  public enum Derivative: Sendable { case training, exact }

  /// Lanes of the derivatives: Re z, Im z, Re y, Im y, and then the constants.
  static let firstConstantLane = 4

  public let name: String
  public var constants: [Double]

  public init(name: String, constants: [Double]) {
    self.name = name
    self.constants = constants
  }

  /// `φ(z)` or `φ(z, y)`, with its derivatives.
  func value(_ z: Complex, _ y: Complex, _ derivative: Derivative) -> ComplexDual {
    let z = ComplexDual(Dual(z.real, lane: 0), Dual(z.imaginary, lane: 1))
    let y = ComplexDual(Dual(y.real, lane: 2), Dual(y.imaginary, lane: 3))
    let c = constants.enumerated().map { Dual($1, lane: Self.firstConstantLane + $0) }
    let i = ComplexDual(Dual(0), Dual(1))
    switch name {
    case "relu": return ComplexDual(z.real.value > 0 ? z.real : Dual(0))
    case "leaky-relu":
      // The slope is a convention, not a parameter.
      return ComplexDual(z.real.value > 0 ? z.real : c[0].detached * z.real)
    case "soft-relu":
      // As above; the paper's η.
      let beta = c[0].value
      return ComplexDual(z.real * sigmoid(Dual(beta / (1 - beta)) * z.real))
    case "sine": return ComplexDual(sin(c[0] * z.real))
    case "finer":
      let factor = z.real.magnitude + 1
      return ComplexDual(sin(c[0] * (derivative == .exact ? factor : factor.detached) * z.real))
    case "split-sine": return ComplexDual(sin(c[0] * z.real) * sin(c[0] * y.real))
    case "gauss": return ComplexDual(exp(-(c[0] * z.real * c[0] * z.real)))
    case "gabor":
      return ComplexDual(cos(c[0] * z.real) * exp(-(c[1] * y.real * c[1] * y.real)))
    case "wire":
      let envelope = c[1] * c[1] * z.squaredMagnitude
      return exp(i * ComplexDual(c[0]) * z - ComplexDual(envelope))
    case "wire2d":
      let envelope = c[1] * c[1] * (z.squaredMagnitude + y.squaredMagnitude)
      return exp(i * ComplexDual(c[0]) * z - ComplexDual(envelope))
    default: preconditionFailure("the reference does not know the activation \(name)")
    }
  }
}
