/// The dimensions of a matrix product `[rows, inner] · [inner, columns]`.
public struct ProductSize: Sendable, Equatable {
  public let rows: Int
  public let inner: Int
  public let columns: Int

  public init(rows: Int, inner: Int, columns: Int) {
    self.rows = rows
    self.inner = inner
    self.columns = columns
  }
}

extension MatrixProduct {
  /// `c = a · b`, or `c += a · b` when `accumulating`, for matrices inside larger buffers.
  ///
  /// - Parameters:
  ///   - aStart: where `a` begins in its buffer; likewise `bStart` and `cStart`.
  ///   - factors: the calling thread's memory for packed factors, and whether they are rounded; nil
  ///     leaves the product to OpenBLAS.
  public static func multiply(
    _ a: borrowing AlignedBuffer, from aStart: Int = 0, _ aLayout: MatrixLayout = .asStored,
    by b: borrowing AlignedBuffer, from bStart: Int = 0, _ bLayout: MatrixLayout = .asStored,
    size: ProductSize, into c: inout AlignedBuffer, at cStart: Int = 0, accumulating: Bool = false,
    packing factors: PackedFactors? = nil
  ) {
    var floats = c.mutableFloats
    var target = floats.slice(cStart...)
    if let factors, factors.suit(size) {
      factors.multiply(
        a.floats.extracting(aStart...), aLayout, by: b.floats.extracting(bStart...), bLayout,
        size: size, into: &target, accumulating: accumulating)
      return
    }
    multiply(
      a.floats.extracting(aStart...), aLayout, by: b.floats.extracting(bStart...), bLayout,
      rows: size.rows, inner: size.inner, columns: size.columns, into: &target,
      accumulating: accumulating)
  }

  /// Some rows of `c = a · b`, or of `c += a · b` when `accumulating`, while other threads compute
  /// other rows.
  ///
  /// - Shapes: `a` is `[…, inner]`; after its layout is applied `b` is `[inner, columns]`; `c` is
  ///   `[…, columns]`.
  public static func multiply(
    rows: Range<Int>, of a: borrowing AlignedBuffer, by b: borrowing AlignedBuffer,
    _ bLayout: MatrixLayout = .asStored, inner: Int, columns: Int, into c: borrowing AlignedBuffer,
    accumulating: Bool = false
  ) {
    var target = c.concurrentFloats(rows.lowerBound * columns..<rows.upperBound * columns)
    multiply(
      a.floats.extracting(rows.lowerBound * inner..<rows.upperBound * inner), by: b.floats, bLayout,
      rows: rows.count, inner: inner, columns: columns, into: &target, accumulating: accumulating)
  }
}
