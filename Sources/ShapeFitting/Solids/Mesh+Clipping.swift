import Meshes

extension Mesh {
  /// The part of the surface that lies in a box, as triangles and what the box leaves of them. It ends
  /// with open edges at the box.
  ///
  /// - Source: Sutherland and Hodgman, "Reentrant polygon clipping", CACM 1974.
  func clipped(to box: Box) -> Mesh {
    var (positions, faces): ([SIMD3<Double>], [[Int32]]) = ([], [])
    for corners in triangles {
      var polygon = [corners.x, corners.y, corners.z].map { self.positions[Int($0)] }
      for axis in 0..<3 {
        polygon = Self.cut(polygon) { $0[axis] - box.lower[axis] }
        polygon = Self.cut(polygon) { box.upper[axis] - $0[axis] }
      }
      guard polygon.count >= 3 else { continue }
      faces.append(polygon.indices.map { Int32(positions.count + $0) })
      positions += polygon
    }
    return Mesh(positions: positions, faces: faces)
  }

  /// The part of a convex polygon where a linear function is not negative.
  private static func cut(
    _ polygon: [SIMD3<Double>], _ height: (SIMD3<Double>) -> Double
  ) -> [SIMD3<Double>] {
    var kept: [SIMD3<Double>] = []
    for (i, corner) in polygon.enumerated() {
      let next = polygon[(i + 1) % polygon.count]
      let (here, there) = (height(corner), height(next))
      if here >= 0 { kept.append(corner) }
      if (here < 0) != (there < 0) {
        kept.append(corner + here / (here - there) * (next - corner))
      }
    }
    return kept
  }
}
