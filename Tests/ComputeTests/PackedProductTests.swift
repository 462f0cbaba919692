import Compute
import TestSupport
import Testing

@Suite struct PackedProductTests {
  /// Blocks of 8 rows, panels of 32 columns and vectors of 16 lanes of one or two elements: sizes below,
  /// at and beyond each of them.
  static let sizes = [
    (5, 5, 5), (8, 16, 32), (8, 32, 32), (7, 33, 31), (9, 31, 33), (40, 65, 47), (33, 64, 16),
    (181, 66, 181), (16, 181, 64), (256, 7, 48),
  ].map { ProductSize(rows: $0.0, inner: $0.1, columns: $0.2) }

  @Test(
    arguments: [MatrixLayout.asStored, .transposed], [MatrixLayout.asStored, .transposed])
  func roundedProductIsTheProductOfRoundedFactors(aLayout: MatrixLayout, bLayout: MatrixLayout) {
    let factors = PackedFactors(rounding: .bfloat16)
    for size in Self.sizes {
      for accumulating in [false, true] {
        let law = ProductLaw(size, aLayout, bLayout, accumulating: accumulating, seed: 5)
        law.check(law.product(packing: factors), rounded: ReferenceBFloat16.rounded)
      }
    }
  }

  /// From some size on packed products take OpenBLAS's place.
  @Test(
    arguments: [MatrixLayout.asStored, .transposed], [MatrixLayout.asStored, .transposed])
  func singleProductIsTheSlowTwin(aLayout: MatrixLayout, bLayout: MatrixLayout) {
    let factors = PackedFactors(rounding: nil)
    for (rows, inner, columns) in [(64, 128, 128), (131, 129, 127), (181, 100, 181)] {
      let size = ProductSize(rows: rows, inner: inner, columns: columns)
      for accumulating in [false, true] {
        let law = ProductLaw(size, aLayout, bLayout, accumulating: accumulating, seed: 5)
        law.check(law.product(packing: factors)) { $0 }
      }
    }
  }

  @Test func narrowProductsAreNotRounded() {
    let law = ProductLaw(
      ProductSize(rows: 33, inner: 2, columns: 48), .asStored, .asStored, accumulating: false,
      seed: 5)
    #expect(law.product(packing: PackedFactors(rounding: .bfloat16)) == law.product(packing: nil))
  }

  /// What does not fit into memory that was used before is not lost, and what fits sees nothing of it.
  @Test func oneMemoryServesProductsOfAnySize() {
    let shared = PackedFactors(rounding: .bfloat16)
    for size in Self.sizes + Self.sizes.reversed() {
      let law = ProductLaw(size, .transposed, .asStored, accumulating: false, seed: 9)
      #expect(
        law.product(packing: shared) == law.product(packing: PackedFactors(rounding: .bfloat16)))
    }
  }
}
