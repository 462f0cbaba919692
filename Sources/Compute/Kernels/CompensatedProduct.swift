extension MatrixProduct {
  /// `sum + remainder = a · x + bias` with a remainder that holds what rounding takes from the sum.
  ///
  /// A network of sines multiplies the rounding of its first layer's phases by its frequencies, so
  /// values that are to be right to single precision need these sums to about twice that.
  ///
  /// - Shapes: `a` is `[rows, inner]` and begins at `aStart` of its buffer; `bias` has `rows`
  ///   elements and begins at `biasStart`; `x` is `[inner, width]` and the results `[rows, width]`
  ///   in vectors.
  /// - Source: error-free sums and products after Knuth and Dekker; Ogita, Rump, Oishi, "Accurate
  ///   sum and dot product", 2005, algorithm 5.3.
  public static func multiplyExactly(
    _ parameters: borrowing AlignedBuffer, from aStart: Int, bias biasStart: Int,
    by x: borrowing AlignedBuffer, rows: Int, inner: Int, width: Int,
    into sum: inout AlignedBuffer, remainder: inout AlignedBuffer
  ) {
    let (parameters, x) = (parameters.floats, x.vectors)
    var sums = sum.mutableVectors
    var remainders = remainder.mutableVectors
    for row in 0..<rows {
      let bias = Vector(repeating: parameters[biasStart + row])
      for v in 0..<width {
        var (sum, lost) = (bias, Vector(repeating: 0))
        for k in 0..<inner {
          let factor = Vector(repeating: parameters[aStart + row * inner + k])
          let product = factor * x[k * width + v]
          lost += (-product).addingProduct(factor, x[k * width + v])
          let next = sum + product
          let added = next - sum
          lost += (sum - (next - added)) + (product - added)
          sum = next
        }
        sums[row * width + v] = sum
        remainders[row * width + v] = lost
      }
    }
  }
}
