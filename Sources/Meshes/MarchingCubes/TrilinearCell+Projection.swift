extension TrilinearCell {
  /// The interpolant's value at a point of the unit cube, and its gradient.
  func valueAndGradient(at point: SIMD3<Double>) -> (Double, SIMD3<Double>) {
    let (x, y, z) = (point.x, point.y, point.z)
    let alongZ = values.highHalf - values.lowHalf
    let slice = values.lowHalf + z * alongZ
    func bilinear(_ v: SIMD4<Double>) -> Double {
      (1 - y) * ((1 - x) * v[0] + x * v[1]) + y * ((1 - x) * v[2] + x * v[3])
    }
    let alongX = (1 - y) * (slice[1] - slice[0]) + y * (slice[3] - slice[2])
    let alongY = (1 - x) * (slice[2] - slice[0]) + x * (slice[3] - slice[1])
    return (bilinear(slice), [alongX, alongY, bilinear(alongZ)])
  }

  /// A point near `point` where the interpolant is nearer to the level: Newton steps along its
  /// gradient, as long as they stay inside the cell and help.
  func projected(_ point: SIMD3<Double>) -> SIMD3<Double> {
    var point = point
    var (value, gradient) = valueAndGradient(at: point)
    for _ in 0..<8 {
      let square = gradient.dot(gradient)
      guard value != 0, square > 0 else { break }
      let next = point - value / square * gradient
      guard next.min() > 0.01, next.max() < 0.99 else { break }
      let (nextValue, nextGradient) = valueAndGradient(at: next)
      guard abs(nextValue) < abs(value) else { break }
      (point, value, gradient) = (next, nextValue, nextGradient)
    }
    return point
  }
}
