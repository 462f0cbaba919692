extension Mesh {
  /// How many triangles ``triangles`` has: of a face with n corners, n − 2.
  public var triangleCount: Int { corners.count - 2 * faceCount }

  public var isTriangular: Bool { corners.count == 3 * faceCount }

  /// The faces as triangles, vertex numbers with the orientation of their face, in the faces'
  /// order.
  ///
  /// A face of more than three corners becomes the fan of triangles from its first corner. Of a
  /// face that is not convex, triangles of the fan may overlap; areas and volumes of the whole face
  /// that are sums over oriented triangles are right all the same.
  public var triangles: [SIMD3<Int32>] {
    var triangles: [SIMD3<Int32>] = []
    triangles.reserveCapacity(triangleCount)
    forEachTriangle { triangles.append($0) }
    return triangles
  }

  /// Calls `body` with each of the ``triangles``.
  func forEachTriangle(_ body: (SIMD3<Int32>) -> Void) {
    let corners = corners.span
    let starts = faceStarts.span
    for face in 0..<faceCount {
      let first = Int(starts[face])
      for next in first + 1..<Int(starts[face + 1]) - 1 {
        body([corners[first], corners[next], corners[next + 1]])
      }
    }
  }
}
