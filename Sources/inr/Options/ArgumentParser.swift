/// Reads the arguments of one command by its table; touches nothing else.
struct ArgumentParser {
  private let command: CommandSpecification
  private var pending: ArraySlice<String>
  private var result: ParsedArguments
  private var operands: [String] = []

  /// - Parameter words: what stands behind the command's verbs.
  static func parse(
    _ words: some Sequence<String>, for command: CommandSpecification
  ) throws(UsageError) -> ParsedArguments {
    var parser = ArgumentParser(Array(words), command)
    do throws(UsageProblem) {
      try parser.parse()
    } catch {
      throw UsageError(command.callName, error)
    }
    return parser.result
  }

  private init(_ words: [String], _ command: CommandSpecification) {
    self.command = command
    pending = words[...]
    result = ParsedArguments(command, words: words)
  }

  private mutating func parse() throws(UsageProblem) {
    while let word = pending.popFirst() {
      if word == "--" {
        operands += pending
        break
      } else if word.hasPrefix("--") {
        try parseLong(word)
      } else if looksLikeOption(word) {
        try parseShort(word)
      } else {
        operands.append(word)
      }
    }
    try assignOperands()
  }

  /// A dash alone means standard input or output; a dash and a number is a negative number.
  private func looksLikeOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    return Double(word.prefix { $0 != "," && $0 != ":" }) == nil
  }

  /// `--name`, `--name value`, or `--name=value`.
  private mutating func parseLong(_ word: String) throws(UsageProblem) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = command.option(named: String(name.dropFirst(2))) else {
      throw unknownOption(name)
    }
    try accept(option, as: name, attached: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// `-x`, `-x value`, `-xvalue`, `-x=value`, or several flags in one.
  private mutating func parseShort(_ word: String) throws(UsageProblem) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let name = "-\(letter)"
      guard let option = command.option(short: letter) else {
        throw unknownOption(letters.isEmpty ? name : word)
      }
      if option.takesValue || letters.first == "=" {
        let value = letters.first == "=" ? letters.dropFirst() : letters
        try accept(option, as: name, attached: letters.isEmpty ? nil : String(value))
        return
      }
      try accept(option, as: name, attached: nil)
    }
  }

  private func unknownOption(_ name: String) -> UsageProblem {
    // A long option with one dash is a common slip, so long names answer short ones too.
    .unknownOption(
      found: name,
      known: command.options.map { "--\($0.name)" }
        + command.options.compactMap { $0.short.map { "-\($0)" } } + ["--help"])
  }

  /// - Parameter name: as it was written, dashes included.
  private mutating func accept(
    _ option: OptionSpecification, as name: String, attached: String?
  ) throws(UsageProblem) {
    guard result.texts[option.name] == nil else { throw .repeatedOption(name) }
    guard option.takesValue else {
      if let attached { throw .valueForFlag(name, found: attached) }
      result.texts[option.name] = ""
      return
    }
    guard let text = attached ?? nextValue() else {
      throw .missingValue(option: name, expected: option.expectation)
    }
    guard let value = option.read(text) else {
      throw .wrongValue(
        subject: name, found: text, expected: option.expectation, choices: option.choices)
    }
    result.texts[option.name] = text
    result.values[option.name] = value
  }

  private mutating func nextValue() -> String? {
    guard let next = pending.first, !looksLikeOption(next) else { return nil }
    return pending.popFirst()
  }

  private mutating func assignOperands() throws(UsageProblem) {
    var rest = operands[...]
    for operand in command.operands {
      let taken = operand.arity == .repeating ? rest : rest.prefix(1)
      if taken.isEmpty, operand.arity != .optional {
        throw .missingOperand(name: operand.name, help: operand.help)
      }
      rest = rest.dropFirst(taken.count)
      result.operands[operand.name] = Array(taken)
    }
    if let extra = rest.first {
      let names = command.operands.map(\.name).joined(separator: " ")
      throw .extraOperand(
        found: extra, expected: names.isEmpty ? "no operand" : "no operand but \(names)")
    }
  }
}
