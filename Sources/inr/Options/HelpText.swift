/// Help texts, written from the same tables that the parser reads.
package struct HelpText: Sendable {
  /// Columns of a line.
  package let width: Int

  /// - Parameter width: of the terminal; lines keep between 80 and 100 columns.
  package init(terminalWidth width: Int = 80) {
    self.width = min(max(width, 80), 100)
  }

  // MARK: - The program

  package func overview(of program: Program) -> String {
    var blocks = [
      "\(program.name) \(program.version): \(program.summary)",
      "Usage: \(program.name) COMMAND [operands] [options]",
    ]
    blocks.append(commandList(program.commands.map(\.specification)))
    blocks.append(
      block(
        "Help",
        [
          ("\(program.name) help COMMAND", "Explain a command and its options."),
          ("\(program.name) --version", "Print the version."),
        ]))
    blocks.append(exitCodes)
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The commands that begin with the same verbs, such as all fits.
  package func list(of commands: [CommandSpecification], under verbs: [String]) -> String {
    let call = (["inr"] + verbs).joined(separator: " ")
    return [
      "Usage: \(call) COMMAND [operands] [options]", commandList(commands),
      "See inr help \(verbs.joined(separator: " ")) COMMAND.",
    ].joined(separator: "\n\n") + "\n"
  }

  private func commandList(_ commands: [CommandSpecification]) -> String {
    block("Commands", commands.map { ($0.verbs.joined(separator: " "), $0.summary) })
  }

  // MARK: - A command

  package func page(of command: CommandSpecification) -> String {
    var blocks = [usage(of: command), wrapped(command.summary, indent: 0)]
    blocks += command.discussion.map { wrapped($0, indent: 0) }
    if !command.operands.isEmpty {
      blocks.append(block("Operands", command.operands.map { ($0.name, $0.help) }))
    }
    let general = OptionSection("General", [Flag("help", short: "h", help: "Print this text.")])
    let sections = command.sections + [general]
    let column = textColumn(of: sections.flatMap(\.options).map(label(of:)))
    for section in sections {
      let rows = section.options.map { (label(of: $0), text(of: $0)) }
      blocks.append(block(section.title, rows, column: column))
    }
    for list in command.valueLists {
      blocks.append(block(list.title, list.values.map { ($0.name, $0.help) }))
    }
    if !command.examples.isEmpty {
      let examples = command.examples.map { "  \($0.call)\n" + wrapped($0.purpose, indent: 6) }
      blocks.append("Examples:\n" + examples.joined(separator: "\n"))
    }
    blocks.append(exitCodes)
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var exitCodes: String {
    "Exit codes: "
      + ExitCode.allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ") + "."
  }

  private func usage(of command: CommandSpecification) -> String {
    (["Usage: \(command.callName)"] + command.operands.map(\.usage) + ["[options]"])
      .joined(separator: " ")
  }

  /// `-o, --output DIR`; options without a short form stand in line with those that have one.
  private func label(of option: OptionSpecification) -> String {
    let short = option.short.map { "-\($0), " } ?? "    "
    return "\(short)--\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
  }

  private func text(of option: OptionSpecification) -> String {
    var text = option.help
    if !option.choices.isEmpty { text += " One of \(option.choices.joined(separator: ", "))." }
    if let defaultText = option.defaultText { text += " Default: \(defaultText)." }
    return text
  }

  // MARK: - Lines

  private static let indent = 2

  /// Where the texts begin that stand beside these labels.
  private func textColumn(of labels: [String]) -> Int {
    // A label that would push all texts far to the right stands on a line of its own.
    Self.indent + (labels.map(\.count).filter { $0 <= 26 }.max() ?? 26) + 2
  }

  /// A heading, and rows of a label and a text.
  private func block(
    _ title: String, _ rows: [(label: String, text: String)], column: Int? = nil
  ) -> String {
    let column = column ?? textColumn(of: rows.map(\.label))
    let lines = rows.map { label, text in
      let start = String(repeating: " ", count: Self.indent) + label
      let body = wrapped(text, indent: column)
      guard start.count + 2 <= column else { return start + "\n" + body }
      return start + body.dropFirst(start.count)
    }
    return "\(title):\n" + lines.joined(separator: "\n")
  }

  /// The words of `text` in lines of at most ``width`` columns, each after `indent` spaces.
  func wrapped(_ text: String, indent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    let margin = String(repeating: " ", count: indent)
    return lines.map { margin + $0 }.joined(separator: "\n")
  }
}
