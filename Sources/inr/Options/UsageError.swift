/// A wrong call of the program.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  /// What was called, as far as it is known: `inr fit image`.
  package let callName: String
  package let problem: UsageProblem

  package init(_ callName: String, _ problem: UsageProblem) {
    self.callName = callName
    self.problem = problem
  }

  package var description: String { "\(callName): \(problem)" }
}

/// What is wrong with a call. Options stand as they were written, with their dashes.
package enum UsageProblem: Error, Equatable, CustomStringConvertible {
  case missingVerb(choices: [String])
  case unknownVerb(found: String, choices: [String])
  case optionBeforeVerb(found: String)
  case unknownOption(found: String, known: [String])
  case repeatedOption(String)
  case missingValue(option: String, expected: String)
  case valueForFlag(String, found: String)
  case wrongValue(subject: String, found: String, expected: String, choices: [String] = [])
  case missingOperand(name: String, help: String? = nil)
  case extraOperand(found: String, expected: String)
  /// Two options that cannot hold together.
  case conflict(String, String, reason: String)
  /// An option that means nothing without another one.
  case missingCompanion(option: String, needs: String)
  /// An option that means nothing for what another one chose.
  case notApplicable(option: String, reason: String)

  package var description: String {
    switch self {
    case .missingVerb(let choices):
      "expected one of \(choices.joined(separator: ", "))"
    case .unknownVerb(let found, let choices):
      "found \(quoted(found)), expected one of \(choices.joined(separator: ", "))"
        + suggestion(for: found, among: choices)
    case .optionBeforeVerb(let found):
      "found \(quoted(found)) before the command; options stand behind it"
    case .unknownOption(let found, let known):
      "unknown option \(printable(found))" + suggestion(for: found, among: known)
    case .repeatedOption(let name):
      "\(name): found twice, expected once"
    case .missingValue(let option, let expected):
      "\(option): found no value, expected \(expected)"
    case .valueForFlag(let name, let found):
      "\(name): found the value \(quoted(found)), but this option takes none"
    case .wrongValue(let subject, let found, let expected, let choices):
      "\(subject): found \(quoted(found)), expected \(expected)"
        + suggestion(for: found, among: choices)
    case .missingOperand(let name, let help):
      "\(name) is missing" + (help.map { ": \($0)" } ?? "")
    case .extraOperand(let found, let expected):
      "found \(quoted(found)), expected \(expected)"
    case .conflict(let one, let other, let reason):
      "\(one) and \(other) exclude each other: \(reason)"
    case .missingCompanion(let option, let needs):
      "\(option) has no effect without \(needs); give both or neither"
    case .notApplicable(let option, let reason):
      "\(option): \(reason)"
    }
  }
}

/// The text on one line in quotation marks, cut where it grows long.
package func quoted(_ text: String) -> String { "\"\(printable(text))\"" }

/// The text without control characters, cut where it grows long.
private func printable(_ text: String) -> String {
  let limit = 80
  let escaped = text.unicodeScalars.map { scalar in
    scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  .joined()
  return escaped.count > limit ? escaped.prefix(limit) + "..." : escaped
}

private func suggestion(for found: String, among known: [String]) -> String {
  nearest(to: found, among: known).map { "; did you mean \($0)?" } ?? ""
}
