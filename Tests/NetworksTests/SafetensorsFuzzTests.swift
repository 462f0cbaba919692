import Compute
import Foundation
import Networks
import TestSupport
import Testing

/// Damaged files end in an error or in a network that can be asked for a value, never in a crash.
@Suite struct SafetensorsFuzzTests {
  private static func file(_ name: String) throws -> Data {
    try Data(contentsOf: GoldenNetwork.folder.appending(path: "state_dicts/\(name).safetensors"))
  }

  private func tryToRead(_ bytes: Data) -> Bool {
    guard let model = try? Model.decode(bytes, from: "damaged") else { return false }
    let network = model.network
    let values = network.values(at: Matrix(rows: 1, columns: network.inputs))
    return values.columns == network.outputs
  }

  @Test(arguments: ["wire2d", "gabor_real", "relu_named", "siren_modules"], [1, 2])
  func damagedHeadersDoNotCrash(name: String, seed: UInt64) throws {
    let bytes = [UInt8](try Self.file(name))
    let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    var random = SplitMix64(seed: seed)
    let replacements = Array(#"0123456789-.,:"[]{}\ eEFIUCx"#.utf8)
    var readable = 0
    for _ in 0..<1500 {
      var damaged = bytes
      for _ in 0...random.nextIndex(below: 3) {
        let place = random.nextIndex(below: headerEnd)
        switch random.nextIndex(below: 4) {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: damaged[place] = replacements[random.nextIndex(below: replacements.count)]
        case 2: damaged.swapAt(place, random.nextIndex(below: headerEnd))
        default: damaged[place] ^= 1 << UInt8(random.nextIndex(below: 8))
        }
      }
      if tryToRead(Data(damaged)) { readable += 1 }
    }
    // Some damage is harmless (a renamed layer), most is not: both paths were taken.
    #expect(readable > 0 && readable < 1000, "\(readable) of 1500 with seed \(seed)")
  }

  @Test(arguments: [1, 2])
  func numbersInAHeaderMayBeAnything(seed: UInt64) throws {
    let bytes = try Self.file("relu_sequential")
    let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    let header = String(decoding: bytes[8..<headerEnd], as: UTF8.self)
    let pieces = header.split(separator: #/\d+/#, omittingEmptySubsequences: false)
    let numbers = header.matches(of: #/\d+/#).map { String($0.output) }
    let odd = [
      "0", "1", "-1", "7", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
      "1e300", "1e-300", "0.5", "4611686018427387904", "null", "true", "\"8\"", "[]", "{}",
    ]
    var random = SplitMix64(seed: seed)
    for _ in 0..<1000 {
      var changed = numbers
      for _ in 0...random.nextIndex(below: 2) {
        changed[random.nextIndex(below: numbers.count)] = odd[random.nextIndex(below: odd.count)]
      }
      let text = zip(pieces, changed + [""]).map { $0 + $1 }.joined()
      _ = tryToRead(safetensorsBytes(text, [UInt8](bytes[headerEnd...])))
    }
    // The harness itself leaves an undamaged file readable.
    let text = zip(pieces, numbers + [""]).map { $0 + $1 }.joined()
    #expect(tryToRead(safetensorsBytes(text, [UInt8](bytes[headerEnd...]))))
  }
}
