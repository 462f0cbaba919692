import Foundation

/// The order of the bytes of one number in a file.
public enum ByteOrder: Sendable {
  case littleEndian, bigEndian

  /// The order that this machine computes in.
  static let native: ByteOrder = 1.littleEndian == 1 ? .littleEndian : .bigEndian
}

extension [Float] {
  /// The 32-bit floating-point numbers that `bytes` holds, one after another.
  public init(storedIn bytes: borrowing RawSpan, _ order: ByteOrder = .littleEndian) {
    self.init(storedIn: bytes, as: UInt32.self, order) { Float(bitPattern: $0) }
  }
}

extension Array {
  /// The numbers that `bytes` holds, one after another.
  ///
  /// - Parameter value: turns the bit pattern of one number, already in this machine's byte order,
  ///   into an element.
  public init<Pattern: FixedWidthInteger & BitwiseCopyable>(
    storedIn bytes: borrowing RawSpan, as pattern: Pattern.Type, _ order: ByteOrder,
    value: (Pattern) -> Element
  ) {
    let size = MemoryLayout<Pattern>.size
    precondition(
      bytes.byteCount % size == 0,
      "\(bytes.byteCount) bytes are no whole count of numbers of \(size) bytes")
    let count = bytes.byteCount / size
    let isSwapped = order != .native
    self.init(capacity: count) { numbers in
      for i in 0..<count {
        // SAFETY: i < count, so the `size` bytes from i · size on lie within `bytes`; the load
        // needs no alignment, and every bit pattern is an integer.
        let stored = unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: i * size, as: pattern)
        numbers.append(value(isSwapped ? stored.byteSwapped : stored))
      }
    }
  }
}

extension Data {
  /// The bytes of `numbers` as 32-bit floating-point numbers.
  public init(storing numbers: [Float], _ order: ByteOrder = .littleEndian) {
    self.init()
    append(storing: numbers, order)
  }

  /// Appends the bytes of `numbers` as 32-bit floating-point numbers.
  public mutating func append(storing numbers: [Float], _ order: ByteOrder = .littleEndian) {
    guard order == .native else { return append(storing: numbers.map(\.bitPattern), order) }
    // SAFETY: `Data` copies the bytes before the scope of the buffer ends.
    unsafe numbers.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }

  /// Appends the bytes of integers, which may be the bit patterns of other numbers.
  public mutating func append(
    storing patterns: [some FixedWidthInteger & BitwiseCopyable],
    _ order: ByteOrder = .littleEndian
  ) {
    let stored = order == .native ? patterns : patterns.map(\.byteSwapped)
    // SAFETY: integers have no padding, and `Data` copies the bytes before the buffer's scope ends.
    unsafe stored.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
