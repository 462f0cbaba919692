import Compute

/// A file of a mesh that cannot be used, and what to do about it.
public enum MeshFileError: Error, Equatable, CustomStringConvertible {
  /// Where in a file something is; lines count from 1, bytes from 0.
  public enum Place: Sendable, Equatable, CustomStringConvertible {
    case line(Int)
    case byte(Int)

    public var description: String {
      switch self {
      case .line(let line): "line \(line)"
      case .byte(let byte): "byte \(byte)"
      }
    }
  }

  case file(FileError)
  case empty(path: String)
  case unknownFormat(path: String, found: String)
  case unknownEnding(path: String)
  /// - Parameter missing: what the file should go on with.
  case cutShort(path: String, place: Place, missing: String)
  /// A count in the file asks for more bytes than follow.
  case promisesTooMuch(path: String, what: String, expectedBytes: Int, foundBytes: Int)
  case wrongTriangleCount(path: String, promised: Int, expectedBytes: Int, foundBytes: Int)
  case unexpected(path: String, place: Place, found: String, expected: String)
  case badHeader(path: String, line: Int, problem: String)
  case notFinite(path: String, place: Place, found: String)
  /// - Parameter range: the vertex numbers that would have been right, such as "1 to 8".
  case noSuchVertex(path: String, place: Place, found: String, range: String)
  case tooFewCorners(path: String, place: Place, found: Int)
  case noFaces(path: String, vertexCount: Int)
  case tooLarge(path: String, what: String)
  case notStorable(path: String, vertex: Int, format: MeshFormat)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .empty(let path): "\(path) is empty; expected a mesh as OBJ, PLY or STL"
    case .unknownFormat(let path, let found):
      "\(path) is no mesh that can be read: found \(found), expected OBJ, PLY or STL; "
        + "save it as one of these"
    case .unknownEnding(let path):
      "\(path) does not say which kind of mesh to write; expected a name that ends in .obj, .ply "
        + "or .stl"
    case .cutShort(let path, let place, let missing):
      "\(path) ends too early, at \(place): expected \(missing); copy or save it again"
    case .promisesTooMuch(let path, let what, let expectedBytes, let foundBytes):
      "\(path) does not hold what its header says: \(what) need at least \(expectedBytes) bytes, "
        + "found \(foundBytes); copy or save it again"
    case .wrongTriangleCount(let path, let promised, let expectedBytes, let foundBytes):
      "\(path) does not hold what its header says: \(promised) triangles need \(expectedBytes) "
        + "bytes, found \(foundBytes); copy or save it again"
    case .unexpected(let path, let place, let found, let expected):
      "\(path), \(place): found \(found), expected \(expected); repair it or save it again"
    case .badHeader(let path, let line, let problem):
      "\(path), line \(line) of the header: \(problem); save it again"
    case .notFinite(let path, let place, let found):
      "\(path), \(place): a coordinate is \(found), expected a finite number; "
        + "repair the vertex or leave its faces out"
    case .noSuchVertex(let path, let place, let found, let range):
      "\(path), \(place): a face uses vertex \(found), expected \(range); "
        + "repair the face or leave it out"
    case .tooFewCorners(let path, let place, let found):
      "\(path), \(place): found a face of \(found) corner\(found == 1 ? "" : "s"), expected at "
        + "least 3; leave it out"
    case .noFaces(let path, let vertexCount):
      "\(path) holds \(vertexCount) vertices and no faces, expected a surface; "
        + (vertexCount > 0 ? "make faces between the points first" : "save the mesh again")
    case .tooLarge(let path, let what):
      "\(path) has too many \(what), expected at most \(Int32.max); split it or make it coarser"
    case .notStorable(let path, let vertex, let format):
      "\(path): vertex \(vertex) is beyond the numbers of \(format.rawValue), which has 32 bits "
        + "for each; scale the mesh down, or write OBJ or PLY"
    }
  }
}
