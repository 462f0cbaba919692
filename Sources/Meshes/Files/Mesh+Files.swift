import Compute
import Foundation

extension Mesh {
  /// Reads an OBJ, PLY or STL file. Its bytes say which it is; where they do not, the ending of its
  /// name does.
  ///
  /// Coordinates keep the values of the file. Faces keep their corners, whatever is odd about them
  /// (see ``report()``); only STL's vertices are welded.
  public static func read(_ path: String) throws(MeshFileError) -> Mesh {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    return try decode(data, from: path)
  }

  /// The mesh in `data`, the bytes of a whole file; `path` names it in errors.
  public static func decode(_ data: Data, from path: String) throws(MeshFileError) -> Mesh {
    let bytes = data.span
    if bytes.isEmpty { throw .empty(path: path) }
    switch MeshFormat(of: bytes, named: path) {
    case .obj: return try OBJReader.mesh(bytes, path: path)
    case .ply: return try PLYReader.mesh(bytes, path: path)
    case .stl: return try STLReader.mesh(bytes, path: path)
    case nil:
      throw .unknownFormat(path: path, found: TextCursor(bytes, path: path).foundText)
    }
  }

  /// Writes the mesh as OBJ with nine significant digits, PLY with all of them, or binary STL.
  ///
  /// - Parameter format: nil for that which the ending of `path` says.
  public func write(to path: String, as format: MeshFormat? = nil) throws(MeshFileError) {
    guard let format = format ?? MeshFormat(endingOf: path) else {
      throw .unknownEnding(path: path)
    }
    let data = try encoded(as: format, path: path)
    do throws(FileError) { try AtomicFile.write(data, to: path) } catch { throw .file(error) }
  }

  /// The bytes of the file that ``write(to:as:)`` writes; `path` names it in errors.
  public func encoded(as format: MeshFormat, path: String) throws(MeshFileError) -> Data {
    switch format {
    case .obj: objText
    case .ply: plyBytes
    case .stl: try stlBytes(path: path)
    }
  }
}
