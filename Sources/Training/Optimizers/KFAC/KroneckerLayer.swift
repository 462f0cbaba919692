import Compute
import Networks

/// Where the statistics of a layer's Kronecker factors stand, and what they are.
///
/// The factors are `A = E[h hᴴ]`, `h` what the layer takes in with a last coordinate of 1 for the bias, and
/// `G = Σ g gᴴ`, `g` its share of the Gauss-Newton matrix's slopes (`Documentation/Math/curvature.md`).
package struct KroneckerLayer: Sendable {
  package enum Kind: Sendable {
    /// Real weights.
    case real
    /// Complex weights of a hidden layer: Hermitian factors, as real matrices of twice the order.
    case hermitian
    /// The last layer's complex weights, of which only the real part of their products is a value: a
    /// real layer that takes in `(Re h, −Im h, 1)`.
    case realPart
  }

  package let index: Int
  let plan: ParameterLayout.LayerPlan
  package let kind: Kind
  /// Rows of `h` and of `g` in the statistics, imaginary parts counted.
  let inputRows: Int
  let slopeRows: Int
  /// Where `Σ h hᵀ`, `Σ h` and `Σ g gᵀ` begin.
  let inputOffset: Int
  let inputSumOffset: Int
  let slopeOffset: Int

  /// The layers from `first` on, and the floats of their statistics.
  static func layers(of layout: ParameterLayout, from first: Int) -> (layers: [Self], count: Int) {
    var offset = 0
    func reserve(_ count: Int) -> Int {
      defer { offset += AlignedBuffer.vectorCount(for: count) * Vector.scalarCount }
      return offset
    }
    let layers = layout.layers.indices.filter { $0 >= first }.map { k in
      let plan = layout.layers[k]
      let isLast = k == layout.layers.count - 1
      let kind: Kind = plan.field == .real ? .real : isLast ? .realPart : .hermitian
      let inputRows = plan.inputs * (kind == .real ? 1 : 2)
      let slopeRows = plan.rows * (kind == .hermitian ? 2 : 1)
      return Self(
        index: k, plan: plan, kind: kind, inputRows: inputRows, slopeRows: slopeRows,
        inputOffset: reserve(inputRows * inputRows), inputSumOffset: reserve(inputRows),
        slopeOffset: reserve(slopeRows * slopeRows))
    }
    return (layers, offset)
  }

  /// Orders of the factors as real matrices.
  package var inputOrder: Int {
    switch kind {
    case .real: plan.inputs + 1
    case .hermitian: 2 * (plan.inputs + 1)
    case .realPart: 2 * plan.inputs + 1
    }
  }
  package var slopeOrder: Int { slopeRows }

  /// Adds a tile's products to the statistics.
  func add(_ slopes: OutputSlopes, to sums: inout AlignedBuffer) {
    slopes.pass.addSlopeProducts(
      ofLayer: index, rows: slopeRows, width: slopes.width, into: &sums, at: slopeOffset)
    guard slopes.isLastOfTile else { return }
    slopes.pass.addInputProducts(
      ofLayer: index, count: slopes.count, width: slopes.width, into: &sums, at: inputOffset,
      sumsAt: inputSumOffset)
  }

  // MARK: Factors from statistics

  /// `A`, as the real matrix that rows `(x, y)` of `x + iy` are multiplied by from the right.
  ///
  /// - Parameter count: samples in the statistics.
  func inputFactor(_ sums: borrowing AlignedBuffer, count: Int) -> [Double] {
    let (n, rows, share) = (plan.inputs, inputRows, 1 / Double(count))
    let products = sums.elements(inputOffset..<inputOffset + rows * rows)
    let totals = sums.elements(inputSumOffset..<inputSumOffset + rows)
    // E[a b] of two real numbers; nil stands for the coordinate 1.
    func mean(_ a: Int?, _ b: Int?) -> Double {
      switch (a, b) {
      case (let a?, let b?): Double(products[a * rows + b]) * share
      case (let a?, nil), (nil, let a?): Double(totals[a]) * share
      case (nil, nil): 1
      }
    }
    switch kind {
    case .real:
      return square(n + 1) { mean($0 < n ? $0 : nil, $1 < n ? $1 : nil) }
    case .realPart:
      return square(2 * n + 1) { i, j in
        let sign: Double = (n..<2 * n ~= i) == (n..<2 * n ~= j) ? 1 : -1
        return sign * mean(i < 2 * n ? i : nil, j < 2 * n ? j : nil)
      }
    case .hermitian:
      // h hᴴ = x xᵀ + y yᵀ + i (y xᵀ − x yᵀ); the imaginary part of the coordinate 1 is 0.
      return hermitianForm(n + 1, sign: 1) { i, j in
        let (isOneI, isOneJ) = (i == n, j == n)
        let xx = mean(isOneI ? nil : i, isOneJ ? nil : j)
        let yy = isOneI || isOneJ ? 0 : mean(n + i, n + j)
        let yx = isOneI ? 0 : mean(n + i, isOneJ ? nil : j)
        let xy = isOneJ ? 0 : mean(isOneI ? nil : i, n + j)
        return (xx + yy, yx - xy)
      }
    }
  }

  /// `G`, as the real matrix that columns `(x, y)` of `x + iy` are multiplied by from the left.
  func slopeFactor(_ sums: borrowing AlignedBuffer) -> [Double] {
    let rows = slopeRows
    let products = sums.elements(slopeOffset..<slopeOffset + rows * rows)
    func sum(_ i: Int, _ j: Int) -> Double { Double(products[i * rows + j]) }
    guard kind == .hermitian else { return square(rows, sum) }
    let n = plan.rows
    // Half, because a real part's square is half of a modulus's on the average over phases.
    return hermitianForm(n, sign: -1) { i, j in
      ((sum(i, j) + sum(n + i, n + j)) / 2, (sum(n + i, j) - sum(i, n + j)) / 2)
    }
  }

  private func square(_ order: Int, _ element: (Int, Int) -> Double) -> [Double] {
    (0..<order).flatMap { i in (0..<order).map { element(i, $0) } }
  }

  /// `[[P, ±Q], [∓Q, P]]` for a Hermitian matrix `P + iQ`.
  private func hermitianForm(
    _ order: Int, sign: Double, _ element: (Int, Int) -> (real: Double, imaginary: Double)
  ) -> [Double] {
    var result = [Double](repeating: 0, count: 4 * order * order)
    for i in 0..<order {
      for j in 0..<order {
        let (p, q) = element(i, j)
        result[i * 2 * order + j] = p
        result[(order + i) * 2 * order + order + j] = p
        result[i * 2 * order + order + j] = sign * q
        result[(order + i) * 2 * order + j] = -sign * q
      }
    }
    return result
  }
}
