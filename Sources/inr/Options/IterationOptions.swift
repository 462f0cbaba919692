/// How long an iterative reconstruction goes on, and what it may do.
package struct IterationOptions: OptionGroup {
  package let iterations: Int?
  /// `nil` where the method decides.
  package let isNonNegative: Bool?
  package let tolerance: Double

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    iterations = arguments[Self.iterations]
    tolerance = arguments[Self.tolerance] ?? 0
    try arguments.exclude(
      Self.nonNegative, Self.allowNegative, because: "one is the opposite of the other")
    isNonNegative =
      arguments[Self.nonNegative] ? true : arguments[Self.allowNegative] ? false : nil
  }
}

extension IterationOptions {
  package static let iterations = Option(
    "iterations", .integer(.range(1...1_000_000)), help: "Iterations at most.")
  package static let tolerance = Option(
    "tolerance", .number(.nonNegative), placeholder: "SHARE",
    help: "Stop when an iteration changes the slice by less than this share of it.", default: "0")
  package static let nonNegative = Flag(
    "nonnegative", help: "Keep the slice from falling below 0.")
  package static let allowNegative = Flag(
    "allow-negative", help: "Let the slice have negative values.")

  package static var section: OptionSection { section(with: []) }

  /// The section with a method's own options.
  static func section(with others: [any OptionDefinition]) -> OptionSection {
    OptionSection("Iterations", [iterations, tolerance, nonNegative, allowNegative] + others)
  }
}

/// How much smoothness counts against the data.
package enum LambdaChoice: Sendable, Equatable {
  case value(Double)
  case automatic
}

extension ValueReader where Value == LambdaChoice {
  /// A positive number, or the word `auto`.
  package static var lambda: ValueReader {
    ValueReader(
      placeholder: "LAMBDA|auto", expectation: "a positive number, e.g. 0.5, or auto"
    ) { text in
      text == "auto" ? .automatic : NumberRule.positive.read(text).map { .value($0) }
    }
  }
}
