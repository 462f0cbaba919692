/// A convex part of the domain on which the network is affine.
public struct LinearRegion: Sendable {
  /// 2 or 3.
  public let dimension: Int
  public let pattern: ActivationPattern
  public let map: AffineMap
  /// In the plane, z is 0.
  public let vertices: [SIMD3<Double>]
  /// The same for the same vertex in all regions that it belongs to.
  public let identities: [VertexIdentity]
  /// The corners of each facet, counter-clockwise seen from outside; in the plane there is one, the
  /// polygon, counter-clockwise.
  public let facets: [[Int32]]

  /// The area in the plane, the volume in space.
  public var measure: Double {
    guard dimension == 3 else { return length(vectorArea(of: facets[0])) }
    let sum = facets.reduce(0.0) { sum, facet in
      let height = ((vertices[Int(facet[0])] - vertices[0]) * vectorArea(of: facet)).sum()
      return sum + height
    }
    return sum / 3
  }

  private func vectorArea(of facet: [Int32]) -> SIMD3<Double> {
    let origin = vertices[Int(facet[0])]
    var sum = SIMD3<Double>.zero
    for k in facet.indices.dropFirst().dropLast() {
      sum += cross(vertices[Int(facet[k])] - origin, vertices[Int(facet[k + 1])] - origin)
    }
    return sum / 2
  }
}
