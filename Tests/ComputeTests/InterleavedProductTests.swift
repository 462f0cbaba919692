import Compute
import Testing

/// The products with interleaved features are those of the definition, whatever the sizes.
struct InterleavedProductTests {
  private func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in random.nextUniform(bound: 1) }
  }

  /// Feature `k` of sample `n`.
  private func feature(_ phi: [Float], _ k: Int, _ n: Int, features: Int) -> Double {
    Double(phi[(n / 16 * features + k) * 16 + n % 16])
  }

  @Test(arguments: [1, 3, 4, 5, 8, 11], [(4, 1), (12, 2), (64, 7)])
  func bothProductsAreTheSumsOfTheDefinition(rows: Int, sizes: (Int, Int)) {
    let (features, width) = sizes
    let w = random(rows * features, seed: 1)
    let phi = random(width * features * 16, seed: 2)
    let phiBuffer = AlignedBuffer(phi)
    var z = AlignedBuffer(count: rows * width * 16)
    multiply(w, phiBuffer, rows, features, width, into: &z)
    var gradient = AlignedBuffer(count: rows * features)
    innerProducts(z, phiBuffer, rows, features, width, into: &gradient)
    let values = z.elements(0..<z.count)
    let products = gradient.elements(0..<gradient.count)
    for i in 0..<rows {
      for n in 0..<(width * 16) {
        let sum = (0..<features).reduce(0.0) {
          $0 + Double(w[i * features + $1]) * feature(phi, $1, n, features: features)
        }
        // A Float sum of at most 64 products below 1: error ≤ 64 · 64 · 2⁻²⁴.
        #expect(abs(Double(values[i * width * 16 + n]) - sum) < 3e-4)
      }
      for k in 0..<features {
        let sum = (0..<(width * 16)).reduce(0.0) {
          $0 + Double(values[i * width * 16 + $1]) * feature(phi, k, $1, features: features)
        }
        // At most 112 products below 64 · 1.
        #expect(abs(Double(products[i * features + k]) - sum) < 2e-3 * max(1, abs(sum)))
      }
    }
  }

  @Test func aSampleHasTheSameBitsWhereverItStands() {
    let (rows, features, width) = (5, 16, 5)
    let w = random(rows * features, seed: 3)
    let phi = random(width * features * 16, seed: 4)
    var whole = AlignedBuffer(count: rows * width * 16)
    multiply(w, AlignedBuffer(phi), rows, features, width, into: &whole)
    // The third vector of samples alone.
    let part = Array(phi[(2 * features * 16)..<(3 * features * 16)])
    var alone = AlignedBuffer(count: rows * 16)
    multiply(w, AlignedBuffer(part), rows, features, 1, into: &alone)
    for i in 0..<rows {
      let start = (i * width + 2) * 16
      #expect(alone.elements((i * 16)..<(i * 16 + 16)) == whole.elements(start..<(start + 16)))
    }
  }

  private func multiply(
    _ w: [Float], _ phi: borrowing AlignedBuffer, _ rows: Int, _ features: Int, _ width: Int,
    into z: inout AlignedBuffer
  ) {
    var target = z.mutableVectors
    InterleavedProduct.multiply(
      w.span, by: phi.vectors, rows: rows, features: features, width: width, into: &target)
  }

  private func innerProducts(
    _ g: borrowing AlignedBuffer, _ phi: borrowing AlignedBuffer, _ rows: Int, _ features: Int,
    _ width: Int, into w: inout AlignedBuffer
  ) {
    var target = w.mutableFloats
    InterleavedProduct.innerProducts(
      of: g.vectors, with: phi.vectors, rows: rows, features: features, width: width,
      into: &target)
  }
}
