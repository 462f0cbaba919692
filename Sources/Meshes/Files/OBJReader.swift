/// Wavefront OBJ: vertices and polygons; everything else in the file is passed over.
///
/// - A face's corner is `v`, `v/vt`, `v//vn` or `v/vt/vn`; `v` counts from 1, or from −1 backwards
///   from the last vertex so far. What follows the first slash is not looked at.
/// - Of a vertex the first three numbers count; a weight or a colour behind them does not.
/// - A backslash at the end of a line continues it. `#` begins a comment.
enum OBJReader {
  static func mesh(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) -> Mesh {
    let mark = bytes.starts(with: "\u{FEFF}") ? 3 : 0
    var text = TextCursor(bytes, path: path, position: mark, continuesLines: true)
    var builder = MeshBuilder(path: path)
    builder.reserve(
      vertices: bytes.count / 80, corners: bytes.count / 13, faces: bytes.count / 40)
    var furthest = (vertex: 0, line: 0)
    while !text.isAtEnd {
      text.skipSpaces()
      if text.current == ASCII.v, ASCII.isSpace(text.following) {
        text.advance()
        try readVertex(&text, &builder)
      } else if text.current == ASCII.f, ASCII.isSpace(text.following) {
        text.advance()
        try readFace(&text, &builder, &furthest)
      }
      skipStatement(&text)
    }
    if furthest.vertex > builder.positions.count {
      throw .noSuchVertex(
        path: path, place: .line(furthest.line), found: "\(furthest.vertex)",
        range: range(builder.positions.count))
    }
    return try builder.mesh()
  }

  private static func readVertex(
    _ text: inout TextCursor, _ builder: inout MeshBuilder
  ) throws(MeshFileError) {
    skipSpaces(&text)
    let x = try text.coordinate("the x of a vertex")
    skipSpaces(&text)
    let y = try text.coordinate("the y of a vertex")
    skipSpaces(&text)
    let z = try text.coordinate("the z of a vertex")
    builder.positions.append([x, y, z])
  }

  /// - Parameter furthest: the largest vertex number so far that no vertex had yet, and its line:
  ///   some programs write faces first.
  private static func readFace(
    _ text: inout TextCursor, _ builder: inout MeshBuilder,
    _ furthest: inout (vertex: Int, line: Int)
  ) throws(MeshFileError) {
    let line = text.line
    while true {
      skipSpaces(&text)
      if text.isAtLineEnd || text.current == ASCII.hash { break }
      let start = text.position
      guard let number = text.integer(), text.isAtWordEnd || text.current == ASCII.slash else {
        text.rewind(to: start)
        throw text.unexpected("the number of a vertex")
      }
      let known = builder.positions.count
      let vertex = number < 0 ? known + number : number - 1
      if vertex < 0 || vertex >= Int(Int32.max) {
        throw .noSuchVertex(
          path: text.path, place: .line(text.line), found: "\(number)",
          range: number < 0 ? "-1 to -\(known)" : range(known))
      }
      if vertex >= known, vertex >= furthest.vertex { furthest = (vertex + 1, text.line) }
      builder.addCorner(Int32(vertex))
      text.skipWord()
    }
    try builder.endFace(at: .line(line))
  }

  private static func range(_ vertexCount: Int) -> String {
    vertexCount == 0 ? "none, because there are no vertices" : "1 to \(vertexCount)"
  }

  /// Skips spaces and ends of lines that a backslash takes away.
  private static func skipSpaces(_ text: inout TextCursor) {
    text.skipSpaces()
    while text.current == ASCII.backslash, ASCII.isLineEnd(text.following) {
      text.advance()
      text.endLine()
      text.skipSpaces()
    }
  }

  /// Moves to the line after this statement, which may go on over several lines.
  private static func skipStatement(_ text: inout TextCursor) {
    while !text.isAtLineEnd {
      if text.current == ASCII.hash { return skipComment(&text) }
      let isBackslash = text.current == ASCII.backslash
      text.advance()
      if isBackslash, text.isAtLineEnd { text.endLine() }
    }
    text.endLine()
  }

  private static func skipComment(_ text: inout TextCursor) {
    text.skipToLineEnd()
    text.endLine()
  }
}
