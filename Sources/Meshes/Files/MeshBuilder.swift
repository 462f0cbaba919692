/// A mesh as a file is read: vertices and faces in the order in which they come.
struct MeshBuilder {
  let path: String
  var positions: [SIMD3<Double>] = []
  private(set) var corners: [Int32] = []
  private(set) var faceStarts: [Int32] = [0]

  init(path: String) { self.path = path }

  mutating func reserve(vertices: Int, corners: Int, faces: Int) {
    positions.reserveCapacity(vertices)
    self.corners.reserveCapacity(corners)
    faceStarts.reserveCapacity(faces + 1)
  }

  /// Adds a corner to the face that is being built; `vertex` may exceed the vertices known so far.
  mutating func addCorner(_ vertex: Int32) { corners.append(vertex) }

  /// How many corners the face has that is being built.
  var openCornerCount: Int { corners.count - Int(faceStarts[faceStarts.count - 1]) }

  /// Ends the face whose corners have been added.
  mutating func endFace(at place: @autoclosure () -> MeshFileError.Place) throws(MeshFileError) {
    guard openCornerCount >= 3 else {
      throw .tooFewCorners(path: path, place: place(), found: openCornerCount)
    }
    guard corners.count <= Int32.max else { throw .tooLarge(path: path, what: "corners") }
    faceStarts.append(Int32(corners.count))
  }

  /// The mesh; all corners must be vertices.
  consuming func mesh() throws(MeshFileError) -> Mesh {
    guard positions.count <= Int32.max else { throw .tooLarge(path: path, what: "vertices") }
    guard faceStarts.count > 1 else {
      throw .noFaces(path: path, vertexCount: positions.count)
    }
    return Mesh(positions: positions, corners: corners, faceStarts: faceStarts)
  }
}
