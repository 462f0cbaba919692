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
        let law = ProductLaw(size, aLayout, bLayout, accumulating: accumulating, seed: 5)
        law.check(law.product(packing: nil)) { $0 }
      }
    }
  }
}
