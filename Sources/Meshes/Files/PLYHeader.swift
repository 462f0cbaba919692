import Compute

/// The header of a PLY file: which elements follow, with which properties.
struct PLYHeader {
  enum Encoding: String {
    case ascii
    case littleEndian = "binary_little_endian"
    case bigEndian = "binary_big_endian"
  }

  /// The types of numbers, by both of their names.
  enum Scalar {
    case int8, uint8, int16, uint16, int32, uint32, float32, float64

    init?(_ name: String) {
      switch name {
      case "char", "int8": self = .int8
      case "uchar", "uint8": self = .uint8
      case "short", "int16": self = .int16
      case "ushort", "uint16": self = .uint16
      case "int", "int32": self = .int32
      case "uint", "uint32": self = .uint32
      case "float", "float32": self = .float32
      case "double", "float64": self = .float64
      default: return nil
      }
    }

    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .float32: 4
      case .float64: 8
      }
    }

    var isInteger: Bool { self != .float32 && self != .float64 }
  }

  struct Property {
    let name: String
    let type: Scalar
    /// The type of the list's length; nil if the property is no list.
    let countType: Scalar?
  }

  struct Element {
    let name: String
    let count: Int
    let line: Int
    var properties: [Property] = []

    /// The fewest bytes that one of these takes in a file.
    func minimumSize(_ encoding: Encoding) -> Int {
      properties.reduce(0) { sum, property in
        sum + (encoding == .ascii ? 2 : (property.countType ?? property.type).size)
      }
    }
  }

  let path: String
  private(set) var encoding = Encoding.ascii
  private(set) var elements: [Element] = []
  /// Where the elements start: the byte and the line.
  private(set) var end = 0
  private(set) var endLine = 0

  init(_ bytes: Span<UInt8>, path: String) throws(MeshFileError) {
    self.path = path
    var text = TextCursor(bytes, path: path)
    guard text.word() == "ply", text.isAtLineEnd else {
      throw .badHeader(path: path, line: 1, problem: "a PLY file starts with a line \"ply\"")
    }
    text.endLine()
    var hasFormat = false
    while true {
      let line = text.line
      let words = try Self.words(&text)
      let keyword = words.first ?? ""
      switch keyword {
      case "", "comment", "obj_info": break
      case "format":
        encoding = try encoding(words, line)
        hasFormat = true
      case "element": elements.append(try element(words, line))
      case "property": try addProperty(words, line)
      case "end_header":
        guard hasFormat else { throw problem(line, "no line says which format the numbers have") }
        end = text.position
        endLine = text.line
        try check()
        return
      default:
        throw problem(
          line, "found \"\(keyword.prefix(40))\", expected an element, a property or end_header")
      }
    }
  }

  /// The words of this line; the cursor moves to the next one.
  private static func words(_ text: inout TextCursor) throws(MeshFileError) -> [String] {
    if text.isAtEnd {
      throw .cutShort(path: text.path, place: .line(text.line), missing: "the line end_header")
    }
    var words: [String] = []
    text.skipSpaces()
    while !text.isAtLineEnd {
      words.append(text.word())
      if words == ["comment"] || words == ["obj_info"] { text.skipToLineEnd() }
      text.skipSpaces()
    }
    text.endLine()
    return words
  }

  private func problem(_ line: Int, _ problem: String) -> MeshFileError {
    .badHeader(path: path, line: line, problem: problem)
  }

  private func encoding(_ words: [String], _ line: Int) throws(MeshFileError) -> Encoding {
    guard words.count == 3, let encoding = Encoding(rawValue: words[1]), words[2] == "1.0" else {
      throw problem(
        line,
        "found \"\(words.joined(separator: " ").prefix(60))\", expected format ascii, "
          + "binary_little_endian or binary_big_endian, version 1.0")
    }
    return encoding
  }

  private func element(_ words: [String], _ line: Int) throws(MeshFileError) -> Element {
    guard words.count == 3, let count = Int(words[2]), count >= 0 else {
      throw problem(
        line, "found \"\(words.joined(separator: " ").prefix(60))\", expected element NAME COUNT")
    }
    guard !elements.contains(where: { $0.name == words[1] }) else {
      throw problem(line, "found a second element \"\(words[1].prefix(40))\", expected one")
    }
    return Element(name: words[1], count: count, line: line)
  }

  private mutating func addProperty(_ words: [String], _ line: Int) throws(MeshFileError) {
    guard !elements.isEmpty else { throw problem(line, "a property comes before any element") }
    var property: Property?
    if words.count == 3, let type = Scalar(words[1]) {
      property = Property(name: words[2], type: type, countType: nil)
    } else if words.count == 5, words[1] == "list", let countType = Scalar(words[2]),
      countType.isInteger, let type = Scalar(words[3])
    {
      property = Property(name: words[4], type: type, countType: countType)
    }
    guard let property else {
      throw problem(
        line,
        "found \"\(words.joined(separator: " ").prefix(60))\", expected property TYPE NAME "
          + "or property list TYPE TYPE NAME")
    }
    elements[elements.count - 1].properties.append(property)
  }

  /// What a mesh needs: vertices with coordinates, faces with corners.
  private func check() throws(MeshFileError) {
    guard let vertices = elements.first(where: { $0.name == "vertex" }) else {
      throw problem(endLine - 1, "there is no element vertex, expected one with x, y and z")
    }
    for axis in ["x", "y", "z"] {
      let places = vertices.properties.filter { $0.name == axis }
      guard places.count == 1, places[0].countType == nil else {
        throw problem(
          vertices.line,
          "vertices have \(places.isEmpty ? "no" : "an unusable") property "
            + "\(axis), expected one number")
      }
    }
    guard let faces = elements.first(where: { $0.name == "face" }), faces.count > 0 else { return }
    let lists = faces.properties.filter(Self.isCornerList)
    guard lists.count == 1, lists[0].countType != nil, lists[0].type.isInteger else {
      throw problem(
        faces.line,
        "faces have \(lists.isEmpty ? "no" : "an unusable") property vertex_indices, "
          + "expected one list of integers")
    }
  }

  static func isCornerList(_ property: Property) -> Bool {
    property.name == "vertex_indices" || property.name == "vertex_index"
  }
}
