import Foundation

extension NumpyArray {
  /// Writes a `.npy` file, version 1.0, whose elements are 32-bit floating-point numbers, whatever
  /// ``elementType`` says.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded, to: path)
  }

  /// The bytes of the file that ``write(to:)`` writes.
  public var encoded: Data {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    // NumPy writes (), (3,) and (3, 4).
    let tuple = shape.count > 1 ? String(sizes.dropLast()) : sizes
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(tuple)), }"
    // Signature, version and length take 10 bytes; the elements start at a multiple of 64.
    let padding = (64 - (10 + header.utf8.count + 1) % 64) % 64
    header += String(repeating: " ", count: padding) + "\n"
    let length = header.utf8.count
    precondition(length <= 0xffff, "an array of \(shape.count) axes has too long a header")

    var data = Data(Self.signature + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)])
    data.reserveCapacity(data.count + length + 4 * elements.count)
    data.append(contentsOf: header.utf8)
    data.append(storing: elements)
    return data
  }
}
