/// Decimal numbers in text, read exactly: the result is the nearest `Double`, ties to even.
enum DecimalNumber {
  /// The number that starts at `position`, which moves behind it; nil, and nothing moves, if there
  /// is none. A number beyond the largest `Double` is infinite.
  ///
  /// Accepted are `[+-] digits [. digits] [e [+-] digits]`, with digits on at least one side of the
  /// point.
  static func parse(_ bytes: Span<UInt8>, at position: inout Int) -> Double? {
    let start = position
    let end = bytes.count
    var i = start
    let isNegative = i < end && bytes[i] == ASCII.minus
    if isNegative || i < end && bytes[i] == ASCII.plus { i += 1 }
    // 1. The digits as an integer, as far as 64 bits hold them.
    var mantissa: UInt64 = 0
    var exponent = 0
    var digitCount = 0
    var isLong = false
    func take(_ digit: UInt8) {
      digitCount += 1
      if mantissa < 1_000_000_000_000_000_000 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
      } else {
        isLong = true
      }
    }
    while i < end, case let digit = bytes[i] &- ASCII.zero, digit < 10 {
      take(digit)
      i += 1
    }
    if i < end, bytes[i] == ASCII.point {
      i += 1
      let fraction = i
      while i < end, case let digit = bytes[i] &- ASCII.zero, digit < 10 {
        take(digit)
        i += 1
      }
      exponent = fraction - i
    }
    guard digitCount > 0 else { return nil }
    // 2. The exponent.
    if i < end, bytes[i] | 0x20 == ASCII.e, let (value, next) = Self.exponent(bytes, after: i) {
      exponent += value
      i = next
    }
    position = i
    // 3. Put them together; what is longer than usual goes the library's way.
    if !isLong, let magnitude = value(mantissa, exponent) {
      return isNegative ? -magnitude : magnitude
    }
    return Double(text(bytes, start..<i))
  }

  /// The characters in `range`, as a string.
  static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: range.map { bytes[$0] }, as: UTF8.self)
  }

  /// The value of the exponent whose `e` is at `place`, and where it ends; nil if it has no digits.
  private static func exponent(_ bytes: Span<UInt8>, after place: Int) -> (Int, Int)? {
    var i = place + 1
    let isNegative = i < bytes.count && bytes[i] == ASCII.minus
    if isNegative || i < bytes.count && bytes[i] == ASCII.plus { i += 1 }
    let first = i
    var value = 0
    while i < bytes.count, case let digit = bytes[i] &- ASCII.zero, digit < 10 {
      if value < 1_000_000 { value = value * 10 + Int(digit) }
      i += 1
    }
    return i > first ? (isNegative ? -value : value, i) : nil
  }

  /// `mantissa · 10^exponent`, rounded once; nil where the short ways below do not reach.
  private static func value(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    // Both are exact in a Double, so that one operation rounds once.
    if mantissa <= 1 << 53, -22...22 ~= exponent {
      let number = Double(mantissa)
      return exponent < 0 ? number / powersOfTen[-exponent] : number * powersOfTen[exponent]
    }
    // 10^n is 2^n · 5^n, and 5^27 is the last power below 2^64: the quotient of 128 by 64 bits has
    // 63 bits or more, and its remainder says whether bits below them are lost.
    guard -27...27 ~= exponent else { return nil }
    let power = powersOfFive[abs(exponent)]
    if exponent >= 0 {
      let product = mantissa.multipliedFullWidth(by: power)
      let shift = product.high.leadingZeroBitCount
      let high =
        shift == 64 ? product.low : product.high << shift | (product.low >> 1) >> (63 - shift)
      let low = shift == 64 ? 0 : product.low << shift
      return scaled(high | (low != 0 ? 1 : 0), by: exponent + 64 - shift)
    }
    let shift = mantissa.leadingZeroBitCount
    let powerShift = power.leadingZeroBitCount
    let numerator = mantissa << shift
    let (quotient, remainder) = (power << powerShift)
      .dividingFullWidth((numerator >> 1, numerator << 63))
    return scaled(
      quotient | (remainder != 0 ? 1 : 0), by: exponent - 63 - shift + powerShift)
  }

  /// `bits · 2^exponent`. The last of at least 62 bits may stand for others below it: a conversion
  /// to 53 bits looks at it only to see on which side of a tie the number is.
  private static func scaled(_ bits: UInt64, by exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: Double(bits))
  }

  private static let powersOfTen: [Double] = (0...22).map { n in
    (0..<n).reduce(1.0) { power, _ in power * 10 }
  }

  private static let powersOfFive: [UInt64] = (0...27).map { n in
    (0..<n).reduce(1) { power, _ in power * 5 }
  }
}
