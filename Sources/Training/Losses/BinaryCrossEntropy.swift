import Compute

/// `−t log s(f) − (1 − t) log(1 − s(f))` with the logistic function `s(f) = 1 / (1 + e⁻ᶠ)`, in nats.
///
/// The network's value `f` is a logit: the probability is above ½ where `f` is positive. Targets
/// `t` are probabilities in [0, 1].
public struct BinaryCrossEntropy: SamplewiseLoss {
  public init() {}

  /// With `a = |f|` and the share `u` of the target that speaks against the sign of `f`, `1 − t`
  /// for positive and `t` for other ones, the loss is
  ///
  ///     max(f, 0) − f t + log(1 + e⁻ᵃ) = a u + log(1 + e⁻ᵃ),
  ///
  /// sums of positive numbers that neither overflow nor cancel, and its slope is
  ///
  ///     s(f) − t = ± (u − e⁻ᵃ / (1 + e⁻ᵃ)).
  public func lossAndSlope(predicted f: Vector, target t: Vector) -> (loss: Vector, slope: Vector) {
    let isPositive = f .> Vector(repeating: 0)
    let against = t.replacing(with: 1 - t, where: isPositive)
    let magnitude = VectorMath.magnitude(f)
    let odds = VectorMath.exp(-magnitude)
    let slope = against - odds / (1 + odds)
    return (
      logarithm(onePlus: odds).addingProduct(magnitude, against),
      (-slope).replacing(with: slope, where: isPositive)
    )
  }

  /// `log(1 + x)` for `x` in 0…1, within 2 ulp.
  ///
  /// It is `2 artanh s` for `s = x / (2 + x)`, at most ⅓, so that eight terms of the series
  /// `s + s³/3 + s⁵/5 + …` leave an error of at most 2e-9 of the result.
  private func logarithm(onePlus x: Vector) -> Vector {
    let s = x / (2 + x)
    let square = s * s
    var series = Vector(repeating: 1 / 15)
    for k in stride(from: 13, through: 3, by: -2) {
      series = Vector(repeating: 1 / Float(k)).addingProduct(series, square)
    }
    return 2 * s.addingProduct(s * square, series)
  }
}
