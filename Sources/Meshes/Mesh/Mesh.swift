/// A surface in space: vertices, and flat polygons between them.
///
/// - Layout: the corners of all faces stand one after another; those of face `f` are
///   `corners[faceStarts[f]..<faceStarts[f + 1]]`, vertex numbers from 0.
/// - Orientation: the corners of a face run counter-clockwise, seen from outside. A
///   mesh may break this, have holes, or cross itself; ``report()`` tells, except crossings.
public struct Mesh: Sendable, Equatable {
  /// Where the vertices are, in the units of the file.
  public private(set) var positions: [SIMD3<Double>]
  /// The vertex of each corner of each face.
  public let corners: [Int32]
  /// Where the corners of each face start; one element more than there are faces.
  public let faceStarts: [Int32]

  /// - Parameters:
  ///   - corners: vertex numbers in `0..<positions.count`.
  ///   - faceStarts: from 0 to `corners.count`, in steps of at least three.
  public init(positions: [SIMD3<Double>], corners: [Int32], faceStarts: [Int32]) {
    precondition(
      faceStarts.first == 0 && faceStarts.last.map(Int.init) == corners.count,
      "the faces start at \(faceStarts.first ?? -1) and end at \(faceStarts.last ?? -1), "
        + "expected 0 and \(corners.count)")
    for face in 1..<max(faceStarts.count, 1) {
      precondition(
        Int(faceStarts[face]) - Int(faceStarts[face - 1]) >= 3,
        "face \(face - 1) has fewer than 3 corners")
    }
    let vertexCount = positions.count
    for corner in corners {
      precondition(
        corner >= 0 && Int(corner) < vertexCount,
        "a corner is vertex \(corner), but there are \(vertexCount) vertices")
    }
    self.positions = positions
    self.corners = corners
    self.faceStarts = faceStarts
  }

  /// A mesh of polygons, each a list of vertex numbers.
  public init(positions: [SIMD3<Double>], faces: [[Int32]]) {
    var faceStarts: [Int32] = [0]
    faceStarts.reserveCapacity(faces.count + 1)
    for face in faces { faceStarts.append(faceStarts[faceStarts.count - 1] + Int32(face.count)) }
    self.init(positions: positions, corners: faces.flatMap { $0 }, faceStarts: faceStarts)
  }

  /// A mesh of triangles, each three vertex numbers.
  public init(positions: [SIMD3<Double>], triangles: [SIMD3<Int32>]) {
    var corners: [Int32] = []
    corners.reserveCapacity(3 * triangles.count)
    for triangle in triangles {
      corners.append(triangle.x)
      corners.append(triangle.y)
      corners.append(triangle.z)
    }
    let starts = (0...triangles.count).map { Int32(3 * $0) }
    self.init(positions: positions, corners: corners, faceStarts: starts)
  }

  public var vertexCount: Int { positions.count }
  public var faceCount: Int { faceStarts.count - 1 }

  /// The vertices of face `face`, in their order.
  public func corners(ofFace face: Int) -> ArraySlice<Int32> {
    corners[Int(faceStarts[face])..<Int(faceStarts[face + 1])]
  }

  /// The same faces between vertices that have been scaled, then moved.
  public func transformed(by transformation: Similarity) -> Mesh {
    var mesh = self
    for i in mesh.positions.indices {
      mesh.positions[i] = transformation.applied(to: mesh.positions[i])
    }
    return mesh
  }
}
