import Foundation

/// An `.npz` file: a zip archive of `.npy` files, stored as they are.
///
/// - Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.9, sections 4.3 and 4.4.
public struct NumpyArchive: Sendable {
  /// Headers and arrays so far.
  private var files = Data()
  private var directory = Data()
  private var count = 0

  public init() {}

  /// Adds the bytes of a `.npy` file.
  ///
  /// - Parameter name: the array's, without ending.
  public mutating func append(_ array: Data, named name: String) throws(NumpyArchiveError) {
    let fileName = name + ".npy"
    let (offset, size) = (files.count, array.count)
    // The directory repeats the header, with 16 bytes more, and its own end has 22.
    let needed = offset + size + directory.count + 2 * (46 + fileName.utf8.count) + 22
    guard needed <= UInt32.max, count < UInt16.max else { throw .tooLarge(bytes: needed) }
    var entry = Data()
    // Version 2.0, no flags, stored, midnight of 1 January 1980.
    entry.append(storing: [20, 0, 0, 0, 0x21] as [UInt16])
    entry.append(storing: [CRC32.checksum(of: array), UInt32(size), UInt32(size)])
    entry.append(storing: [UInt16(fileName.utf8.count), 0])
    files.append(storing: [0x0403_4b50] as [UInt32])
    files.append(entry)
    files.append(contentsOf: fileName.utf8)
    files.append(array)
    directory.append(storing: [0x0201_4b50] as [UInt32])
    directory.append(storing: [20] as [UInt16])
    directory.append(entry)
    // No comment, first disk, no attributes.
    directory.append(storing: [0, 0, 0, 0, 0] as [UInt16])
    directory.append(storing: [UInt32(offset)])
    directory.append(contentsOf: fileName.utf8)
    count += 1
  }

  public var encoded: Data {
    var data = files
    data.append(directory)
    data.append(storing: [0x0605_4b50] as [UInt32])
    data.append(storing: [0, 0, UInt16(count), UInt16(count)])
    data.append(storing: [UInt32(directory.count), UInt32(files.count)])
    data.append(storing: [0] as [UInt16])
    return data
  }
}

/// The checksum of zip files and PNG: the remainder of the bytes, as a polynomial over two elements,
/// with the generator 0x04C11DB7.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? 0xedb8_8320 ^ (sum >> 1) : sum >> 1 }
  }

  static func checksum(of data: Data) -> UInt32 {
    let table = table
    var sum = UInt32.max
    for byte in data { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
    return ~sum
  }
}

/// Arrays that fit into no `.npz` file.
public enum NumpyArchiveError: Error, Equatable, CustomStringConvertible {
  case tooLarge(bytes: Int)

  public var description: String {
    switch self {
    case .tooLarge(let bytes):
      "the arrays have \(bytes / 1_000_000) MB, and an .npz file holds 4294 MB; look at a smaller part"
    }
  }
}
