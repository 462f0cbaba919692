import Foundation

extension NumpyArray {
  /// Writes a `.npy` file, version 1.0, whose elements are 32-bit floating-point numbers, whatever
  /// ``elementType`` says.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded, to: path)
  }

  /// The bytes of the file that ``write(to:)`` writes.
  public var encoded: Data {
    var data = Self.header(of: "<f4", shape: shape)
    data.reserveCapacity(data.count + 4 * elements.count)
    data.append(storing: elements)
    return data
  }

  /// The bytes of a `.npy` file of 64-bit floating-point numbers.
  public static func encoded(_ elements: [Double], shape: [Int]) -> Data {
    encoded(elements.map(\.bitPattern), as: "<f8", shape: shape)
  }

  /// The bytes of a `.npy` file of integers, of their own size.
  public static func encoded<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ elements: [Integer], shape: [Int]
  ) -> Data {
    let size = MemoryLayout<Integer>.size
    // NumPy gives single bytes no order.
    let order = size == 1 ? "|" : "<"
    return encoded(elements, as: "\(order)\(Integer.isSigned ? "i" : "u")\(size)", shape: shape)
  }

  private static func encoded(
    _ patterns: [some FixedWidthInteger & BitwiseCopyable], as type: String, shape: [Int]
  ) -> Data {
    precondition(
      patterns.count == shape.reduce(1, *), "\(patterns.count) elements do not fit \(shape)")
    var data = header(of: type, shape: shape)
    data.append(storing: patterns)
    return data
  }

  private static func header(of elementType: String, shape: [Int]) -> Data {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    // NumPy writes (), (3,) and (3, 4).
    let tuple = shape.count > 1 ? String(sizes.dropLast()) : sizes
    var header = "{'descr': '\(elementType)', 'fortran_order': False, 'shape': (\(tuple)), }"
    // Signature, version and length take 10 bytes; the elements start at a multiple of 64.
    let padding = (64 - (10 + header.utf8.count + 1) % 64) % 64
    header += String(repeating: " ", count: padding) + "\n"
    let length = header.utf8.count
    precondition(length <= 0xffff, "an array of \(shape.count) axes has too long a header")
    var data = Data(signature + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)])
    data.append(contentsOf: header.utf8)
    return data
  }
}
