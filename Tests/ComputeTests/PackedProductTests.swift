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
        let law = Law(size, aLayout, bLayout, accumulating: accumulating, seed: 5)
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
        let law = Law(size, aLayout, bLayout, accumulating: accumulating, seed: 5)
        law.check(law.product(packing: factors)) { $0 }
      }
    }
  }

  @Test func narrowProductsAreNotRounded() {
    let law = Law(
      ProductSize(rows: 33, inner: 2, columns: 48), .asStored, .asStored, accumulating: false,
      seed: 5)
    #expect(law.product(packing: PackedFactors(rounding: .bfloat16)) == law.product(packing: nil))
  }

  /// What does not fit into memory that was used before is not lost, and what fits sees nothing of it.
  @Test func oneMemoryServesProductsOfAnySize() {
    let shared = PackedFactors(rounding: .bfloat16)
    for size in Self.sizes + Self.sizes.reversed() {
      let law = Law(size, .transposed, .asStored, accumulating: false, seed: 9)
      #expect(
        law.product(packing: shared) == law.product(packing: PackedFactors(rounding: .bfloat16)))
    }
  }
}

/// A product of drawn matrices inside larger buffers, and what it must be.
private struct Law {
  let size: ProductSize
  let layouts: (MatrixLayout, MatrixLayout)
  let accumulating: Bool
  let a: [Float]
  let b: [Float]
  let c: [Float]
  // Elements around the matrices that must not be touched.
  static let guardElements = [Float](repeating: 99, count: 16)

  init(
    _ size: ProductSize, _ aLayout: MatrixLayout, _ bLayout: MatrixLayout, accumulating: Bool,
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    self.size = size
    self.accumulating = accumulating
    layouts = (aLayout, bLayout)
    a = Matrix.random(size.rows, size.inner, using: &random).elements
    b = Matrix.random(size.inner, size.columns, using: &random).elements
    c = Matrix.random(size.rows, size.columns, using: &random).elements
  }

  func product(packing factors: PackedFactors?) -> [Float] {
    var result = AlignedBuffer(Self.guardElements + c + Self.guardElements)
    MatrixProduct.multiply(
      AlignedBuffer(Self.guardElements + stored(a, size.rows, size.inner, layouts.0)), from: 16,
      layouts.0,
      by: AlignedBuffer(Self.guardElements + stored(b, size.inner, size.columns, layouts.1)),
      from: 16, layouts.1, size: size, into: &result, at: 16, accumulating: accumulating,
      packing: factors)
    return result.elements(0..<result.count)
  }

  func check(_ found: [Float], rounded: (Float) -> Float) {
    #expect(found.prefix(16) == Self.guardElements[...])
    #expect(found.suffix(16) == Self.guardElements[...])
    let (x, y) = (a.map { Double(rounded($0)) }, b.map { Double(rounded($0)) })
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        var (sum, bound) = (0.0, 0.0)
        if accumulating { (sum, bound) = (Double(c[i * size.columns + j]), 1) }
        for k in 0..<size.inner {
          let product = x[i * size.inner + k] * y[k * size.columns + j]
          sum += product
          bound += abs(product)
        }
        // Each of `inner` + 1 additions rounds to half an ulp of at most the sum of magnitudes; the
        // products of rounded factors are exact.
        let error = abs(Double(found[16 + i * size.columns + j]) - sum)
        #expect(
          error <= Double(size.inner + 1) * 0x1p-24 * bound,
          "\(size), \(layouts), accumulating \(accumulating), element [\(i), \(j)]")
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
