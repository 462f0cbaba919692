/// One thread's memory for the factors of large products, which are copied into the order in which
/// the kernel reads them, and rounded if that is wanted (`Documentation/Math/packed-products.md`).
@safe
public final class PackedFactors: @unchecked Sendable {
  private let rounding: FactorRounding?
  private var left = AlignedBuffer(count: 0)
  private var right = AlignedBuffer(count: 0)

  /// - Parameter rounding: what becomes of the factors; nil leaves them as they are.
  public init(rounding: FactorRounding?) {
    self.rounding = rounding
  }

  /// Floats that are kept for products up to a size.
  public static func memory(_ size: ProductSize) -> Int {
    let shape = PackedShape(size, depth: 1)
    return shape.leftCount + shape.rightCount
  }

  /// Whether a product is computed here: those that are not narrow, but in single precision only from
  /// 64 · 128 · 128 on; OpenBLAS is better with smaller ones.
  func suit(_ size: ProductSize) -> Bool {
    guard min(size.rows, size.inner, size.columns) > MatrixProduct.narrowLimit else { return false }
    return rounding != nil || size.rows * size.inner * size.columns >= 1 << 20
  }

  /// `c = a · b`, or `c += a · b` when `accumulating`.
  func multiply(
    _ a: Span<Float>, _ aLayout: MatrixLayout, by b: Span<Float>, _ bLayout: MatrixLayout,
    size: ProductSize, into c: inout MutableSpan<Float>, accumulating: Bool
  ) {
    precondition(
      a.count >= size.rows * size.inner && b.count >= size.inner * size.columns
        && c.count >= size.rows * size.columns,
      "a product [\(size.rows), \(size.inner)] · [\(size.inner), \(size.columns)] was given "
        + "\(a.count), \(b.count) and \(c.count) elements")
    // SAFETY: the precondition covers all elements that are read or written.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          switch rounding {
          case nil:
            unsafe multiply(
              a, aLayout, by: b, bLayout, size: size, into: c, accumulating: accumulating,
              lanes: SingleLanes.self)
          case .bfloat16:
            unsafe multiply(
              a, aLayout, by: b, bLayout, size: size, into: c, accumulating: accumulating,
              lanes: PairLanes.self)
          }
        }
      }
    }
  }

  private func multiply<Lanes: FactorLanes>(
    _ a: UnsafePointer<Float>, _ aLayout: MatrixLayout,
    by b: UnsafePointer<Float>, _ bLayout: MatrixLayout, size: ProductSize,
    into c: UnsafeMutablePointer<Float>, accumulating: Bool, lanes: Lanes.Type
  ) {
    let shape = PackedShape(size, depth: Lanes.depth)
    if left.count < shape.leftCount { left = AlignedBuffer(count: shape.leftCount) }
    if right.count < shape.rightCount { right = AlignedBuffer(count: shape.rightCount) }
    // SAFETY: the buffers have just been made large enough.
    unsafe left.withUnsafeVectors { left in
      unsafe right.withUnsafeVectors { right in
        switch aLayout {
        case .asStored:
          unsafe Packing<Lanes>.rows(of: a, count: size.rows, inner: size.inner, shape, into: left)
        case .transposed:
          unsafe Packing<Lanes>.panels(
            ofRows: a, inner: size.inner, count: size.rows, shape, into: left)
        }
        switch bLayout {
        case .asStored:
          unsafe Packing<Lanes>.panels(
            ofRows: b, inner: size.inner, count: size.columns, shape, into: right)
        case .transposed:
          unsafe Packing<Lanes>.panels(
            ofColumns: b, inner: size.inner, count: size.columns, shape, into: right)
        }
        unsafe PackedKernel<Lanes>.multiply(
          UnsafeRawPointer(left).assumingMemoryBound(to: Float.self), LeftPlaces(aLayout, shape),
          by: right, shape, into: c, accumulating: accumulating)
      }
    }
  }
}
