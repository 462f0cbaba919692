import Compute

/// `z · sigmoid(η z)` with `η = β / (1 − β)`: a ReLU whose choice between `z` and 0 is soft.
///
/// β is 0 for `z / 2`, which leaves the choice open, ½ for SiLU (swish with factor 1), and ReLU in the
/// limit 1.
///
/// - Units: `beta` (β) has none; η is in 1 / unit of `z`.
/// - Source: Balestriero and Baraniuk, "From hard to soft", arXiv:1810.09274: β-VQ inference of the
///   regions of a ReLU (derivation: `Documentation/Math/soft-splines.md`). As swish: Ramachandran et
///   al., arXiv:1710.05941, whose own β is our η. Initialisation as ReLU's.
public struct SoftReLU: RealActivation, Equatable {
  public static let name = "soft-relu"
  public static let constants = [ActivationConstant("beta", default: 0.5, in: 0..<1)]

  public let beta: Float

  public init(beta: Float = 0.5) {
    precondition(beta >= 0 && beta < 1, "beta is \(beta), expected a number from 0 to below 1")
    self.beta = beta
  }
  public init(_ values: [Float]) { self.init(beta: values[0]) }
  public var values: [Float] { [beta] }

  /// η, the factor of the sigmoid.
  public var hardness: Float { beta / (1 - beta) }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    ReLU().initialBounds(inputs: inputs, position: position)
  }

  /// What both signs of `z` share, with `m = |η z|` (at most 88, where the sigmoid has reached 0 and
  /// 1): the sigmoid of `m` and that of `−m`. Nothing in it overflows.
  @inline(__always)
  private func assignment(_ z: Vector) -> (m: Vector, likely: Vector, unlikely: Vector) {
    let magnitude = VectorMath.magnitude(z * hardness)
    let m = magnitude.replacing(with: 88, where: magnitude .> 88)
    let t = VectorMath.exp(-m)
    let likely = 1 / (1 + t)
    return (m, likely, t * likely)
  }

  @inline(__always)
  public func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector) {
    let (value, slope, _) = valueSlopeAndCurvature(z)
    return (value, slope)
  }

  @inline(__always)
  public func valueSlopeAndCurvature(_ z: Vector)
    -> (value: Vector, slope: Vector, curvature: Vector)
  {
    let (m, likely, unlikely) = assignment(z)
    let isOn = z .> 0
    let on = unlikely.replacing(with: likely, where: isOn)
    // The sigmoid's own slope.
    let bell = likely * unlikely
    let tilt = m * bell
    let slope = on + (-tilt).replacing(with: tilt, where: isOn)
    let curvature = bell * (2 - m * (likely - unlikely)) * hardness
    return (z * on, slope, curvature)
  }

  @inline(__always)
  public func value(_ z: Vector) -> Vector {
    let (_, likely, unlikely) = assignment(z)
    return z * unlikely.replacing(with: likely, where: z .> 0)
  }

  /// How hard the choice is, is a setting, not a parameter: it is never trained.
  public func constantGradients(scale: [Float], envelope: Float) -> [Float] { [0] }
}
