/// What parsing and the help text need to know of one command.
package struct CommandSpecification: Sendable {
  /// The words that call it: `["fit", "image"]`.
  package let verbs: [String]
  /// One line, as in "Fit a network to a picture."
  package let summary: String
  /// More to say below the usage line, a paragraph each.
  package let discussion: [String]
  package let operands: [OperandSpecification]
  package let sections: [OptionSection]
  /// Values of an option that take more than a word to explain.
  package let valueLists: [ValueList]
  package let examples: [Example]

  /// A call that works, and what it is for.
  package struct Example: Sendable {
    package let call: String
    package let purpose: String

    package init(_ call: String, _ purpose: String) {
      self.call = call
      self.purpose = purpose
    }
  }

  package init(
    _ verbs: [String], summary: String, discussion: [String] = [],
    operands: [any OperandDefinition] = [], sections: [OptionSection] = [],
    valueLists: [ValueList] = [], examples: [Example] = []
  ) {
    self.verbs = verbs
    self.summary = summary
    self.discussion = discussion
    self.operands = operands.map(\.specification)
    self.sections = sections
    self.valueLists = valueLists
    self.examples = examples
    checkTable()
  }

  package var options: [OptionSpecification] { sections.flatMap(\.options) }

  package func option(named name: String) -> OptionSpecification? {
    options.first { $0.name == name }
  }

  package func option(short: Character) -> OptionSpecification? {
    options.first { $0.short == short }
  }

  /// The command as one types it: `inr fit image`.
  package var callName: String { (["inr"] + verbs).joined(separator: " ") }

  private func checkTable() {
    precondition(!verbs.isEmpty, "a command needs a verb")
    let names = options.map(\.name) + options.compactMap { $0.short.map { "-\($0)" } }
    let repeated = names.enumerated().filter { names[..<$0.offset].contains($0.element) }
    precondition(repeated.isEmpty, "\(callName): two options are called \(repeated[0].element)")
    precondition(
      !names.contains("help") && !names.contains("-h"), "\(callName): --help is every command's")
    // With a repeating or optional operand before another it would be unclear which one is meant.
    let arities = operands.map(\.arity)
    precondition(
      arities.dropLast().allSatisfy { $0 == .required }
        || arities.drop { $0 == .required }.allSatisfy { $0 == .optional },
      "\(callName): operands that can be left out stand last")
  }
}

/// Names with a line of explanation each, under a heading of the help text.
package struct ValueList: Sendable {
  package let title: String
  package let values: [(name: String, help: String)]

  package init(_ title: String, _ values: [(name: String, help: String)]) {
    self.title = title
    self.values = values
  }
}
