/// What was given to one command; every value has been read and is of the kind that it should be.
package struct ParsedArguments: Sendable {
  package let command: CommandSpecification
  /// Everything behind the verbs, as it was typed.
  package let words: [String]
  /// The options given, by name, with the texts of their values; flags with an empty text.
  package internal(set) var texts: [String: String] = [:]
  var values: [String: any Sendable] = [:]
  var operands: [String: [String]] = [:]

  init(_ command: CommandSpecification, words: [String]) {
    self.command = command
    self.words = words
  }

  /// The option's value, if it was given.
  package subscript<Value>(_ option: Option<Value>) -> Value? {
    values[option.specification.name].map { value in
      guard let value = value as? Value else {
        preconditionFailure("--\(option.specification.name) was read as \(type(of: value))")
      }
      return value
    }
  }

  /// Whether the flag was given.
  package subscript(_ flag: Flag) -> Bool { texts[flag.specification.name] != nil }

  package subscript<Value>(_ operand: Operand<Value>) -> Value {
    let name = operand.specification.name
    precondition(
      command.operands.contains(operand.specification),
      "\(command.callName) has no operand \(name)")
    return operand.value(operands[name] ?? [])
  }

  package func isGiven(_ option: some OptionDefinition) -> Bool {
    texts[option.specification.name] != nil
  }

  package func error(_ problem: UsageProblem) -> UsageError {
    UsageError(command.callName, problem)
  }

  /// The error that the value given for `option` is not what the command needs here.
  package func wrongValue(of option: some OptionDefinition, expected: String) -> UsageError {
    let name = option.specification.name
    return error(
      .wrongValue(subject: "--\(name)", found: texts[name] ?? "", expected: expected))
  }

  /// Throws if both options were given.
  package func exclude(
    _ one: some OptionDefinition, _ other: some OptionDefinition, because reason: String
  ) throws(UsageError) {
    guard isGiven(one), isGiven(other) else { return }
    throw error(
      .conflict("--\(one.specification.name)", "--\(other.specification.name)", reason: reason))
  }

  /// Throws if `option` was given without `companion`, which alone gives it a meaning.
  package func require(
    _ companion: some OptionDefinition, for option: some OptionDefinition
  ) throws(UsageError) {
    guard isGiven(option), !isGiven(companion) else { return }
    throw error(
      .missingCompanion(
        option: "--\(option.specification.name)", needs: "--\(companion.specification.name)"))
  }
}
