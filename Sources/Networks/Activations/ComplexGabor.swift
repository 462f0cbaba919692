import Compute

/// The complex Gabor wavelet `ψ(z) = exp(i ω₀ z − σ₀² |z|²)`.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z`; `sigma0` (σ₀) in 1 / unit of `z`.
/// - Gradient: derivation in `Documentation/Math/gabor-gradient.md`.
/// - Source: Saragadam et al., WIRE, arXiv:2301.05187; initialisation of its code (PyTorch's).
public struct ComplexGabor: ComplexActivation, Equatable {
  public static let name = "wire"
  public static let constants = [
    ActivationConstant("omega0", default: 10), ActivationConstant("sigma0", default: 10),
  ]

  public var omega0: Float
  public var sigma0: Float

  public init(omega0: Float = 10, sigma0: Float = 10) {
    self.omega0 = omega0
    self.sigma0 = sigma0
  }
  public init(_ values: [Float]) { (omega0, sigma0) = (values[0], values[1]) }
  public var values: [Float] { [omega0, sigma0] }

  @inline(__always)
  public func value(_ z: ComplexVector) -> ComplexVector {
    wavelet(z, exponent: (z.squaredMagnitude * -(sigma0 * sigma0)), omega0: omega0)
  }

  @inline(__always)
  public func gradient(_ g: ComplexVector, value: ComplexVector, _ z: ComplexVector)
    -> (z: ComplexVector, envelope: Vector)
  {
    let t = g.conjugate(times: value)
    let damping = t.real * (-2 * sigma0 * sigma0)
    let gradient = ComplexVector(
      (damping * z.real) - t.imaginary * omega0, (damping * z.imaginary) - t.real * omega0)
    return (gradient, damping * z.squaredMagnitude)
  }

  @inline(__always)
  public func tangent(_ zTangent: ComplexVector, value: ComplexVector, _ z: ComplexVector)
    -> ComplexVector
  {
    waveletTangent(
      zTangent, damping: z.dot(zTangent) * (-2 * sigma0 * sigma0), value, omega0: omega0)
  }

  @inline(__always)
  public func gradientTangent(
    _ g: ComplexVector, value: ComplexVector, tangent: ComplexVector, _ z: ComplexVector,
    zTangent: ComplexVector
  ) -> (z: ComplexVector, envelope: Vector) {
    // The gradient is linear in the value, and z itself stands in it once, behind the damping.
    let (ofValue, envelope) = gradient(g, value: tangent, z)
    let damping = g.dot(value) * (-2 * sigma0 * sigma0)
    return (
      ofValue.adding(damping, times: zTangent),
      envelope.addingProduct(2 * damping, z.dot(zTangent))
    )
  }

  public func constantGradients(scale: [Float], envelope: Float) -> [Float] {
    [(scale[0] - envelope) / omega0, envelope / sigma0]
  }
}

/// `exp(i ω₀ z + exponent)` for a real exponent.
@inline(__always)
func wavelet(_ z: ComplexVector, exponent: Vector, omega0: Float) -> ComplexVector {
  let (sine, cosine) = VectorMath.sinAndCos(z.real * omega0)
  let modulus = VectorMath.exp(exponent - z.imaginary * omega0)
  return ComplexVector(modulus * cosine, modulus * sine)
}

/// The tangent of ``wavelet(_:exponent:omega0:)``, from those of `z` and of the exponent.
@inline(__always)
func waveletTangent(
  _ zTangent: ComplexVector, damping: Vector, _ value: ComplexVector, omega0: Float
) -> ComplexVector {
  let factor = ComplexVector(damping - zTangent.imaginary * omega0, zTangent.real * omega0)
  return ComplexVector(
    value.real * factor.real - value.imaginary * factor.imaginary,
    value.real * factor.imaginary + value.imaginary * factor.real)
}
