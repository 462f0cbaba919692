import Foundation

/// What the head of a `.npy` file says: which elements follow, and how they stand in the file.
struct NumpyLayout: Sendable {
  let shape: [Int]
  let elementType: NumpyArray.ElementType
  let byteOrder: ByteOrder
  /// Whether the first index runs fastest.
  let isFortranOrder: Bool
  /// The position of the first element in the file.
  let start: Int
  /// The bytes of all elements.
  let byteCount: Int

  /// - Parameters:
  ///   - data: the file, or its beginning.
  ///   - fileSize: the bytes of the whole file.
  ///   - path: names the file in errors.
  init(_ data: Data, fileSize: Int, path: String) throws(NumpyFileError) {
    let (text, start) = try Self.headerText(of: data, from: path)
    let header: NumpyHeader
    do throws(NumpyHeader.Problem) { header = try NumpyHeader(text) } catch {
      throw .badHeader(path: path, problem: error.text)
    }
    guard let (type, order) = Self.elementType(named: header.elementType) else {
      throw .unsupportedElementType(path: path, found: header.elementType)
    }
    var byteCount = type.size
    for size in header.shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
      if overflow {
        throw .badHeader(path: path, problem: "the shape \(header.shape) is too large")
      }
      byteCount = product
    }
    guard fileSize - start == byteCount else {
      throw .wrongSize(
        path: path, shape: header.shape, foundBytes: fileSize - start, expectedBytes: byteCount)
    }
    shape = header.shape
    elementType = type
    byteOrder = order
    isFortranOrder = header.isFortranOrder
    self.start = start
    self.byteCount = byteCount
  }

  /// The text of the header and the position of the first element.
  private static func headerText(
    of data: Data, from path: String
  ) throws(NumpyFileError) -> (text: String, end: Int) {
    guard data.starts(with: NumpyArray.signature) else {
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
  private static func elementType(named name: String) -> (NumpyArray.ElementType, ByteOrder)? {
    let order: ByteOrder
    switch name.first {
    case "<", "|": order = .littleEndian
    case ">": order = .bigEndian
    case "=": order = .native
    default: return nil
    }
    let type: NumpyArray.ElementType
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

  // MARK: Elements

  /// All elements of a whole file, in C order.
  func elements(ofFile data: Data) -> [Float] {
    inCOrder(elements(in: data.bytes.extracting(droppingFirst: start)))
  }

  /// The elements that `bytes` holds, in the order in which they stand there.
  func elements(in bytes: borrowing RawSpan) -> [Float] {
    func read<Pattern: FixedWidthInteger & BitwiseCopyable>(
      _ bytes: borrowing RawSpan, as pattern: Pattern.Type, value: (Pattern) -> Float
    ) -> [Float] {
      [Float](storedIn: bytes, as: pattern, byteOrder, value: value)
    }
    return switch elementType {
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

  /// All elements, which `stored` has in the file's order, in C order.
  private func inCOrder(_ stored: [Float]) -> [Float] {
    guard isFortranOrder, shape.count > 1, !stored.isEmpty else { return stored }
    // In Fortran order, a step along an axis passes all the axes before it.
    var strides = [1]
    for size in shape.dropLast() { strides.append((strides.last ?? 1) * size) }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    let source = stored.span
    return [Float](capacity: stored.count) { elements in
      for _ in source.indices {
        elements.append(source[place])
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape[axis] { break }
          place -= strides[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
  }
}
