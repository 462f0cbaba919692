extension Mesh {
  /// The smallest box around all vertices that a face uses; nil if there are no faces.
  public var bounds: Box? {
    guard let first = corners.first else { return nil }
    let positions = positions.span
    var box = Box(lower: positions[Int(first)], upper: positions[Int(first)])
    for corner in corners {
      let position = positions[Int(corner)]
      box.lower = pointwiseMin(box.lower, position)
      box.upper = pointwiseMax(box.upper, position)
    }
    return box
  }

  /// The area of all faces, in the square of the positions' unit: of a face, the length of the sum
  /// of its triangles' vector areas, which is exact for any flat polygon, convex or not.
  public var area: Double {
    var sum = 0.0
    for face in 0..<faceCount { sum += vectorArea(ofFace: face).length }
    return sum
  }

  /// The volume inside a closed mesh, positive if its faces point outwards, in the cube of the
  /// positions' unit.
  ///
  /// This is a sixth of the sum of the triangles' triple products, taken from the centre of the
  /// bounds, so that a mesh far from the origin loses no digits. Of a mesh with holes it is the
  /// volume that cones from the holes' edges to that centre would close.
  public var signedVolume: Double {
    guard let center = bounds?.center else { return 0 }
    let positions = positions.span
    var sum = 0.0
    forEachTriangle { triangle in
      let a = positions[Int(triangle.x)] - center
      let b = positions[Int(triangle.y)] - center
      let c = positions[Int(triangle.z)] - center
      sum += a.dot(b.cross(c))
    }
    return sum / 6
  }

  /// Vertices − edges + faces; counted are the vertices that a face uses. 2 for a sphere, 0 for a
  /// torus, 2 − 2g for a closed surface of genus g.
  public var eulerCharacteristic: Int { report().eulerCharacteristic }

  /// The sum of the vector areas of a face's triangles: its area times its normal.
  func vectorArea(ofFace face: Int) -> SIMD3<Double> {
    let start = Int(faceStarts[face])
    let origin = positions[Int(corners[start])]
    var sum = SIMD3<Double>.zero
    var previous = positions[Int(corners[start + 1])] - origin
    for corner in start + 2..<Int(faceStarts[face + 1]) {
      let next = positions[Int(corners[corner])] - origin
      sum += previous.cross(next)
      previous = next
    }
    return sum / 2
  }
}

extension SIMD3<Double> {
  /// The product with `other`, summed.
  func dot(_ other: Self) -> Double { (self * other).sum() }

  /// The vector product with `other`.
  func cross(_ other: Self) -> Self {
    [
      y * other.z - z * other.y,
      z * other.x - x * other.z,
      x * other.y - y * other.x,
    ]
  }

  var length: Double { dot(self).squareRoot() }

  var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}
