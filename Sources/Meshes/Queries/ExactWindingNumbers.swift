import Foundation

/// The sum of the solid angles of all triangles at eight points at a time, in double precision.
struct ExactWindingNumbers {
  typealias Lanes = SIMD8<Double>

  let triangles: [Triangle]

  /// - Parameter points: one to eight, in the triangles' coordinates.
  func at(_ points: [SIMD3<Double>]) -> Lanes {
    var (x, y, z) = (Lanes.zero, Lanes.zero, Lanes.zero)
    for lane in 0..<Lanes.scalarCount {
      let point = points[min(lane, points.count - 1)]
      (x[lane], y[lane], z[lane]) = (point.x, point.y, point.z)
    }
    var sum = Lanes.zero
    let triangles = triangles.span
    for i in triangles.indices {
      let triangle = triangles[i]
      // A triangle without area has no solid angle either, wherever rounding puts it.
      guard triangle.vectorArea != .zero else { continue }
      let a = Self.direction(triangle.a, x, y, z)
      let b = Self.direction(triangle.b, x, y, z)
      let c = Self.direction(triangle.c, x, y, z)
      let nx = b.y * c.z - b.z * c.y
      let ny = b.z * c.x - b.x * c.z
      let nz = b.x * c.y - b.y * c.x
      let imaginary = a.x * nx + a.y * ny + a.z * nz
      let real =
        1 + (a.x * b.x + a.y * b.y + a.z * b.z) + (b.x * c.x + b.y * c.y + b.z * c.z)
        + (c.x * a.x + c.y * a.y + c.z * a.z)
      for lane in 0..<Lanes.scalarCount { sum[lane] += atan2(imaginary[lane], real[lane]) }
    }
    return sum / (2 * .pi)
  }

  /// The unit vectors from the points to a corner; zero where the point is the corner.
  private static func direction(_ corner: SIMD3<Double>, _ x: Lanes, _ y: Lanes, _ z: Lanes) -> (
    x: Lanes, y: Lanes, z: Lanes
  ) {
    let (dx, dy, dz) = (corner.x - x, corner.y - y, corner.z - z)
    let length = (dx * dx + dy * dy + dz * dz).squareRoot()
    let inverse = (1 / length).replacing(with: 0, where: length .== 0)
    return (dx * inverse, dy * inverse, dz * inverse)
  }
}
