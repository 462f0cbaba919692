/// The numbers of a PLY file in text: one line for each vertex or face.
struct PLYTextSource: PLYSource, ~Escapable {
  private var text: TextCursor

  @_lifetime(copy text)
  init(_ text: consuming TextCursor) { self.text = text }

  var path: String { text.path }
  var place: MeshFileError.Place { .line(text.line) }

  mutating func beginRecord(of element: String) throws(MeshFileError) {
    text.skipSpacesAndLines()
    if text.isAtEnd { throw text.unexpected("another \(element)") }
  }

  mutating func endRecord(of element: String) throws(MeshFileError) {
    text.skipSpaces()
    guard text.isAtLineEnd else { throw text.unexpected("the end of the line of a \(element)") }
    text.endLine()
  }

  mutating func coordinate(
    _ type: PLYHeader.Scalar, _ name: String
  ) throws(MeshFileError) -> Double {
    text.skipSpaces()
    return try text.coordinate("the \(name) of a vertex")
  }

  mutating func integer(
    _ type: PLYHeader.Scalar, _ expected: @autoclosure () -> String
  ) throws(MeshFileError) -> Int {
    text.skipSpaces()
    let start = text.position
    guard let number = text.integer(), text.isAtWordEnd else {
      text.rewind(to: start)
      throw text.unexpected(expected())
    }
    return number
  }

  mutating func skip(
    _ type: PLYHeader.Scalar, count: Int, _ name: String
  ) throws(MeshFileError) {
    var left = count
    while left > 0 {
      text.skipSpaces()
      if text.isAtLineEnd { throw text.unexpected("a number of \(name)") }
      text.skipWord()
      left -= 1
    }
  }
}

/// The binary numbers of a PLY file.
struct PLYBinarySource: PLYSource, ~Escapable {
  private let bytes: Span<UInt8>
  let path: String
  private var position: Int
  private let isBigEndian: Bool

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, path: String, position: Int, isBigEndian: Bool) {
    self.bytes = bytes
    self.path = path
    self.position = position
    self.isBigEndian = isBigEndian
  }

  var place: MeshFileError.Place { .byte(position) }

  mutating func beginRecord(of element: String) {}
  mutating func endRecord(of element: String) {}

  mutating func coordinate(
    _ type: PLYHeader.Scalar, _ name: String
  ) throws(MeshFileError) -> Double {
    let place = place
    let bits = try bits(type.size, "the \(name) of a vertex")
    let value =
      switch type {
      case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .float64: Double(bitPattern: bits)
      default: Double(Self.integer(bits, type))
      }
    guard value.isFinite else { throw .notFinite(path: path, place: place, found: "\(value)") }
    return value
  }

  mutating func integer(
    _ type: PLYHeader.Scalar, _ expected: @autoclosure () -> String
  ) throws(MeshFileError) -> Int {
    Self.integer(try bits(type.size, expected()), type)
  }

  mutating func skip(
    _ type: PLYHeader.Scalar, count: Int, _ name: String
  ) throws(MeshFileError) {
    guard count <= (bytes.count - position) / type.size else {
      throw .cutShort(path: path, place: .byte(bytes.count), missing: "more of \(name)")
    }
    position += count * type.size
  }

  /// The next `size` bytes as an integer without sign.
  private mutating func bits(
    _ size: Int, _ expected: @autoclosure () -> String
  ) throws(MeshFileError) -> UInt64 {
    guard size <= bytes.count - position else {
      throw .cutShort(path: path, place: .byte(bytes.count), missing: expected())
    }
    var bits: UInt64 = 0
    for i in 0..<size {
      bits = bits << 8 | UInt64(bytes[position + (isBigEndian ? i : size - 1 - i)])
    }
    position += size
    return bits
  }

  private static func integer(_ bits: UInt64, _ type: PLYHeader.Scalar) -> Int {
    switch type {
    case .int8: Int(Int8(truncatingIfNeeded: bits))
    case .int16: Int(Int16(truncatingIfNeeded: bits))
    case .int32: Int(Int32(truncatingIfNeeded: bits))
    default: Int(truncatingIfNeeded: bits)
    }
  }
}
