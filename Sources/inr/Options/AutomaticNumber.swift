/// A number that is given, or left to the task.
package enum AutomaticNumber: Sendable, Equatable {
  case value(Double)
  case automatic

  package var value: Double? {
    guard case .value(let value) = self else { return nil }
    return value
  }
}

extension ValueReader where Value == AutomaticNumber {
  /// A number, or the word `auto`.
  package static func automaticNumber(_ rule: NumberRule) -> ValueReader {
    ValueReader(placeholder: "NUMBER|auto", expectation: "\(rule.expectation), or auto") { text in
      text == "auto" ? .automatic : rule.read(text).map { .value($0) }
    }
  }
}
