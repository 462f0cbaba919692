import Compute

/// One side of ``SOAPMatrix``: a statistic `[order, order]`, the mean of `X Xᵀ`, and a basis of its
/// eigenvectors.
///
/// Threads write to disjoint rows of the statistic; all else is done by one thread at a time.
final class SOAPBasis: @unchecked Sendable {
  let order: Int
  private var statistic: AlignedBuffer
  /// Eigenvectors in columns.
  private(set) var columns: AlignedBuffer
  /// Eigenvectors in rows.
  private(set) var rows: AlignedBuffer

  init(order: Int) {
    self.order = order
    statistic = AlignedBuffer(count: order * order)
    columns = AlignedBuffer(count: order * order)
    rows = AlignedBuffer(count: order * order)
  }

  /// Some rows of `S ← β S + (1 − β) X Xᵀ`.
  ///
  /// - Parameters:
  ///   - x: `[order, inner]`.
  ///   - other: `Xᵀ`, by its layout.
  func add(
    _ x: borrowing AlignedBuffer, by other: borrowing AlignedBuffer, _ layout: MatrixLayout,
    rows range: Range<Int>, inner: Int, beta: Float
  ) {
    let cells = range.lowerBound * order..<range.upperBound * order
    // (β / (1 − β) S + X Xᵀ) · (1 − β)
    statistic.scaleConcurrently(cells, by: beta / (1 - beta))
    MatrixProduct.multiply(
      rows: range, of: x, by: other, layout, inner: inner, columns: order, into: statistic,
      accumulating: true)
    statistic.scaleConcurrently(cells, by: 1 - beta)
  }

  /// The eigenvectors of the statistic, that of the largest eigenvalue first.
  func findEigenvectors() {
    let elements = statistic.elements(0..<order * order).map { Double($0) }
    // Without a basis, which only a gradient that is not finite leaves us, the step is not finite
    // either, and the run says so.
    let vectors = MatrixFactorization.eigenvectors(ofSymmetric: elements, order: order)
    take(vectors?.map { Float($0) } ?? [Float](repeating: .nan, count: order * order))
  }

  /// One step of power iteration, `Q ← QR(S Q)`.
  func iterate() {
    let product = AlignedBuffer(count: order * order)
    MatrixProduct.multiply(
      rows: 0..<order, of: statistic, by: columns, inner: order, columns: order, into: product)
    take(
      MatrixFactorization.orthogonalFactor(of: product.elements(0..<order * order), order: order))
  }

  private func take(_ vectors: [Float]) {
    columns.copy(vectors)
    rows.copy(columns.transposed(rows: order, columns: order, stride: order))
  }

  // MARK: Interruption

  var stateSize: Int { 2 * order * order }
  var state: [Float] {
    statistic.elements(0..<order * order) + columns.elements(0..<order * order)
  }

  func restore(_ state: ArraySlice<Float>) {
    statistic.copy(Array(state.prefix(order * order)))
    take(Array(state.dropFirst(order * order)))
  }
}
