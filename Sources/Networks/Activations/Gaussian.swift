import Compute

/// `exp(−(σ₀ z)²)`.
///
/// - Units: `sigma0` (σ₀) in 1 / unit of `z`.
/// - Source: Ramasinghe and Lucey, "Beyond periodicity", arXiv:2111.15135, in the form and with the
///   initialisation of the WIRE authors' comparison (PyTorch's).
public struct Gaussian: RealActivation, Equatable {
  public static let name = "gauss"
  public static let constants = [ActivationConstant("sigma0", default: 30)]

  public var sigma0: Float

  public init(sigma0: Float = 30) { self.sigma0 = sigma0 }
  public init(_ values: [Float]) { sigma0 = values[0] }
  public var values: [Float] { [sigma0] }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let scaled = z * sigma0
    let value = VectorMath.exp(-(scaled * scaled))
    return (value, scaled * value * (-2 * sigma0))
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    let (value, slope) = valueAndSlope(z)
    let square = z * z * (sigma0 * sigma0)
    return (value, slope, value * (4 * square - 2) * (sigma0 * sigma0))
  }
}
