import Foundation

/// The stretch of numbers that an axis shows, and its marks.
struct AxisMarks {
  struct Mark: Equatable {
    let value: Double
    let label: String
  }

  let scale: LineChart.Scale
  private(set) var marks: [Mark] = []
  /// The ends of the axis; on a logarithmic axis, their decimal logarithms.
  private let lower: Double
  private let upper: Double

  /// - Parameter margin: the share of the axis that stays free at either end.
  init(showing values: [Double], scale: LineChart.Scale, margin: Double = 0) {
    self.scale = scale
    let positions = values.compactMap { Self.position($0, scale) }
    var (first, last) = (positions.min() ?? 0, positions.max() ?? 1)
    if last - first <= 1e-9 * max(abs(first), abs(last)) {
      // One value only: it stands in the middle.
      let half = first == 0 ? 0.5 : abs(first) / 2
      (first, last) = (first - half, last + half)
    }
    let free = margin * (last - first)
    lower = first - free
    upper = last + free
    marks = scale == .linear ? linearMarks(lower, upper) : logarithmicMarks()
  }

  /// Where `value` stands, from 0 to 1 along the axis; `nil` if the axis cannot show it.
  func share(of value: Double) -> Double? {
    Self.position(value, scale).map { ($0 - lower) / (upper - lower) }
  }

  private static func position(_ value: Double, _ scale: LineChart.Scale) -> Double? {
    guard value.isFinite else { return nil }
    if scale == .linear { return value }
    return value > 0 ? log10(value) : nil
  }

  /// Three to ten multiples of 1, 2 or 5 times a power of ten.
  private func linearMarks(_ lower: Double, _ upper: Double) -> [Mark] {
    let raw = (upper - lower) / 6
    let power = pow(10, floor(log10(raw)))
    let step = power * (raw / power < 1.5 ? 1 : raw / power < 3 ? 2 : raw / power < 7 ? 5 : 10)
    let slack = 1e-9 * (upper - lower)
    let multiples = ((lower - slack) / step).rounded(.up)...((upper + slack) / step).rounded(.down)
    return stride(from: multiples.lowerBound, through: multiples.upperBound, by: 1).map {
      Mark(value: $0 * step, label: Self.label(of: $0 * step, step: step))
    }
  }

  /// Powers of ten; 1, 2 and 5 times these where there are few; even steps where that is too few.
  private func logarithmicMarks() -> [Mark] {
    let powers = Int(lower.rounded(.up))...max(Int(upper.rounded(.down)), Int(lower.rounded(.up)))
    if powers.count >= 3 {
      return stride(from: powers.lowerBound, through: powers.upperBound, by: (powers.count + 7) / 8)
        .map { Mark(value: pow(10, Double($0)), label: "10" + Self.raised($0)) }
    }
    let fine = (powers.lowerBound - 1...powers.upperBound).flatMap { power in
      [1.0, 2, 5].map { $0 * pow(10, Double(power)) }
    }.filter { lower...upper ~= log10($0) }
    if fine.count >= 3 {
      return fine.map { Mark(value: $0, label: Self.label(of: $0, step: $0)) }
    }
    return linearMarks(pow(10, lower), pow(10, upper))
  }

  /// `value` with as many digits as multiples of `step` need.
  static func label(of value: Double, step: Double) -> String {
    if value == 0 { return "0" }
    let digits = max(0, -Int(floor(log10(step) + 1e-9)))
    if abs(value) >= 1e6 || digits > 4 {
      let (size, stepSize) = (floor(log10(abs(value))), floor(log10(step)))
      return String(format: "%.\(max(0, Int(size - stepSize)))e", value)
        .replacing("e+0", with: "e").replacing("e-0", with: "e-").replacing("e+", with: "e")
    }
    return String(format: "%.\(digits)f", value)
  }

  /// `exponent` in raised digits.
  private static func raised(_ exponent: Int) -> String {
    String(
      String(exponent).map { symbol in
        symbol.wholeNumberValue.map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] } ?? "⁻"
      })
  }
}
