/// Goes through the fields of a message in protobuf's wire format.
///
/// - Source: protobuf.dev, "Encoding".
struct ProtobufReader {
  enum Field {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  /// What is wrong, and at which byte of the file.
  enum Problem: Error, Equatable, CustomStringConvertible {
    case cutShort(at: Int)
    case badField(at: Int)

    var description: String {
      switch self {
      case .cutShort(let place): "it ends inside of what begins at byte \(place)"
      case .badField(let place): "there is no field of a message at byte \(place)"
      }
    }
  }

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The next field and its number; `nil` at the end.
  mutating func next() throws(Problem) -> (number: Int, field: Field)? {
    guard let start = bytes.indices.first else { return nil }
    let key = try varint()
    guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
      throw .badField(at: start)
    }
    switch key & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(UInt64(littleEndian: try take(8))))
    case 2:
      let length = try varint()
      guard length <= bytes.count else { throw .cutShort(at: start) }
      let content = bytes.prefix(Int(length))
      bytes = bytes.dropFirst(Int(length))
      return (number, .bytes(content))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try take(4))))
    default: throw .badField(at: start)
    }
  }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func varint() throws(Problem) -> UInt64 {
    let start = bytes.startIndex
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { throw .cutShort(at: start) }
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw .badField(at: start)
  }

  /// A number of `count` bytes, the least significant first.
  mutating func take(_ count: Int) throws(Problem) -> UInt64 {
    guard bytes.count >= count else { throw .cutShort(at: bytes.startIndex) }
    let value = bytes.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bytes = bytes.dropFirst(count)
    return value
  }
}

extension ProtobufReader.Field {
  /// A field that is a number of the type int64, or of an enumeration.
  var integer: Int? {
    if case .varint(let value) = self { Int(Int64(bitPattern: value)) } else { nil }
  }

  var float: Double? {
    if case .fixed32(let bits) = self { Double(Float(bitPattern: bits)) } else { nil }
  }

  var content: ArraySlice<UInt8>? {
    if case .bytes(let content) = self { content } else { nil }
  }

  var text: String? { content.map { String(decoding: $0, as: UTF8.self) } }

  /// The elements of a repeated field that this is one of, or all of if it is packed.
  func integers() throws(ProtobufReader.Problem) -> [Int] {
    guard let content else { return integer.map { [$0] } ?? [] }
    var reader = ProtobufReader(content)
    var values: [Int] = []
    while !reader.isAtEnd { values.append(Int(Int64(bitPattern: try reader.varint()))) }
    return values
  }

  func floats() throws(ProtobufReader.Problem) -> [Double] {
    guard let content else { return float.map { [$0] } ?? [] }
    var reader = ProtobufReader(content)
    var values: [Double] = []
    while !reader.isAtEnd {
      values.append(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try reader.take(4)))))
    }
    return values
  }

  func doubles() throws(ProtobufReader.Problem) -> [Double] {
    switch self {
    case .fixed64(let bits): return [Double(bitPattern: bits)]
    case .bytes(let content):
      var reader = ProtobufReader(content)
      var values: [Double] = []
      while !reader.isAtEnd { values.append(Double(bitPattern: try reader.take(8))) }
      return values
    case .varint, .fixed32: return []
    }
  }
}
