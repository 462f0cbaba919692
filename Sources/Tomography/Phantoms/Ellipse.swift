import Foundation

/// An ellipse of constant value.
///
/// - Units: centre and semi-axes in the phantom's own coordinates, x to the right and y upwards, in
///   which the picture is [−1, 1]²; `rotation` in radians, counter-clockwise.
public struct Ellipse: Sendable, Equatable, Codable {
  public var value: Double
  public var centerX: Double
  public var centerY: Double
  /// Along x before the rotation.
  public var semiAxisX: Double
  public var semiAxisY: Double
  public var rotation: Double

  public init(
    value: Double = 1, centerX: Double = 0, centerY: Double = 0, semiAxisX: Double,
    semiAxisY: Double, rotation: Double = 0
  ) {
    precondition(
      semiAxisX > 0 && semiAxisY > 0, "semi-axes of \(semiAxisX) and \(semiAxisY) are no ellipse")
    self.value = value
    self.centerX = centerX
    self.centerY = centerY
    self.semiAxisX = semiAxisX
    self.semiAxisY = semiAxisY
    self.rotation = rotation
  }

  public var area: Double { .pi * semiAxisX * semiAxisY }

  /// Value × area.
  public var mass: Double { value * area }
}

/// What rays and pixels ask an ellipse: it is scaled to lengths, and its sine and cosine are at hand.
struct PreparedEllipse: Sendable {
  let value: Double
  let center: SIMD2<Double>
  /// The ellipse's own axes, each divided by its semi-axis: the inside is where
  /// `(d · across)² + (d · along)² ≤ 1` for the distance d from the centre.
  let across: SIMD2<Double>
  let along: SIMD2<Double>

  init(_ ellipse: Ellipse, radius: Double) {
    value = ellipse.value
    center = radius * SIMD2(ellipse.centerX, ellipse.centerY)
    let (c, s) = (cos(ellipse.rotation), sin(ellipse.rotation))
    across = SIMD2(c, s) / (ellipse.semiAxisX * radius)
    along = SIMD2(-s, c) / (ellipse.semiAxisY * radius)
  }

  func contains(_ point: SIMD2<Double>) -> Bool {
    let d = point - center
    let (u, v) = ((d * across).sum(), (d * along).sum())
    return u * u + v * v <= 1
  }

  /// Value × length of the chord that a line cuts.
  ///
  /// - Parameter direction: of length 1.
  ///
  /// In the ellipse's own coordinates it is a circle of radius 1, which the line `p + t e` cuts where
  /// `|p + t e|² = 1`: at two parameters `2 √((p·e)² − |e|² (|p|² − 1)) / |e|²` apart.
  func lineIntegral(through point: SIMD2<Double>, direction: SIMD2<Double>) -> Double {
    let d = point - center
    let p = SIMD2((d * across).sum(), (d * along).sum())
    let e = SIMD2((direction * across).sum(), (direction * along).sum())
    let square = (e * e).sum()
    // |p|²|e|² − (p·e)² without its cancellation.
    let cross = p.x * e.y - p.y * e.x
    let discriminant = square - cross * cross
    return discriminant > 0 ? value * 2 * discriminant.squareRoot() / square : 0
  }
}
