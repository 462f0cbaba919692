/// The integrals of `n`, `h n` and `h h n` over a surface, where `n` is its normal and `h` the way
/// from ``center``.
///
/// - Source: Barill et al., "Fast winding numbers for soups and clouds", SIGGRAPH 2018, eq. 14–17.
struct SurfaceMoments {
  var center: SIMD3<Double>
  /// Of the pieces, without signs.
  var area: Double
  var zeroth: SIMD3<Double>
  /// For each component of `h`.
  var first: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
  /// For `h h`: xx, yy, zz, xy, xz, yz.
  var second:
    (
      SIMD3<Double>, SIMD3<Double>, SIMD3<Double>, SIMD3<Double>, SIMD3<Double>, SIMD3<Double>
    )

  /// Of nothing, around `center`.
  init(around center: SIMD3<Double>) {
    self.center = center
    area = 0
    zeroth = .zero
    first = (.zero, .zero, .zero)
    second = (.zero, .zero, .zero, .zero, .zero, .zero)
  }

  mutating func add(_ triangle: Triangle) {
    let (a, b, c) = (triangle.a - center, triangle.b - center, triangle.c - center)
    let n = triangle.vectorArea
    let sum = a + b + c
    area += n.length
    zeroth += n
    first.0 += n * (sum.x / 3)
    first.1 += n * (sum.y / 3)
    first.2 += n * (sum.z / 3)
    // The mean of h h over a triangle: that of its corners' and three corners' worth of its middle's.
    let squares = (a * a + b * b + c * c + sum * sum) / 12
    let products =
      (Self.products(a) + Self.products(b) + Self.products(c) + Self.products(sum)) / 12
    second.0 += n * squares.x
    second.1 += n * squares.y
    second.2 += n * squares.z
    second.3 += n * products.x
    second.4 += n * products.y
    second.5 += n * products.z
  }

  /// Adds the moments of another part of the surface, around whatever centre.
  mutating func add(_ other: SurfaceMoments) {
    let s = other.center - center
    let (n, m, t) = (other.zeroth, other.first, other.second)
    area += other.area
    zeroth += n
    first.0 += m.0 + s.x * n
    first.1 += m.1 + s.y * n
    first.2 += m.2 + s.z * n
    second.0 += t.0 + 2 * s.x * m.0 + s.x * s.x * n
    second.1 += t.1 + 2 * s.y * m.1 + s.y * s.y * n
    second.2 += t.2 + 2 * s.z * m.2 + s.z * s.z * n
    second.3 += t.3 + s.x * m.1 + s.y * m.0 + s.x * s.y * n
    second.4 += t.4 + s.x * m.2 + s.z * m.0 + s.x * s.z * n
    second.5 += t.5 + s.y * m.2 + s.z * m.1 + s.y * s.z * n
  }

  private static func products(_ v: SIMD3<Double>) -> SIMD3<Double> {
    [v.x * v.y, v.x * v.z, v.y * v.z]
  }
}

/// The winding number far from a part of the surface, to second order in its size over the distance.
///
/// With `y` the way from the point to ``center`` and `r` its length, the part of the winding number
/// is `(linear·y / r³) + (quadratic(y) / r⁵) + (cubic(y) / r⁷)`. Derivatives of `1/r` are harmonic,
/// so only the symmetric parts of the moments without their traces count: three, five and seven
/// numbers, of which the forms have all coefficients, for fewer operations.
struct SolidAngleExpansion {
  var center: SIMD3<Float>
  /// The distance of the farthest triangle from the centre, squared.
  var squaredRadius: Float
  var linear: SIMD3<Float>
  /// xx, yy, zz, xy, xz, yz.
  var quadratic: (Float, Float, Float, Float, Float, Float)
  /// xxx, xxy, xxz, yyx, yyy, yyz, zzx, zzy, zzz, xyz.
  var cubic: (Float, Float, Float, Float, Float, Float, Float, Float, Float, Float)

  init(_ moments: SurfaceMoments, radius: Double) {
    center = SIMD3<Float>(moments.center)
    // The centre is rounded, so the radius grows.
    squaredRadius = Float((radius + 1e-7) * (radius + 1e-7) * (1 + 1e-6))
    let unit = 1 / (4 * Double.pi)
    linear = SIMD3<Float>(unit * moments.zeroth)

    // 1. Minus three times the symmetric part of the first moments without its trace.
    let (m, t) = (moments.first, moments.second)
    let third = (m.0.x + m.1.y + m.2.z) / 3
    let quadraticUnit = -3 * unit
    quadratic = (
      Float(quadraticUnit * (m.0.x - third)), Float(quadraticUnit * (m.1.y - third)),
      Float(quadraticUnit * (m.2.z - third)), Float(quadraticUnit * (m.0.y + m.1.x)),
      Float(quadraticUnit * (m.0.z + m.2.x)), Float(quadraticUnit * (m.1.z + m.2.y))
    )

    // 2. The symmetric part of the second moments, each element as often as it occurs in the form.
    let (xxx, yyy, zzz) = (t.0.x, t.1.y, t.2.z)
    let (xxy, xxz) = (t.0.y + 2 * t.3.x, t.0.z + 2 * t.4.x)
    let (yyx, yyz) = (t.1.x + 2 * t.3.y, t.1.z + 2 * t.5.y)
    let (zzx, zzy) = (t.2.x + 2 * t.4.z, t.2.y + 2 * t.5.z)
    let xyz = 2 * (t.3.z + t.4.y + t.5.x)
    // 3. Its trace times y r², of which the form has three fifths; 15/2 of the rest.
    let (tx, ty, tz) = (
      (xxx + yyx / 3 + zzx / 3) * 0.6, (yyy + xxy / 3 + zzy / 3) * 0.6,
      (zzz + xxz / 3 + yyz / 3) * 0.6
    )
    let cubicUnit = 7.5 * unit
    cubic = (
      Float(cubicUnit * (xxx - tx)), Float(cubicUnit * (xxy - ty)), Float(cubicUnit * (xxz - tz)),
      Float(cubicUnit * (yyx - tx)), Float(cubicUnit * (yyy - ty)), Float(cubicUnit * (yyz - tz)),
      Float(cubicUnit * (zzx - tx)), Float(cubicUnit * (zzy - ty)), Float(cubicUnit * (zzz - tz)),
      Float(cubicUnit * xyz)
    )
  }
}
