import Compute
import Foundation
import Testing

/// The numbers in `bytes`, put together one byte at a time.
private func slowNumbers(in bytes: [UInt8], size: Int, _ order: ByteOrder) -> [UInt64] {
  stride(from: 0, to: bytes.count, by: size).map { start in
    let number = bytes[start..<start + size]
    let highFirst = order == .bigEndian ? Array(number) : number.reversed()
    return highFirst.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

private func sampleBytes(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: 89 * $0 + 7) }
}

@Test(arguments: [0, 1, 7, 33], [ByteOrder.littleEndian, .bigEndian])
func integersAreReadInEitherByteOrder(count: Int, order: ByteOrder) {
  func check<Pattern: FixedWidthInteger & BitwiseCopyable>(_: Pattern.Type) {
    let bytes = sampleBytes(count * MemoryLayout<Pattern>.size)
    var patterns: [UInt64] = []
    let numbers = [Float](storedIn: Data(bytes).bytes, as: Pattern.self, order) {
      patterns.append(UInt64($0))
      return Float($0)
    }
    #expect(patterns == slowNumbers(in: bytes, size: MemoryLayout<Pattern>.size, order))
    #expect(numbers == patterns.map { Float($0) })
  }
  check(UInt8.self)
  check(UInt16.self)
  check(UInt32.self)
  check(UInt64.self)
}

@Test(arguments: [0, 1, 7, 33], [ByteOrder.littleEndian, .bigEndian])
func floatsSurviveTheWayToBytesAndBack(count: Int, order: ByteOrder) {
  let numbers =
    (0..<count).map { Float($0) * 0.37 - 5 } + [.infinity, -0.0, .leastNonzeroMagnitude]
  let data = Data(storing: numbers, order)
  #expect(
    slowNumbers(in: Array(data), size: 4, order) == numbers.map { UInt64($0.bitPattern) })
  #expect([Float](storedIn: data.bytes, order) == numbers)
}

@Test func bytesNeedNoAlignment() {
  let numbers: [Float] = [1.5, -2.25, 1e-3]
  let data = Data([0xaa]) + Data(storing: numbers)
  #expect([Float](storedIn: data.bytes.extracting(droppingFirst: 1)) == numbers)
}

@Test func appendedNumbersFollowWhatIsThere() {
  var data = Data([1, 2])
  data.append(storing: [1 as Float], .bigEndian)
  data.append(storing: [0x0304 as UInt16], .littleEndian)
  data.append(storing: [0x0506 as Int16], .bigEndian)
  #expect(Array(data) == [1, 2, 0x3f, 0x80, 0, 0, 4, 3, 5, 6])
}
