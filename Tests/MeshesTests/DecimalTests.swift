import Compute
import Foundation
import Meshes
import Testing

/// Numbers are read and written exactly; seen through OBJ files, where they are used.
struct DecimalTests {
  /// The numbers that a reader finds in `texts`; their count is a multiple of three.
  private static func read(_ texts: [String]) throws -> [Double] {
    var obj = ""
    for i in stride(from: 0, to: texts.count, by: 3) {
      obj += "v \(texts[i]) \(texts[i + 1]) \(texts[i + 2])\n"
    }
    return try decode(obj + "f 1 1 1\n").positions.flatMap { [$0.x, $0.y, $0.z] }
  }

  private static func expectExact(_ texts: [String]) throws {
    for (text, number) in zip(texts, try read(texts)) {
      #expect(number.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
  }

  @Test func numbersAreReadAsTheLibraryReadsThem() throws {
    var rng = SplitMix64(seed: 4)
    var texts: [String] = []
    for _ in 0..<30_000 {
      var text = ["", "-", "+"][Int(rng.next() % 3)]
      let before = Int(rng.next() % 12)
      let after = before == 0 ? 1 + Int(rng.next() % 20) : Int(rng.next() % 20)
      for _ in 0..<before { text += "\(rng.next() % 10)" }
      if after > 0 { text += "." }
      for _ in 0..<after { text += "\(rng.next() % 10)" }
      if rng.next() % 2 == 0 {
        text += ["e", "E", "e+", "e-", "E-"][Int(rng.next() % 5)] + "\(rng.next() % 40)"
      }
      texts.append(text)
    }
    try Self.expectExact(texts)
  }

  @Test func allFiniteNumbersSurviveTheirShortestText() throws {
    var rng = SplitMix64(seed: 5)
    var texts: [String] = []
    while texts.count < 30_000 {
      let any = Double(bitPattern: rng.next())
      let usual = Double(Int64(bitPattern: rng.next()) >> 12) * 1e-14
      if any.isFinite { texts += ["\(any)", "\(usual)", "\(Float(usual))"] }
    }
    try Self.expectExact(texts)
  }

  @Test func tiesAndLimitsAreRoundedToEven() throws {
    try Self.expectExact([
      "9007199254740993", "9007199254740992.999", "9007199254740993.0000001",
      "9007199254740995", "18014398509481990", "1.7976931348623157e308",
      "5e-324", "2.2250738585072014e-308", "1e-400", "0e999", "-0", "00000000000000000000001.5",
      "0.00000000000000000000000000000001", "123456789012345678901234567890", "1e22",
      "9999999999999999999", "1e23", "8.5e27", "18446744073709551615e-27", "7.", ".5", "5.e1",
      "-.5e-1",
      "1000000000000000000e27",
    ])
  }

  @Test(arguments: ["", "-", ".", "+.", "e5", "1e", "1e+", "0x10", "1,5", "1.2.3", "--1", "1f"])
  func whatIsNoNumberIsSaidToBeNone(text: String) {
    let found = text.isEmpty ? "the end of the line" : "\"\(text)\""
    #expect(
      message { _ = try decode("v 1 2 \(text)\nf 1 1 1") }
        == "a.obj, line 1: found \(found), expected the z of a vertex; repair it or save it again")
  }

  @Test(arguments: ["nan", "-NaN", "inf", "Infinity", "1e999", "-1.#IND", "1.#QNAN0", "nan(ind)"])
  func whatIsNotFiniteIsNamed(text: String) {
    #expect(
      message { _ = try decode("v 0 0 0\nv \(text) 2 3\nf 1 1 1") }
        == "a.obj, line 2: a coordinate is \"\(text)\", expected a finite number; "
        + "repair the vertex or leave its faces out")
  }

  @Test func nineDigitsAreWrittenAsCWritesThem() throws {
    var rng = SplitMix64(seed: 6)
    var positions: [SIMD3<Double>] = []
    for _ in 0..<10_000 {
      let mantissa = Double(Int64(bitPattern: rng.next()) >> 11)
      let wide = mantissa * pow(10, Double(Int(rng.next() % 40)) - 36)
      positions.append([wide, Double(Int(rng.next() % 2001) - 1000) / 8, Double(Float(mantissa))])
    }
    positions += [
      [999_999_999.4, 999_999_999.6, 99_999_999.96], [0.9999999999, 1, 0.0001],
      [0.00009999999999, -0.000123456789, 9.9e8],
      [1e300, -Double.leastNonzeroMagnitude, 123_456_789], [10, 100, 1000],
    ]
    let mesh = Mesh(positions: positions, faces: [[0, 1, 2]])
    let lines = String(decoding: try mesh.encoded(as: .obj, path: "a"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == positions.count + 1)
    for (line, position) in zip(lines, positions) {
      let numbers = (0..<3).map { String(format: "%.9g", position[$0]) }.joined(separator: " ")
      #expect(line == "v \(numbers)")
    }
    let zeros = Mesh(positions: [[0, -0.0, 1], .zero, .one], faces: [[0, 1, 2]])
    #expect(
      String(decoding: try zeros.encoded(as: .obj, path: "a"), as: UTF8.self)
        .hasPrefix("v 0 0 1\nv 0 0 0\n"))
  }
}
