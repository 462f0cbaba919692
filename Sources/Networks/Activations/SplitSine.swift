import Compute

/// `sin(ω₀ z) · sin(ω₀ y)`, with two linear maps `z` and `y` of the same input: a split layer of two
/// branches, whose product holds the sums and differences of both branches' frequencies.
///
/// - Units: `omega0` (ω₀) in radians per unit of `z` and `y`.
/// - Source: Cai et al., "Split-layer", arXiv:2511.10142; initialisation as SIREN's, the weights behind
///   the first layer larger by √2, since a product of two sines has half the variance of one.
public struct SplitSine: RealPairActivation, Equatable {
  public static let name = "split-sine"
  public static let constants = [ActivationConstant("omega0", default: 30)]

  public var omega0: Float

  public init(omega0: Float = 30) { self.omega0 = omega0 }
  public init(_ values: [Float]) { omega0 = values[0] }
  public var values: [Float] { [omega0] }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    let bounds = sineBounds(omega0: omega0, inputs: inputs, position: position)
    guard position != .first else { return bounds }
    return InitialBounds(weight: 2.0.squareRoot() * bounds.weight, bias: bounds.bias)
  }

  @inline(__always)
  public func valueAndSlopes(_ z: Vector, _ y: Vector)
    -> (value: Vector, slopes: (Vector, Vector))
  {
    let (zSine, zCosine) = VectorMath.sinAndCos(z * omega0)
    let (ySine, yCosine) = VectorMath.sinAndCos(y * omega0)
    return (zSine * ySine, (zCosine * ySine * omega0, zSine * yCosine * omega0))
  }

  @inline(__always)
  public func valueSlopesAndCurvatures(_ z: Vector, _ y: Vector)
    -> (value: Vector, slopes: (Vector, Vector), curvatures: (Vector, Vector, Vector))
  {
    let (zSine, zCosine) = VectorMath.sinAndCos(z * omega0)
    let (ySine, yCosine) = VectorMath.sinAndCos(y * omega0)
    let value = zSine * ySine
    let square = omega0 * omega0
    return (
      value, (zCosine * ySine * omega0, zSine * yCosine * omega0),
      (-value * square, zCosine * yCosine * square, -value * square)
    )
  }

  /// One constant for both maps.
  public func constantGradients(scale: [Float], envelope: Float) -> [Float] {
    [(scale[0] + scale[1]) / omega0]
  }
}
