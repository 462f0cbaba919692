/// `x a + y b + z c + d` as `(a, b, c, d)`; in the plane c is 0.
typealias AffineForm = SIMD4<Double>

extension SIMD4<Double> {
  @inline(__always)
  func value(at p: SIMD3<Double>) -> Double {
    w.addingProduct(x, p.x).addingProduct(y, p.y).addingProduct(z, p.z)
  }

  /// The length of the gradient.
  var slope: Double { (x * x + y * y + z * z).squareRoot() }
}

func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
