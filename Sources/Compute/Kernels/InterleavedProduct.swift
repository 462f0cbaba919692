/// Products of a few rows with features that many small networks share.
///
/// Features are interleaved: vector `v` of feature `k` stands at `v · features + k`, so that one pass
/// over memory serves both products. Every lane is computed by itself, in the order of the features:
/// a sample's value has the same bits wherever it stands among the others.
public enum InterleavedProduct {
  /// `z[i] = Σₖ w[i, k] · φ[k]`.
  ///
  /// - Shapes: `w` is `[rows, features]`; `φ` has `width · features` vectors, `z` `rows · width`, row by
  ///   row.
  public static func multiply(
    _ w: Span<Float>, by phi: Span<Vector>, rows: Int, features: Int, width: Int,
    into z: inout MutableSpan<Vector>
  ) {
    precondition(
      w.count >= rows * features && phi.count >= width * features && z.count >= rows * width,
      "a product [\(rows), \(features)] · [\(features), \(width) vectors] was given "
        + "\(w.count), \(phi.count) and \(z.count) elements")
    var i = 0
    while i + 4 <= rows {
      multiplyFour(w, by: phi, row: i, features: features, width: width, into: &z)
      i += 4
    }
    while i < rows {
      for v in 0..<width {
        var sum = Vector(repeating: 0)
        for k in 0..<features {
          // SAFETY (here and below): the precondition covers all indices.
          unsafe sum.addProduct(
            Vector(repeating: w[unchecked: i * features + k]), phi[unchecked: v * features + k])
        }
        z[i * width + v] = sum
      }
      i += 1
    }
  }

  /// Four rows of the product, two vectors of each at a time: eight sums stay in registers.
  private static func multiplyFour(
    _ w: Span<Float>, by phi: Span<Vector>, row: Int, features: Int, width: Int,
    into z: inout MutableSpan<Vector>
  ) {
    let w0 = row * features
    let (w1, w2, w3) = (w0 + features, w0 + 2 * features, w0 + 3 * features)
    for v in stride(from: 0, to: width, by: 2) {
      // With an odd width the last vector is computed twice.
      let pair = min(v + 1, width - 1)
      let (p, q) = (v * features, pair * features)
      let zero = Vector(repeating: 0)
      var (a0, a1, a2, a3, b0, b1, b2, b3) = (zero, zero, zero, zero, zero, zero, zero, zero)
      for k in 0..<features {
        let (x, y) = unsafe (phi[unchecked: p + k], phi[unchecked: q + k])
        let f0 = unsafe Vector(repeating: w[unchecked: w0 + k])
        let f1 = unsafe Vector(repeating: w[unchecked: w1 + k])
        let f2 = unsafe Vector(repeating: w[unchecked: w2 + k])
        let f3 = unsafe Vector(repeating: w[unchecked: w3 + k])
        a0.addProduct(f0, x)
        a1.addProduct(f1, x)
        a2.addProduct(f2, x)
        a3.addProduct(f3, x)
        b0.addProduct(f0, y)
        b1.addProduct(f1, y)
        b2.addProduct(f2, y)
        b3.addProduct(f3, y)
      }
      (z[row * width + v], z[row * width + pair]) = (a0, b0)
      (z[(row + 1) * width + v], z[(row + 1) * width + pair]) = (a1, b1)
      (z[(row + 2) * width + v], z[(row + 2) * width + pair]) = (a2, b2)
      (z[(row + 3) * width + v], z[(row + 3) * width + pair]) = (a3, b3)
    }
  }

  /// `w[i, k] = ⟨g[i], φ[k]⟩`, the gradient of what ``multiply(_:by:rows:features:width:into:)``
  /// computes.
  ///
  /// - Shapes: `g` has `rows · width` vectors; the others as there. `features` is a multiple of 4.
  public static func innerProducts(
    of g: Span<Vector>, with phi: Span<Vector>, rows: Int, features: Int, width: Int,
    into w: inout MutableSpan<Float>
  ) {
    precondition(
      w.count >= rows * features && phi.count >= width * features && g.count >= rows * width
        && features % 4 == 0,
      "inner products of \(rows) rows and \(features) features of \(width) vectors were given "
        + "\(g.count), \(phi.count) and \(w.count) elements")
    var i = 0
    while i < rows {
      let pair = min(i + 1, rows - 1)
      for k in stride(from: 0, to: features, by: 4) {
        innerProducts(
          of: g, i, pair, with: phi, k, features: features, width: width, into: &w)
      }
      i += 2
    }
  }

  /// Two rows of four inner products each.
  @inline(__always)
  private static func innerProducts(
    of g: Span<Vector>, _ i: Int, _ j: Int, with phi: Span<Vector>, _ k: Int, features: Int,
    width: Int, into w: inout MutableSpan<Float>
  ) {
    let zero = Vector(repeating: 0)
    var (a0, a1, a2, a3, b0, b1, b2, b3) = (zero, zero, zero, zero, zero, zero, zero, zero)
    for v in 0..<width {
      let p = v * features + k
      let (x, y) = unsafe (g[unchecked: i * width + v], g[unchecked: j * width + v])
      let (f0, f1) = unsafe (phi[unchecked: p], phi[unchecked: p + 1])
      let (f2, f3) = unsafe (phi[unchecked: p + 2], phi[unchecked: p + 3])
      a0.addProduct(x, f0)
      a1.addProduct(x, f1)
      a2.addProduct(x, f2)
      a3.addProduct(x, f3)
      b0.addProduct(y, f0)
      b1.addProduct(y, f1)
      b2.addProduct(y, f2)
      b3.addProduct(y, f3)
    }
    w[i * features + k] = VectorMath.sum(a0)
    w[i * features + k + 1] = VectorMath.sum(a1)
    w[i * features + k + 2] = VectorMath.sum(a2)
    w[i * features + k + 3] = VectorMath.sum(a3)
    w[j * features + k] = VectorMath.sum(b0)
    w[j * features + k + 1] = VectorMath.sum(b1)
    w[j * features + k + 2] = VectorMath.sum(b2)
    w[j * features + k + 3] = VectorMath.sum(b3)
  }
}
