import COpenBLAS

/// How a factor of a matrix product stands in memory.
public enum MatrixLayout: Sendable {
  /// Row by row, as it takes part in the product.
  case asStored
  /// Row by row, and its transpose takes part in the product.
  case transposed
}

/// Products of row-major matrices in single precision, computed by the calling thread alone.
///
/// OpenBLAS does the large ones, unless ``PackedFactors`` are given for them; where one dimension is
/// at most ``narrowLimit`` (the two coordinates of a picture, the three colours of a pixel) a BLAS call
/// would mostly pack its operands, and a plain loop over vectors is several times faster.
public enum MatrixProduct {
  /// The largest dimension that counts as narrow.
  static let narrowLimit = 4

  // OpenBLAS starts threads of its own unless told otherwise; parallelism here is over tiles.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// `c = a · b`, or `c += a · b` when `accumulating`.
  ///
  /// - Shapes: after their layouts are applied `a` is `[rows, inner]` and `b` is
  ///   `[inner, columns]`; `c` is `[rows, columns]`. All of them are contiguous.
  public static func multiply(
    _ a: Span<Float>, _ aLayout: MatrixLayout = .asStored,
    by b: Span<Float>, _ bLayout: MatrixLayout = .asStored,
    rows: Int, inner: Int, columns: Int,
    into c: inout MutableSpan<Float>, accumulating: Bool = false
  ) {
    precondition(
      a.count >= rows * inner && b.count >= inner * columns && c.count >= rows * columns,
      "a product [\(rows), \(inner)] · [\(inner), \(columns)] was given "
        + "\(a.count), \(b.count) and \(c.count) elements")
    guard rows > 0, columns > 0 else { return }
    if bLayout == .asStored, min(rows, inner) <= narrowLimit, areWholeVectors(columns, b, c.span) {
      let strides = aLayout == .asStored ? (inner, 1) : (1, rows)
      combine(
        a, strides: strides, of: b, rows: rows, inner: inner, width: columns / Vector.scalarCount,
        into: &c, accumulating: accumulating)
      return
    }
    if aLayout == .asStored, bLayout == .transposed, min(rows, columns) <= narrowLimit,
      areWholeVectors(inner, a, b)
    {
      innerProducts(
        of: a, rows, with: b, columns, width: inner / Vector.scalarCount, into: &c,
        accumulating: accumulating)
      return
    }
    callBLAS(
      a, aLayout, by: b, bLayout, rows: rows, inner: inner, columns: columns, into: &c,
      accumulating: accumulating)
  }

  private static func callBLAS(
    _ a: Span<Float>, _ aLayout: MatrixLayout, by b: Span<Float>, _ bLayout: MatrixLayout,
    rows: Int, inner: Int, columns: Int, into c: inout MutableSpan<Float>, accumulating: Bool
  ) {
    _ = singleThreaded
    // BLAS refuses a stride of 0, even of a matrix without elements.
    let aStride = max(aLayout == .asStored ? inner : rows, 1)
    let bStride = max(bLayout == .asStored ? columns : inner, 1)
    // SAFETY: `multiply` checked that the counts cover every element that sgemm reads or writes with these strides.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          unsafe cblas_sgemm(
            CblasRowMajor, aLayout == .asStored ? CblasNoTrans : CblasTrans,
            bLayout == .asStored ? CblasNoTrans : CblasTrans,
            blasint(rows), blasint(columns), blasint(inner), 1, a.baseAddress, blasint(aStride),
            b.baseAddress, blasint(bStride), accumulating ? 1 : 0, c.baseAddress, blasint(columns))
        }
      }
    }
  }
}
