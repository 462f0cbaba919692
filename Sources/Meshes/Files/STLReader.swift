/// STL, text or binary: triangles without common vertices, which are welded where they agree
/// exactly. Normals and attributes are passed over.
enum STLReader {
  /// An 80-byte comment, the number of triangles, and 50 bytes for each: normal, three corners, and
  /// two bytes of attributes.
  static let headerSize = 84
  static let triangleSize = 50

  static func mesh(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) -> Mesh {
    // Binary files may begin with "solid" too, so that their size and the bytes of a text decide.
    if !isBinary(bytes), startsAsText(bytes) { return try textMesh(bytes, path: path) }
    return try binaryMesh(bytes, path: path)
  }

  /// Whether the file has exactly the size that its triangle count asks for. The smallest count that
  /// letters make would ask for more than 20 GB.
  static func isBinary(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= headerSize else { return false }
    return bytes.count == headerSize + triangleSize * Int(uint32(bytes, at: 80))
  }

  private static func startsAsText(_ bytes: Span<UInt8>) -> Bool {
    var text = TextCursor(bytes, path: "")
    text.skipSpacesAndLines()
    return text.word() == "solid" && MeshFormat.isText(bytes)
  }

  private static func binaryMesh(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) -> Mesh {
    guard bytes.count >= headerSize else {
      throw .cutShort(
        path: path, place: .byte(bytes.count), missing: "the \(headerSize) bytes of an STL header")
    }
    let count = Int(uint32(bytes, at: 80))
    let size = headerSize + triangleSize * count
    guard size == bytes.count else {
      throw .wrongTriangleCount(
        path: path, promised: count, expectedBytes: size, foundBytes: bytes.count)
    }
    var builder = MeshBuilder(path: path)
    builder.reserve(vertices: 0, corners: 3 * count, faces: count)
    var weld = VertexWeld(capacity: count / 2 + 3)
    for triangle in 0..<count {
      let start = headerSize + triangleSize * triangle
      for corner in 0..<3 {
        var position = SIMD3<Double>.zero
        for axis in 0..<3 {
          let place = start + 12 + 12 * corner + 4 * axis
          position[axis] = Double(Float(bitPattern: uint32(bytes, at: place)))
          guard position[axis].isFinite else {
            throw .notFinite(path: path, place: .byte(place), found: "\(position[axis])")
          }
        }
        builder.addCorner(weld.number(of: position))
      }
      try builder.endFace(at: .byte(start))
    }
    builder.positions = weld.positions
    return try builder.mesh()
  }

  private static func uint32(_ bytes: Span<UInt8>, at place: Int) -> UInt32 {
    UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
      | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24
  }

  // MARK: Text

  private static func textMesh(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) -> Mesh {
    var text = TextCursor(bytes, path: path)
    var builder = MeshBuilder(path: path)
    var weld = VertexWeld(capacity: bytes.count / 500)
    var hasEnded = true
    while true {
      text.skipSpacesAndLines()
      if text.isAtEnd, hasEnded { break }
      let start = text.position
      switch text.word() {
      case "solid" where hasEnded:
        text.skipToLineEnd()
        hasEnded = false
      case "endsolid" where !hasEnded:
        text.skipToLineEnd()
        hasEnded = true
      case "facet" where !hasEnded:
        try readFacet(&text, &weld, &builder)
      default:
        text.rewind(to: start)
        throw text.unexpected(hasEnded ? "solid" : "facet or endsolid")
      }
    }
    builder.positions = weld.positions
    return try builder.mesh()
  }

  private static func readFacet(
    _ text: inout TextCursor, _ weld: inout VertexWeld, _ builder: inout MeshBuilder
  ) throws(MeshFileError) {
    let line = text.line
    try expect("normal", &text)
    for _ in 0..<3 {
      text.skipSpacesAndLines()
      text.skipWord()
    }
    try expect("outer", &text)
    try expect("loop", &text)
    for _ in 0..<3 {
      try expect("vertex", &text)
      var position = SIMD3<Double>.zero
      for axis in 0..<3 {
        text.skipSpacesAndLines()
        position[axis] = try text.coordinate("a coordinate of a vertex")
      }
      builder.addCorner(weld.number(of: position))
    }
    try expect("endloop", &text)
    try expect("endfacet", &text)
    try builder.endFace(at: .line(line))
  }

  private static func expect(_ word: String, _ text: inout TextCursor) throws(MeshFileError) {
    text.skipSpacesAndLines()
    let start = text.position
    guard text.word() == word else {
      text.rewind(to: start)
      throw text.unexpected("\"\(word)\"")
    }
  }
}
