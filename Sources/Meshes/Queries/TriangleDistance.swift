/// The squared distances of eight points from a triangle.
///
/// The closest point lies on an edge or, if the foot of the perpendicular is inside, on the plane.
/// All four candidates are points of the triangle, so rounding never makes a distance too small,
/// and triangles without area are just their edges.
///
/// - Source: the regions of Ericson, "Real-time collision detection", 2005, section 5.1.5, without
///   branches.
struct TriangleDistance {
  typealias Lanes = SIMD8<Double>

  private let a: SIMD3<Double>
  private let ab: SIMD3<Double>
  private let ac: SIMD3<Double>
  private let bc: SIMD3<Double>
  /// The edges over their squared lengths.
  private let alongAB: SIMD3<Double>
  private let alongAC: SIMD3<Double>
  private let alongBC: SIMD3<Double>
  /// The products of the way from `a` with these are the shares of `ab` and `ac` in the foot.
  private let shareB: SIMD3<Double>
  private let shareC: SIMD3<Double>

  @inline(always)
  init(_ triangle: Triangle) {
    a = triangle.a
    ab = triangle.b - a
    ac = triangle.c - a
    bc = triangle.c - triangle.b
    alongAB = Self.along(ab)
    alongAC = Self.along(ac)
    alongBC = Self.along(bc)
    let normal = Self.cross(ab, ac)
    let inverse = Self.inverse((normal * normal).sum())
    // Without area, both shares are zero everywhere: there is no foot.
    shareB = Self.cross(ac, normal) * inverse
    shareC = Self.cross(normal, ab) * inverse
  }

  /// - Parameters:
  ///   - x, y, z: the points.
  @inline(always)
  func squared(_ x: Lanes, _ y: Lanes, _ z: Lanes) -> Lanes {
    let (px, py, pz) = (x - a.x, y - a.y, z - a.z)
    var best = Self.squared(px, py, pz, ab, alongAB)
    best = Self.lesser(best, Self.squared(px, py, pz, ac, alongAC))
    best = Self.lesser(best, Self.squared(px - ab.x, py - ab.y, pz - ab.z, bc, alongBC))
    let (v, w) = (Self.dot(px, py, pz, shareB), Self.dot(px, py, pz, shareC))
    let foot = Self.squaredLength(
      Self.minus(Self.minus(px, v, ab.x), w, ac.x), Self.minus(Self.minus(py, v, ab.y), w, ac.y),
      Self.minus(Self.minus(pz, v, ab.z), w, ac.z))
    let isInside = (v .> 0) .& (w .> 0) .& (v + w .< 1)
    return best.replacing(with: foot, where: isInside .& (foot .< best))
  }

  /// The closest point to one point; the same candidates.
  func closestPoint(to point: SIMD3<Double>) -> SIMD3<Double> {
    let way = point - a
    func onEdge(_ start: SIMD3<Double>, _ edge: SIMD3<Double>, _ along: SIMD3<Double>)
      -> SIMD3<Double>
    {
      start + min(max((way - start).dot(along), 0), 1) * edge
    }
    var candidates = [
      onEdge(.zero, ab, alongAB), onEdge(.zero, ac, alongAC), onEdge(ab, bc, alongBC),
    ]
    let (v, w) = (way.dot(shareB), way.dot(shareC))
    if v > 0, w > 0, v + w < 1 { candidates.append(v * ab + w * ac) }
    var best = (place: candidates[0], square: Double.infinity)
    for candidate in candidates {
      let square = (way - candidate).dot(way - candidate)
      if square < best.square { best = (candidate, square) }
    }
    return a + best.place
  }

  /// An edge over its squared length; zero for an edge without length.
  @inline(always)
  private static func along(_ edge: SIMD3<Double>) -> SIMD3<Double> {
    edge * inverse((edge * edge).sum())
  }

  @inline(always)
  private static func inverse(_ square: Double) -> Double { square > 1e-290 ? 1 / square : 0 }

  @inline(always)
  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    let x = a.y * b.z - a.z * b.y
    let y = a.z * b.x - a.x * b.z
    return SIMD3(x, y, a.x * b.y - a.y * b.x)
  }

  @inline(always)
  private static func squared(
    _ x: Lanes, _ y: Lanes, _ z: Lanes, _ edge: SIMD3<Double>, _ along: SIMD3<Double>
  ) -> Lanes {
    var share = dot(x, y, z, along)
    share = share.replacing(with: 0, where: share .< 0)
    share = share.replacing(with: 1, where: share .> 1)
    return squaredLength(minus(x, share, edge.x), minus(y, share, edge.y), minus(z, share, edge.z))
  }

  @inline(always)
  private static func minus(_ x: Lanes, _ share: Lanes, _ length: Double) -> Lanes {
    x.addingProduct(share, Lanes(repeating: -length))
  }

  @inline(always)
  private static func dot(_ x: Lanes, _ y: Lanes, _ z: Lanes, _ other: SIMD3<Double>) -> Lanes {
    (x * other.x).addingProduct(y, Lanes(repeating: other.y))
      .addingProduct(z, Lanes(repeating: other.z))
  }

  @inline(always)
  private static func squaredLength(_ x: Lanes, _ y: Lanes, _ z: Lanes) -> Lanes {
    (x * x).addingProduct(y, y).addingProduct(z, z)
  }

  @inline(always)
  private static func lesser(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.replacing(with: b, where: b .< a)
  }
}
