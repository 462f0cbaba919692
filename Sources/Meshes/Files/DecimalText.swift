import Foundation

/// Numbers as text with nine significant digits, as many as tell all 32-bit numbers apart.
enum DecimalText {
  /// Appends `number` as C's `%.9g` writes it; minus zero as zero.
  ///
  /// A number within a millionth of the ninth digit's tie between two texts may get either.
  static func append(_ number: Double, to text: inout [UInt8]) {
    let magnitude = abs(number)
    if magnitude == 0 { return text.append(ASCII.zero) }
    guard magnitude >= 1e-4, magnitude < 9.9e8 else {
      return text.append(contentsOf: String(format: "%.9g", number).utf8)
    }
    // 1. The nine digits as an integer; the first of them stands for 10^exponent.
    var exponent = -4
    while exponent < 8, magnitude >= power(exponent + 1) { exponent += 1 }
    var digits = UInt64((magnitude * powersOfTen[8 - exponent]).rounded(.toNearestOrEven))
    if digits == 1_000_000_000 {
      digits = 100_000_000
      exponent += 1
    }
    // 2. Digits behind the point, without zeros at the end.
    var fractionCount = 8 - exponent
    while fractionCount > 0, digits % 10 == 0 {
      digits /= 10
      fractionCount -= 1
    }
    if number < 0 { text.append(ASCII.minus) }
    let scale = integerPowers[fractionCount]
    append(digits / scale, atLeast: 1, to: &text)
    if fractionCount > 0 {
      text.append(ASCII.point)
      append(digits % scale, atLeast: fractionCount, to: &text)
    }
  }

  /// Appends an integer, with zeros before it up to `digitCount` digits.
  static func append(_ integer: UInt64, atLeast digitCount: Int = 1, to text: inout [UInt8]) {
    var count = digitCount
    while count < 19, integer >= integerPowers[count] { count += 1 }
    while count > 0 {
      count -= 1
      text.append(ASCII.zero + UInt8(integer / integerPowers[count] % 10))
    }
  }

  private static func power(_ exponent: Int) -> Double {
    exponent < 0 ? 1 / powersOfTen[-exponent] : powersOfTen[exponent]
  }

  private static let powersOfTen: [Double] = (0...12).map { n in
    (0..<n).reduce(1.0) { power, _ in power * 10 }
  }

  private static let integerPowers: [UInt64] = (0...19).map { n in
    (0..<n).reduce(1) { power, _ in power * 10 }
  }
}
