import Compute
import TestSupport
import Testing

/// A product of drawn matrices inside larger buffers, and what it must be.
struct ProductLaw {
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
