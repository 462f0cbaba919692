import Compute
import Networks

/// The Kronecker factors of a layer's block of the Gauss-Newton matrix, and their damped inverses.
///
/// Threads may work on different layers at the same time.
final class KroneckerFactors: @unchecked Sendable {
  let layer: KroneckerLayer
  /// Running means of `A` and `G`, as real matrices.
  private var input: [Float]
  private var slope: [Float]
  private var inputInverse: AlignedBuffer
  private var slopeInverse: AlignedBuffer
  private var work: AlignedBuffer
  private var result: AlignedBuffer

  init(_ layer: KroneckerLayer) {
    self.layer = layer
    let (a, g) = (layer.inputOrder, layer.slopeOrder)
    input = [Float](repeating: 0, count: a * a)
    slope = [Float](repeating: 0, count: g * g)
    inputInverse = AlignedBuffer(count: a * a)
    slopeInverse = AlignedBuffer(count: g * g)
    work = AlignedBuffer(count: layer.plan.rows * a)
    result = AlignedBuffer(count: layer.plan.rows * a)
  }

  // MARK: The factors

  /// `A ← keep · A + (1 − keep) · mean`, and `G` likewise.
  ///
  /// - Parameter count: samples in the statistics.
  func add(_ sums: borrowing AlignedBuffer, count: Int, keeping keep: Double) {
    func mix(_ old: [Float], _ new: [Double]) -> [Float] {
      zip(old, new).map { Float(keep * Double($0) + (1 - keep) * $1) }
    }
    input = mix(input, layer.inputFactor(sums, count: count))
    slope = mix(slope, layer.slopeFactor(sums))
  }

  /// Inverts `A + π√λ` and `G + √λ/π`.
  ///
  /// - Source: Martens and Grosse, arXiv:1503.05671, section 6.3: π² is the ratio of the factors' mean
  ///   eigenvalues.
  func invert(damping: Double) {
    let (a, g) = (layer.inputOrder, layer.slopeOrder)
    func meanEigenvalue(_ matrix: [Float], _ order: Int) -> Double {
      (0..<order).reduce(0) { $0 + Double(matrix[$1 * order + $1]) } / Double(order)
    }
    let means = (meanEigenvalue(input, a), meanEigenvalue(slope, g))
    // Units that are all dead have no slopes, and no ratio.
    let ratio = means.0 > 0 && means.1 > 0 ? (means.0 / means.1).squareRoot() : 1
    let root = damping.squareRoot()
    inputInverse.copy(Self.inverse(input, order: a, adding: ratio * root))
    slopeInverse.copy(Self.inverse(slope, order: g, adding: root / ratio))
  }

  private static func inverse(_ matrix: [Float], order: Int, adding shift: Double) -> [Float] {
    var damped = matrix.map { Double($0) }
    for i in 0..<order { damped[i * order + i] += shift }
    // Only what is not finite has no inverse; the step is then not finite either, and taken back.
    return MatrixFactorization.inverse(ofPositiveDefinite: damped, order: order)?.map { Float($0) }
      ?? [Float](repeating: .nan, count: order * order)
  }

  // MARK: Their use

  /// Writes `−factor · G⁻¹ ∇ A⁻¹`, damped, to the layer's place in `direction`.
  ///
  /// The sums of complex weights are left as they are.
  func precondition(
    _ gradient: borrowing AlignedBuffer, factor: Float, into direction: borrowing AlignedBuffer
  ) {
    let (rows, order) = (layer.plan.rows, layer.inputOrder)
    layer.gather(gradient, into: &result)
    MatrixProduct.multiply(
      rows: 0..<rows, of: result, by: inputInverse, inner: order, columns: order, into: work)
    let isHermitian = layer.kind == .hermitian
    if isHermitian { layer.stackParts(&work) }
    let (slopeRows, columns) = (layer.slopeOrder, isHermitian ? order / 2 : order)
    MatrixProduct.multiply(
      rows: 0..<slopeRows, of: slopeInverse, by: work, inner: slopeRows, columns: columns,
      into: result)
    layer.scatter(result, factor: -factor, into: direction)
  }

  // MARK: Interruption

  var stateSize: Int { input.count + slope.count }
  var state: [Float] { input + slope }

  func restore(_ state: ArraySlice<Float>) {
    (input, slope) = (Array(state.prefix(input.count)), Array(state.dropFirst(input.count)))
  }
}
