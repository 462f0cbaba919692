import Foundation

extension NumpyArray {
  /// The first bytes of every `.npy` file.
  public static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a `.npy` file of version 1, 2 or 3 in C order: floating-point numbers, integers or
  /// truth values, in either byte order; they keep their values (no scaling; `true` is 1).
  public static func read(_ path: String) throws(NumpyFileError) -> NumpyArray {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    return try decode(data, from: path)
  }

  /// The array in `data`, the bytes of a whole `.npy` file; `path` names it in errors.
  public static func decode(_ data: Data, from path: String) throws(NumpyFileError) -> NumpyArray {
    let (text, start) = try headerText(of: data, from: path)
    let header: NumpyHeader
    do throws(NumpyHeader.Problem) { header = try NumpyHeader(text) } catch {
      throw .badHeader(path: path, problem: error.text)
    }
    guard let (type, order) = elementType(named: header.elementType) else {
      throw .unsupportedElementType(path: path, found: header.elementType)
    }
    if header.isFortranOrder { throw .fortranOrder(path: path) }

    var expectedBytes = type.size
    for size in header.shape {
      let (product, overflow) = expectedBytes.multipliedReportingOverflow(by: size)
      if overflow {
        throw .badHeader(path: path, problem: "the shape \(header.shape) is too large")
      }
      expectedBytes = product
    }
    guard data.count - start == expectedBytes else {
      throw .wrongSize(
        path: path, shape: header.shape, foundBytes: data.count - start,
        expectedBytes: expectedBytes)
    }
    let elements = elements(in: data.bytes.extracting(droppingFirst: start), of: type, order)
    return NumpyArray(shape: header.shape, elements: elements, elementType: type)
  }

  /// The text of the header and the position of the first element.
  private static func headerText(
    of data: Data, from path: String
  ) throws(NumpyFileError) -> (text: String, end: Int) {
    guard data.starts(with: signature) else {
      throw .notNumpy(path: path, found: contentName(of: data))
    }
    // Signature, version (2 bytes), length of the header (2 bytes; from version 2 on 4), header.
    func byte(_ offset: Int) throws(NumpyFileError) -> Int {
      guard offset < data.count else {
        throw .headerCutShort(path: path, foundBytes: data.count, expectedBytes: offset + 1)
      }
      return Int(data[data.startIndex + offset])
    }
    let (major, minor) = (try byte(6), try byte(7))
    guard 1...3 ~= major, minor == 0 else {
      throw .unknownVersion(path: path, version: "\(major).\(minor)")
    }
    let start = major == 1 ? 10 : 12
    var length = 0
    for offset in (8..<start).reversed() { length = length << 8 | (try byte(offset)) }
    guard data.count - start >= length else {
      throw .headerCutShort(path: path, foundBytes: data.count, expectedBytes: start + length)
    }
    let text = data.dropFirst(start).prefix(length)
    return (String(decoding: text, as: UTF8.self), start + length)
  }

  /// What a file that is no `.npy` file seems to be.
  private static func contentName(of data: Data) -> String {
    if data.isEmpty { return "an empty file" }
    if data.starts(with: Array("PK".utf8)) { return "a zip archive (.npz?)" }
    let first = data.prefix(8)
    if first.allSatisfy({ 0x20..<0x7f ~= $0 || $0 == 10 || $0 == 13 || $0 == 9 }) {
      let line = String(decoding: first.prefix { $0 >= 0x20 }, as: UTF8.self)
      return "text that starts with \"\(line)\""
    }
    return "the bytes " + first.map { String(format: "%02x", $0) }.joined(separator: " ")
  }

  /// The element type and byte order of a NumPy type such as `<f4` or `|u1`.
  private static func elementType(named name: String) -> (ElementType, ByteOrder)? {
    let order: ByteOrder
    switch name.first {
    case "<", "|": order = .littleEndian
    case ">": order = .bigEndian
    case "=": order = .native
    default: return nil
    }
    let type: ElementType
    switch name.dropFirst() {
    case "b1": type = .bool
    case "i1": type = .int8
    case "u1": type = .uint8
    case "i2": type = .int16
    case "u2": type = .uint16
    case "i4": type = .int32
    case "u4": type = .uint32
    case "i8": type = .int64
    case "u8": type = .uint64
    case "f2": type = .float16
    case "f4": type = .float32
    case "f8": type = .float64
    default: return nil
    }
    return (type, order)
  }

  private static func elements(
    in bytes: borrowing RawSpan, of type: ElementType, _ order: ByteOrder
  ) -> [Float] {
    func read<Pattern: FixedWidthInteger & BitwiseCopyable>(
      _ bytes: borrowing RawSpan, as pattern: Pattern.Type, value: (Pattern) -> Float
    ) -> [Float] {
      [Float](storedIn: bytes, as: pattern, order, value: value)
    }
    return switch type {
    case .bool: read(bytes, as: UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int8: read(bytes, as: Int8.self) { Float($0) }
    case .uint8: read(bytes, as: UInt8.self) { Float($0) }
    case .int16: read(bytes, as: Int16.self) { Float($0) }
    case .uint16: read(bytes, as: UInt16.self) { Float($0) }
    case .int32: read(bytes, as: Int32.self) { Float($0) }
    case .uint32: read(bytes, as: UInt32.self) { Float($0) }
    case .int64: read(bytes, as: Int64.self) { Float($0) }
    case .uint64: read(bytes, as: UInt64.self) { Float($0) }
    case .float16: read(bytes, as: UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .float32: read(bytes, as: UInt32.self) { Float(bitPattern: $0) }
    case .float64: read(bytes, as: UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }
}
