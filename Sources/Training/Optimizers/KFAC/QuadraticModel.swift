/// The change of the loss along two directions, `∇ᵀδ + ½ δᵀ(F + λ)δ`.
///
/// - Source: Martens and Grosse, arXiv:1503.05671, sections 6.4 and 7.
struct QuadraticModel: Sendable, Equatable {
  /// The entries (0, 0), (0, 1) and (1, 1) of a symmetric matrix.
  typealias Symmetric = (Double, Double, Double)

  private let a: SIMD3<Double>
  private let b: SIMD2<Double>

  /// - Parameters:
  ///   - curvatures: `vᵀ F w` of the directions.
  ///   - slopes: `∇ᵀ v`.
  ///   - products: `vᵀ w`.
  init(curvatures: Symmetric, slopes: (Double, Double), damping: Double, products: Symmetric) {
    a = SIMD3(
      curvatures.0 + damping * products.0, curvatures.1 + damping * products.1,
      curvatures.2 + damping * products.2)
    b = SIMD2(slopes.0, slopes.1)
  }

  /// The coefficients of the directions at the model's minimum; 0 for a direction of length 0, and for
  /// the second where it is nearly the first.
  var minimum: (Double, Double) {
    let determinant = a.x * a.z - a.y * a.y
    guard determinant > 1e-10 * a.x * a.z else { return (a.x > 0 ? -b.x / a.x : 0, 0) }
    return (-(a.z * b.x - a.y * b.y) / determinant, -(a.x * b.y - a.y * b.x) / determinant)
  }

  /// The change of the loss that the model expects.
  func value(at c: (Double, Double)) -> Double {
    b.x * c.0 + b.y * c.1 + (a.x * c.0 * c.0 + 2 * a.y * c.0 * c.1 + a.z * c.1 * c.1) / 2
  }
}
