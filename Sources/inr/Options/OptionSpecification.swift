/// What parsing and the help text need to know of one option.
package struct OptionSpecification: Sendable {
  /// Without the dashes.
  package let name: String
  /// The letter of the short form, such as `o` of `-o`.
  package let short: Character?
  /// What stands for the value in the help text; `nil` for a flag.
  package let placeholder: String?
  /// What to write as the value; empty for a flag.
  package let expectation: String
  package let choices: [String]
  /// A sentence or two without the default.
  package let help: String
  /// What holds if the option is not given, as the help text says it.
  package var defaultText: String?
  let read: @Sendable (_ text: String) -> (any Sendable)?

  package var takesValue: Bool { placeholder != nil }
}

/// An option or a flag: something that a table of options can hold.
package protocol OptionDefinition: Sendable {
  var specification: OptionSpecification { get }
}

/// An option with a value, and the key under which ``ParsedArguments`` has it.
package struct Option<Value: Sendable>: OptionDefinition {
  package let specification: OptionSpecification

  package init(
    _ name: String, short: Character? = nil, _ reader: ValueReader<Value>,
    placeholder: String? = nil, help: String, default defaultText: String? = nil
  ) {
    specification = OptionSpecification(
      name: name, short: short, placeholder: placeholder ?? reader.placeholder,
      expectation: reader.expectation, choices: reader.choices, help: help,
      defaultText: defaultText, read: { reader.read($0) })
  }
}

/// An option without a value.
package struct Flag: OptionDefinition {
  package let specification: OptionSpecification

  package init(_ name: String, short: Character? = nil, help: String) {
    specification = OptionSpecification(
      name: name, short: short, placeholder: nil, expectation: "", choices: [], help: help,
      defaultText: nil, read: { _ in nil })
  }
}

/// Options that stand together under a heading of the help text.
package struct OptionSection: Sendable {
  package let title: String
  package private(set) var options: [OptionSpecification]

  package init(_ title: String, _ options: [any OptionDefinition]) {
    self.title = title
    self.options = options.map(\.specification)
  }

  /// The same section with a task's own defaults in the help text, by the names of the options.
  package func defaults(_ texts: [String: String]) -> OptionSection {
    for name in texts.keys {
      precondition(options.contains { $0.name == name }, "\(title) has no option --\(name)")
    }
    var copy = self
    for index in options.indices {
      copy.options[index].defaultText = texts[options[index].name] ?? options[index].defaultText
    }
    return copy
  }

  /// The same section without options that mean nothing to a command.
  package func without(_ names: Set<String>) -> OptionSection {
    for name in names {
      precondition(options.contains { $0.name == name }, "\(title) has no option --\(name)")
    }
    var copy = self
    copy.options.removeAll { names.contains($0.name) }
    return copy
  }
}

/// Options that several commands share, and what was given for them.
package protocol OptionGroup: Sendable {
  static var section: OptionSection { get }

  /// - Throws: ``UsageError`` when options that were given do not go together.
  init(_ arguments: ParsedArguments) throws(UsageError)
}
