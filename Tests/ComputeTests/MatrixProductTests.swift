import Compute
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  /// Odd sizes reach BLAS; whole vectors with a short side reach the loops for narrow products.
  static let sizes: [ProductSize] = {
    var sizes: [ProductSize] = []
    for rows in [0, 1, 7, 33] {
      for inner in [0, 1, 7, 33] {
        for columns in [0, 1, 7, 33] {
          sizes.append(ProductSize(rows: rows, inner: inner, columns: columns))
        }
      }
    }
    for short in 1...5 {
      for long in [16, 48] {
        sizes.append(ProductSize(rows: short, inner: 7, columns: long))
        sizes.append(ProductSize(rows: 33, inner: short, columns: long))
        sizes.append(ProductSize(rows: short, inner: long, columns: 33))
        sizes.append(ProductSize(rows: 33, inner: long, columns: short))
      }
    }
    return sizes
  }()

  @Test(arguments: [MatrixLayout.asStored, .transposed], [MatrixLayout.asStored, .transposed])
  func productIsTheSlowTwin(aLayout: MatrixLayout, bLayout: MatrixLayout) {
    for size in Self.sizes {
      for accumulating in [false, true] {
        check(size, aLayout, bLayout, accumulating: accumulating)
      }
    }
  }

  private func check(
    _ size: ProductSize, _ aLayout: MatrixLayout, _ bLayout: MatrixLayout, accumulating: Bool
  ) {
    var random = SplitMix64(seed: 5)
    let (rows, inner, columns) = (size.rows, size.inner, size.columns)
    let a = Matrix.random(rows, inner, using: &random).elements
    let b = Matrix.random(inner, columns, using: &random).elements
    let c = Matrix.random(rows, columns, using: &random).elements
    // All three stand inside larger buffers whose other elements must not be touched.
    let guardElements = [Float](repeating: 99, count: 16)
    var result = AlignedBuffer(guardElements + c + guardElements)
    MatrixProduct.multiply(
      AlignedBuffer(guardElements + stored(a, rows, inner, aLayout)), from: 16, aLayout,
      by: AlignedBuffer(guardElements + stored(b, inner, columns, bLayout)), from: 16, bLayout,
      size: size, into: &result, at: 16, accumulating: accumulating)
    let found = result.elements(0..<result.count)

    #expect(Array(found.prefix(16)) == guardElements && Array(found.suffix(16)) == guardElements)
    for i in 0..<rows {
      for j in 0..<columns {
        var (sum, bound) = (0.0, 0.0)
        if accumulating { (sum, bound) = (Double(c[i * columns + j]), 1) }
        for k in 0..<inner {
          let product = Double(a[i * inner + k]) * Double(b[k * columns + j])
          sum += product
          bound += abs(product)
        }
        // Each of `inner` + 1 additions rounds to half an ulp of at most the sum of magnitudes.
        let error = abs(Double(found[16 + i * columns + j]) - sum)
        #expect(
          error <= Double(inner + 1) * 0x1p-24 * bound,
          "\(size), \(aLayout) · \(bLayout), accumulating \(accumulating), element [\(i), \(j)]")
      }
    }
  }

  /// The matrix as its layout wants it in memory.
  private func stored(_ elements: [Float], _ rows: Int, _ columns: Int, _ layout: MatrixLayout)
    -> [Float]
  {
    guard layout == .transposed else { return elements }
    return (0..<columns).flatMap { j in (0..<rows).map { elements[$0 * columns + j] } }
  }
}
