/// Matrix products with one short side, over rows of whole vectors.
///
/// A *row* here is one unit's values over the samples of a tile: `width` vectors, contiguous.
extension MatrixProduct {
  /// Whether rows of `length` floats can be read as vectors where `x` and `y` begin.
  static func areWholeVectors(_ length: Int, _ x: Span<Float>, _ y: Span<Float>) -> Bool {
    length % Vector.scalarCount == 0 && isAligned(x) && isAligned(y)
  }

  // SAFETY: only looks at the address.
  private static func isAligned(_ x: Span<Float>) -> Bool {
    unsafe x.withUnsafeBufferPointer {
      Int(bitPattern: $0.baseAddress) % MemoryLayout<Vector>.alignment == 0
    }
  }

  /// `c[i] (+)= Σₖ a[i, k] · b[k]` for rows `b[k]` and `c[i]` of `width` vectors.
  ///
  /// Element `[i, k]` of `a` stands at `i · strides.0 + k · strides.1`.
  static func combine(
    _ a: Span<Float>, strides: (Int, Int), of b: Span<Float>, rows: Int, inner: Int, width: Int,
    into c: inout MutableSpan<Float>, accumulating: Bool
  ) {
    // SAFETY: `multiply` checked the counts, `areWholeVectors` the alignment and the row length.
    unsafe b.withUnsafeBytes { b in
      let b = unsafe Span(_unsafeElements: b.assumingMemoryBound(to: Vector.self))
      unsafe c.withUnsafeMutableBytes { c in
        var c = unsafe MutableSpan(_unsafeElements: c.assumingMemoryBound(to: Vector.self))
        if !accumulating { for i in 0..<(rows * width) { c[i] = Vector(repeating: 0) } }
        if rows <= narrowLimit {  // read each input row once
          for k in 0..<inner {
            for i in 0..<rows {
              let factor = Vector(repeating: a[i * strides.0 + k * strides.1])
              for v in 0..<width { c[i * width + v].addProduct(b[k * width + v], factor) }
            }
          }
        } else {  // write each output row once
          for i in 0..<rows {
            for k in 0..<inner {
              let factor = Vector(repeating: a[i * strides.0 + k * strides.1])
              for v in 0..<width { c[i * width + v].addProduct(b[k * width + v], factor) }
            }
          }
        }
      }
    }
  }

  /// `c[i, j] (+)= ⟨a[i], b[j]⟩` for rows of `width` vectors; `c` is `[aRows, bRows]`.
  static func innerProducts(
    of a: Span<Float>, _ aRows: Int, with b: Span<Float>, _ bRows: Int, width: Int,
    into c: inout MutableSpan<Float>, accumulating: Bool
  ) {
    // SAFETY: `multiply` checked the counts, `areWholeVectors` the alignment and the row length.
    unsafe a.withUnsafeBytes { a in
      let a = unsafe Span(_unsafeElements: a.assumingMemoryBound(to: Vector.self))
      unsafe b.withUnsafeBytes { b in
        let b = unsafe Span(_unsafeElements: b.assumingMemoryBound(to: Vector.self))
        for i in 0..<aRows {
          for j in 0..<bRows {
            var sum = Vector(repeating: 0)
            for v in 0..<width { sum.addProduct(a[i * width + v], b[j * width + v]) }
            let total = VectorMath.sum(sum)
            c[i * bRows + j] = accumulating ? c[i * bRows + j] + total : total
          }
        }
      }
    }
  }
}
