import Compute

/// The two-dimensional complex Gabor wavelet `ψ(z, y) = exp(i ω₀ z − σ₀² (|z|² + |y|²))`, with two
/// linear maps `z` and `y` of the same input.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z`; `sigma0` (σ₀) in 1 / unit of `z` and `y`.
/// - Gradient: derivation in `Documentation/Math/gabor-gradient.md`.
/// - Source: Saragadam et al., WIRE, arXiv:2301.05187, section 3.2; initialisation of its code
///   (PyTorch's).
public struct ComplexGabor2D: ComplexPairActivation, Equatable {
  public static let name = "wire2d"
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
  public func value(_ z: ComplexVector, _ y: ComplexVector) -> ComplexVector {
    let square = z.squaredMagnitude + y.squaredMagnitude
    return wavelet(z, exponent: square * -(sigma0 * sigma0), omega0: omega0)
  }

  @inline(__always)
  public func gradient(
    _ g: ComplexVector, value: ComplexVector, _ z: ComplexVector, _ y: ComplexVector
  ) -> (z: ComplexVector, y: ComplexVector, envelope: Vector) {
    let t = g.conjugate(times: value)
    let damping = t.real * (-2 * sigma0 * sigma0)
    let gradient = ComplexVector(
      (damping * z.real) - t.imaginary * omega0, (damping * z.imaginary) - t.real * omega0)
    let other = ComplexVector(damping * y.real, damping * y.imaginary)
    return (gradient, other, damping * z.squaredMagnitude)
  }

  @inline(__always)
  public func tangent(
    _ zTangent: ComplexVector, _ yTangent: ComplexVector, value: ComplexVector,
    _ z: ComplexVector, _ y: ComplexVector
  ) -> ComplexVector {
    let damping = (z.dot(zTangent) + y.dot(yTangent)) * (-2 * sigma0 * sigma0)
    return waveletTangent(zTangent, damping: damping, value, omega0: omega0)
  }

  @inline(__always)
  public func gradientTangent(
    _ g: ComplexVector, value: ComplexVector, tangent: ComplexVector, _ z: ComplexVector,
    _ y: ComplexVector, zTangent: ComplexVector, yTangent: ComplexVector
  ) -> (z: ComplexVector, y: ComplexVector, envelope: Vector) {
    // The gradient is linear in the value; z and y themselves stand in it behind the damping.
    let (ofValue, otherOfValue, envelope) = gradient(g, value: tangent, z, y)
    let damping = g.dot(value) * (-2 * sigma0 * sigma0)
    return (
      ofValue.adding(damping, times: zTangent), otherOfValue.adding(damping, times: yTangent),
      envelope.addingProduct(2 * damping, z.dot(zTangent))
    )
  }

  public func constantGradients(scale: [Float], envelope: Float) -> [Float] {
    [(scale[0] - envelope) / omega0, (envelope + scale[1]) / sigma0]
  }
}
