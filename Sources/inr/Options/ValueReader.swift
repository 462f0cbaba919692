/// How the text of one option's value is read, and what an error message asks for instead.
package struct ValueReader<Value: Sendable>: Sendable {
  /// Stands for the value in the help text: `N`, `RATE`.
  package let placeholder: String
  /// What was expected, as a part of a sentence: "a positive number, e.g. 0.5".
  package let expectation: String
  /// All that can be given, where that is a short list.
  package let choices: [String]
  /// The value, or `nil` if the text is not what was expected.
  package let read: @Sendable (_ text: String) -> Value?

  package init(
    placeholder: String, expectation: String, choices: [String] = [],
    read: @escaping @Sendable (_ text: String) -> Value?
  ) {
    self.placeholder = placeholder
    self.expectation = expectation
    self.choices = choices
    self.read = read
  }

  /// The same values, read into another type.
  package func map<Other: Sendable>(
    _ transform: @escaping @Sendable (Value) -> Other?
  ) -> ValueReader<Other> {
    let read = read
    return ValueReader<Other>(
      placeholder: placeholder, expectation: expectation, choices: choices,
      read: { text in read(text).flatMap(transform) })
  }
}

// MARK: - Texts

extension ValueReader where Value == String {
  /// Any text but an empty one.
  ///
  /// - Parameter expectation: what is wanted: "a folder", "a PNG or .npy file".
  package static func text(_ expectation: String) -> ValueReader {
    ValueReader(placeholder: "TEXT", expectation: expectation) { $0.isEmpty ? nil : $0 }
  }

  /// One of a short list of words.
  package static func choice(_ words: [String]) -> ValueReader {
    precondition(!words.isEmpty, "a choice needs something to choose from")
    return ValueReader(
      placeholder: "NAME",
      expectation: words.count == 1 ? words[0] : "one of " + words.joined(separator: ", "),
      choices: words
    ) { words.contains($0) ? $0 : nil }
  }
}

extension ValueReader where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases, by its raw value.
  package static func choice(of type: Value.Type = Value.self) -> ValueReader {
    ValueReader<String>.choice(type.allCases.map(\.rawValue)).map { Value(rawValue: $0) }
  }
}

// MARK: - Numbers

extension ValueReader where Value == Int {
  package static func integer(_ rule: IntegerRule) -> ValueReader {
    ValueReader(placeholder: "N", expectation: rule.expectation) { text in
      Int(text).flatMap { rule.range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueReader where Value == UInt64 {
  /// A number that starts a random generator.
  package static var seed: ValueReader {
    ValueReader(
      placeholder: "N", expectation: "a whole number from 0 to \(UInt64.max)",
      read: { UInt64($0) })
  }
}

extension ValueReader where Value == Double {
  package static func number(_ rule: NumberRule) -> ValueReader {
    ValueReader(placeholder: "NUMBER", expectation: rule.expectation, read: rule.read)
  }
}

extension ValueReader where Value == [Double] {
  /// Numbers with commas between them.
  ///
  /// - Parameter count: how many; `nil` for one or more.
  package static func numbers(_ rule: NumberRule, count: Int? = nil) -> ValueReader {
    precondition(count.map { $0 > 1 } ?? true, "a list of one number is a number")
    let example = Array(repeating: rule.example, count: count ?? 2).joined(separator: ",")
    let expectation =
      if let count {
        "\(count) numbers (each \(rule.kind)) with commas between them, e.g. \(example)"
      } else {
        "\(rule.kind) or several with commas between them, e.g. \(example)"
      }
    return ValueReader(placeholder: "NUMBERS", expectation: expectation) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { rule.read(String($0)) }
      guard values.count == parts.count, values.count == count ?? values.count else { return nil }
      return values
    }
  }
}

/// Which whole numbers an option takes.
package struct IntegerRule: Sendable, Equatable {
  package let range: ClosedRange<Int>

  package static var any: IntegerRule { IntegerRule(range: Int.min...Int.max) }

  package static func atLeast(_ lower: Int) -> IntegerRule {
    IntegerRule(range: lower...Int.max)
  }

  package static func range(_ range: ClosedRange<Int>) -> IntegerRule {
    IntegerRule(range: range)
  }

  package var expectation: String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): "a whole number"
    case (let lower, .max): "a whole number of at least \(lower)"
    case (let lower, let upper): "a whole number from \(lower) to \(upper)"
    }
  }
}

/// Which numbers an option takes.
///
/// All are finite, and stay finite and do not vanish in single precision, where the program
/// computes.
package struct NumberRule: Sendable {
  /// As a part of a sentence: "a positive number".
  package let kind: String
  package let example: String
  private let contains: @Sendable (Double) -> Bool

  package init(
    _ kind: String, example: String, contains: @escaping @Sendable (Double) -> Bool
  ) {
    self.kind = kind
    self.example = example
    self.contains = contains
  }

  package static var any: NumberRule {
    NumberRule("a number", example: "-0.5") { _ in true }
  }

  package static var positive: NumberRule { positive(example: "0.5") }

  package static func positive(example: String) -> NumberRule {
    NumberRule("a positive number", example: example) { $0 > 0 }
  }

  /// How many photons are counted: as long as counts are exact.
  package static func photons(example: String) -> NumberRule {
    NumberRule("a positive number up to 1e15", example: example) { $0 > 0 && $0 <= 1e15 }
  }

  package static var nonNegative: NumberRule {
    NumberRule("a number of at least 0", example: "0.5") { $0 >= 0 }
  }

  package static var positiveUpTo1: NumberRule {
    NumberRule("a positive number up to 1", example: "0.1") { $0 > 0 && $0 <= 1 }
  }

  package static func range(_ range: ClosedRange<Double>) -> NumberRule {
    let (lower, upper) = (range.lowerBound, range.upperBound)
    return NumberRule(
      "a number from \(shortText(lower)) to \(shortText(upper))",
      example: shortText((lower + upper) / 2)
    ) { range.contains($0) }
  }

  package static func range(_ range: Range<Double>) -> NumberRule {
    let (lower, upper) = (range.lowerBound, range.upperBound)
    return NumberRule(
      "a number from \(shortText(lower)) to below \(shortText(upper))",
      example: shortText((lower + upper) / 2)
    ) { range.contains($0) && Float($0) < Float(upper) }  // In single precision, too.
  }

  package var expectation: String { "\(kind), e.g. \(example)" }

  package func read(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite, contains(value) else { return nil }
    let single = Float(value)
    guard single.isFinite, (single == 0) == (value == 0) else { return nil }
    return value
  }
}

/// A number without a trailing ".0".
package func shortText(_ value: Double) -> String {
  Int(exactly: value).map { String($0) } ?? String(value)
}

// MARK: - Compound values

/// Columns and rows of a picture.
package struct PixelSize: Sendable, Equatable {
  package let width: Int
  package let height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// More rows or columns than this do not fit into the formats that the program writes.
  package static let largestSide = 1_000_000
}

extension ValueReader where Value == PixelSize {
  /// `WIDTHxHEIGHT`.
  package static var size: ValueReader {
    ValueReader(
      placeholder: "WxH", expectation: "a width and a height in pixels, e.g. 1024x768"
    ) { text in
      let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        .compactMap { Int($0) }
      guard sides.count == 2, text.lowercased().count(where: { $0 == "x" }) == 1,
        sides.allSatisfy({ (1...PixelSize.largestSide).contains($0) })
      else { return nil }
      return PixelSize(width: sides[0], height: sides[1])
    }
  }
}

extension ValueReader where Value == [String: Double] {
  /// `NAME=NUMBER` with commas between them, each name once at most.
  ///
  /// - Parameter example: a full value, for the message.
  package static func settings(
    _ rules: KeyValuePairs<String, NumberRule>, example: String
  ) -> ValueReader {
    let names = rules.map(\.key)
    let wanted = rules.map { "\($0.key)=NUMBER (\($0.value.kind))" }.joined(separator: " and ")
    return ValueReader(
      placeholder: names.map { "\($0)=N" }.joined(separator: ","),
      expectation: "\(wanted), e.g. \(example)"
    ) { text in
      var settings: [String: Double] = [:]
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2, settings[sides[0]] == nil,
          let rule = rules.first(where: { $0.key == sides[0] })?.value,
          let value = rule.read(sides[1])
        else { return nil }
        settings[sides[0]] = value
      }
      return settings
    }
  }
}
