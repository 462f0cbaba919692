import Compute

/// `cos(ω₀ z) · exp(−(σ₀ y)²)`, with two linear maps `z` and `y` of the same input.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z`; `sigma0` (σ₀) in 1 / unit of `y`.
/// - Source: the real Gabor layer of the WIRE authors' code (arXiv:2301.05187), which initialises
///   as PyTorch does.
public struct RealGabor: RealPairActivation, Equatable {
  public static let name = "gabor"
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
  public func valueAndSlopes(_ z: Vector, _ y: Vector)
    -> (value: Vector, slopes: (Vector, Vector))
  {
    let (sine, cosine) = VectorMath.sinAndCos(z * omega0)
    let scaled = y * sigma0
    let envelope = VectorMath.exp(-(scaled * scaled))
    let value = cosine * envelope
    return (value, (sine * envelope * -omega0, scaled * value * (-2 * sigma0)))
  }

  @inline(__always)
  public func valueSlopesAndCurvatures(_ z: Vector, _ y: Vector)
    -> (value: Vector, slopes: (Vector, Vector), curvatures: (Vector, Vector, Vector))
  {
    let (value, slopes) = valueAndSlopes(z, y)
    // ∂φ/∂y = damping · φ.
    let damping = y * (-2 * sigma0 * sigma0)
    return (
      value, slopes,
      (
        value * -(omega0 * omega0), slopes.0 * damping,
        slopes.1 * damping - value * (2 * sigma0 * sigma0)
      )
    )
  }
}
