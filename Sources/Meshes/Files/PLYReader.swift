/// Stanford PLY: text or binary numbers in either byte order; properties and elements that a mesh
/// does not need are skipped.
///
/// Source: G. Turk, The PLY polygon file format, 1994.
enum PLYReader {
  static func mesh(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) -> Mesh {
    let header = try PLYHeader(bytes, path: path)
    for element in header.elements {
      let (expected, isOver) = element.count.multipliedReportingOverflow(
        by: element.minimumSize(header.encoding))
      // The last number of a text need not have a space behind it.
      let found = bytes.count - header.end
      guard !isOver, expected <= found + 1 else {
        throw .promisesTooMuch(
          path: path, what: "\(element.count) of element \(element.name)",
          expectedBytes: isOver ? .max : expected, foundBytes: found)
      }
    }
    let vertexCount = header.elements.first { $0.name == "vertex" }?.count ?? 0
    let faceCount = header.elements.first { $0.name == "face" }?.count ?? 0
    guard vertexCount <= Int32.max else { throw .tooLarge(path: path, what: "vertices") }
    var builder = MeshBuilder(path: path)
    builder.reserve(vertices: vertexCount, corners: 3 * faceCount, faces: faceCount)
    if header.encoding == .ascii {
      var source = PLYTextSource(
        TextCursor(bytes, path: path, position: header.end, line: header.endLine))
      try read(header, vertexCount, from: &source, into: &builder)
    } else {
      var source = PLYBinarySource(
        bytes, path: path, position: header.end, isBigEndian: header.encoding == .bigEndian)
      try read(header, vertexCount, from: &source, into: &builder)
    }
    return try builder.mesh()
  }

  @inline(__always)
  private static func read<Source: PLYSource & ~Escapable>(
    _ header: PLYHeader, _ vertexCount: Int, from source: inout Source,
    into builder: inout MeshBuilder
  ) throws(MeshFileError) {
    for element in header.elements where !element.properties.isEmpty {
      switch element.name {
      case "vertex":
        let axes = element.properties.map { ["x", "y", "z"].firstIndex(of: $0.name) }
        for _ in 0..<element.count {
          try readVertex(element.properties, axes, from: &source, into: &builder)
        }
      case "face":
        let isCorners = element.properties.map(PLYHeader.isCornerList)
        for _ in 0..<element.count {
          try readFace(
            element.properties, isCorners, vertexCount, from: &source, into: &builder)
        }
      default:
        for _ in 0..<element.count {
          try source.beginRecord(of: element.name)
          for property in element.properties { try skip(property, from: &source) }
          try source.endRecord(of: element.name)
        }
      }
    }
  }

  @inline(__always)
  private static func readVertex<Source: PLYSource & ~Escapable>(
    _ properties: [PLYHeader.Property], _ axes: [Int?], from source: inout Source,
    into builder: inout MeshBuilder
  ) throws(MeshFileError) {
    try source.beginRecord(of: "vertex")
    var position = SIMD3<Double>.zero
    for (property, axis) in zip(properties, axes) {
      if let axis {
        position[axis] = try source.coordinate(property.type, property.name)
      } else {
        try skip(property, from: &source)
      }
    }
    builder.positions.append(position)
    try source.endRecord(of: "vertex")
  }

  @inline(__always)
  private static func readFace<Source: PLYSource & ~Escapable>(
    _ properties: [PLYHeader.Property], _ isCorners: [Bool], _ vertexCount: Int,
    from source: inout Source, into builder: inout MeshBuilder
  ) throws(MeshFileError) {
    try source.beginRecord(of: "face")
    for (property, isCorners) in zip(properties, isCorners) {
      guard isCorners, let countType = property.countType else {
        try skip(property, from: &source)
        continue
      }
      let place = source.place
      let count = try length(countType, property, from: &source)
      for _ in 0..<count {
        let place = source.place
        let vertex = try source.integer(property.type, "the number of a vertex")
        guard vertex >= 0, vertex < vertexCount else {
          throw .noSuchVertex(
            path: builder.path, place: place, found: "\(vertex)",
            range: vertexCount == 0
              ? "none, because there are no vertices" : "0 to \(vertexCount - 1)")
        }
        builder.addCorner(Int32(vertex))
      }
      try builder.endFace(at: place)
    }
    try source.endRecord(of: "face")
  }

  @inline(__always)
  private static func length<Source: PLYSource & ~Escapable>(
    _ type: PLYHeader.Scalar, _ property: PLYHeader.Property, from source: inout Source
  ) throws(MeshFileError) -> Int {
    let place = source.place
    let count = try source.integer(type, "the length of \(property.name)")
    guard count >= 0 else {
      throw .unexpected(
        path: source.path, place: place, found: "\(count)",
        expected: "the length of \(property.name)")
    }
    return count
  }

  @inline(__always)
  private static func skip<Source: PLYSource & ~Escapable>(
    _ property: PLYHeader.Property, from source: inout Source
  ) throws(MeshFileError) {
    var count = 1
    if let countType = property.countType {
      count = try length(countType, property, from: &source)
    }
    try source.skip(property.type, count: count, property.name)
  }
}

/// Where the numbers of a PLY file come from.
protocol PLYSource: ~Escapable {
  var path: String { get }
  var place: MeshFileError.Place { get }

  mutating func beginRecord(of element: String) throws(MeshFileError)
  mutating func endRecord(of element: String) throws(MeshFileError)
  mutating func coordinate(_ type: PLYHeader.Scalar, _ name: String) throws(MeshFileError) -> Double
  mutating func integer(
    _ type: PLYHeader.Scalar, _ expected: @autoclosure () -> String
  ) throws(MeshFileError) -> Int
  mutating func skip(
    _ type: PLYHeader.Scalar, count: Int, _ name: String
  ) throws(MeshFileError)
}
