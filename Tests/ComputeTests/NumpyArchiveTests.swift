import Compute
import Foundation
import Testing

@Suite struct NumpyArchiveTests {
  private let bytes = NumpyArray.encoded([1, 2, 255] as [UInt8], shape: [3])
  private let numbers = NumpyArray.encoded([0.5, -1, 3, 7], shape: [2, 2])

  private func archive() throws -> Data {
    var archive = NumpyArchive()
    try archive.append(bytes, named: "bytes")
    try archive.append(numbers, named: "numbers")
    return archive.encoded
  }

  private func number(_ data: Data, at place: Int, bytes: Int) -> Int {
    (0..<bytes).reduce(0) { $0 | Int(data[place + $1]) << (8 * $1) }
  }

  @Test func theDirectoryLeadsToTheFiles() throws {
    let data = try archive()
    let end = data.count - 22
    #expect(number(data, at: end, bytes: 4) == 0x0605_4b50)
    #expect(number(data, at: end + 8, bytes: 2) == 2 && number(data, at: end + 10, bytes: 2) == 2)
    var entry = number(data, at: end + 16, bytes: 4)
    try #require(entry + number(data, at: end + 12, bytes: 4) == end)
    for (name, array) in [("bytes.npy", bytes), ("numbers.npy", numbers)] {
      #expect(number(data, at: entry, bytes: 4) == 0x0201_4b50)
      #expect(number(data, at: entry + 10, bytes: 2) == 0)
      let file = number(data, at: entry + 42, bytes: 4)
      #expect(number(data, at: file, bytes: 4) == 0x0403_4b50)
      // Both headers have the same checksum and sizes.
      #expect(data[entry + 16..<entry + 28] == data[file + 14..<file + 26])
      #expect(number(data, at: file + 18, bytes: 4) == array.count)
      let length = number(data, at: file + 26, bytes: 2)
      #expect(String(decoding: data[file + 30..<file + 30 + length], as: UTF8.self) == name)
      let start = file + 30 + length
      #expect(Data(data[start..<start + array.count]) == array)
      entry += 46 + length
    }
    #expect(entry == end)
  }

  @Test func theChecksumIsThatOfZlib() throws {
    // zlib.crc32(b"123456789"), the check value of the standard.
    var archive = NumpyArchive()
    try archive.append(Data("123456789".utf8), named: "a")
    #expect(number(archive.encoded, at: 14, bytes: 4) == 0xcbf4_3926)
  }

  @Test func integersKeepTheirSize() {
    let types = [
      (NumpyArray.encoded([1] as [UInt8], shape: [1]), "|u1", 1),
      (NumpyArray.encoded([-2] as [Int32], shape: [1]), "<i4", 4),
      (NumpyArray.encoded([3] as [Int64], shape: [1]), "<i8", 8),
      (NumpyArray.encoded([4] as [UInt64], shape: [1]), "<u8", 8),
    ]
    for (data, type, size) in types {
      #expect(String(decoding: data, as: UTF8.self).contains("'descr': '\(type)'"))
      #expect(data.count == 128 + size || data.count == 64 + size)
    }
  }
}
