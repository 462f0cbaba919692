import Networks
import SplineGeometry

extension ValueReader where Value == ScalarOutput {
  /// `K` or `I-J`.
  static var output: ValueReader {
    ValueReader(
      placeholder: "K|I-J",
      expectation: "the number of a value, e.g. 0, or a difference of two, e.g. 0-1"
    ) { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Int($0) }.filter { $0 >= 0 }
      guard numbers.count == parts.count else { return nil }
      if numbers.count == 1 { return .component(numbers[0]) }
      guard numbers.count == 2, numbers[0] != numbers[1] else { return nil }
      return .difference(numbers[0], numbers[1])
    }
  }
}

/// Of a network with several values, the one whose level is asked for.
enum OutputChoice {
  static let option = Option(
    "output-index", .output,
    help:
      "Of a network with several values, the one that is the field, counted from 0; or I-J, the "
      + "difference of two, whose level 0 is the boundary between two classes.",
    default: "0")

  /// - Parameter outputs: how many values the network has.
  static func read(
    _ arguments: ParsedArguments, outputs: Int, path: String, telling console: Console
  ) throws(UsageError) -> ScalarOutput {
    guard let choice = arguments[option] else {
      if outputs > 1 {
        console.message(
          "\(path) has \(outputs) values; the first one is taken for the field (another: "
            + "--output-index K)")
      }
      return .component(0)
    }
    let largest =
      switch choice {
      case .component(let k): k
      case .difference(let a, let b): max(a, b)
      }
    guard largest < outputs else {
      throw arguments.wrongValue(
        of: option,
        expected: "at most \(outputs - 1): the network has " + counted(outputs, "value"))
    }
    return choice
  }
}

extension ScalarOutput {
  /// As the option has it.
  var text: String {
    switch self {
    case .component(let k): "\(k)"
    case .difference(let a, let b): "\(a)-\(b)"
    }
  }
}
