import Testing
import inr

struct HelpTextTests {
  private let specifications =
    [SampleCommand.specification] + Command.all.map(\.specification)

  @Test(arguments: [1, 80, 93, 100, 300])
  func linesKeepWithinTheirWidth(terminalWidth: Int) {
    let help = HelpText(terminalWidth: terminalWidth)
    #expect((80...100).contains(help.width))
    for specification in specifications {
      // Only an example is never broken, so that it can be copied.
      let examples = specification.examples.map(\.call)
      let lines = help.page(of: specification).split(separator: "\n")
      for line in lines where !examples.contains(where: { line.contains($0) }) {
        #expect(line.count <= help.width, "\(specification.callName): \(line)")
      }
    }
  }

  @Test func everyOptionAndOperandIsExplained() {
    for specification in specifications {
      let page = HelpText().page(of: specification)
      #expect(page.hasPrefix("Usage: \(specification.callName)"))
      for option in specification.options {
        #expect(page.contains(" --\(option.name)"), "\(specification.callName)")
        #expect(option.help.hasSuffix("."), "\(specification.callName) --\(option.name)")
      }
      for operand in specification.operands {
        #expect(page.contains("  \(operand.name)"), "\(specification.callName)")
      }
    }
  }

  @Test func aRowTellsShortFormChoicesAndDefault() {
    let command = CommandSpecification(
      ["draw"], summary: "Draw.",
      sections: [
        OptionSection(
          "Style",
          [
            Option(
              "activation", short: "a", .choice(["relu", "sine"]), help: "Its kind.",
              default: "sine"),
            Flag("quiet", help: "Say nothing."),
          ])
      ])
    let expected = """
      Usage: inr draw [options]

      Draw.

      Style:
        -a, --activation NAME  Its kind. One of relu, sine. Default: sine.
            --quiet            Say nothing.

      General:
        -h, --help             Print this text.

      Exit codes: 0 done, 1 failed, 2 wrong usage.

      """
    #expect(HelpText().page(of: command) == expected)
  }

  @Test func theOverviewListsEveryCommand() {
    let program = SampleCommand.program()
    let overview = HelpText().overview(of: program)
    for command in program.commands {
      #expect(overview.contains(command.specification.verbs.joined(separator: " ")))
      #expect(overview.contains(command.specification.summary))
    }
    let list = HelpText().list(
      of: program.commands.map(\.specification).filter { $0.verbs[0] == "fit" }, under: ["fit"])
    #expect(list.contains("fit shape") && !list.contains("join"))
  }

  @Test func everyExampleIsACallThatParses() throws {
    let program = Program(version: "0", summary: "", commands: Command.all)
    for example in Command.all.flatMap(\.specification.examples) {
      // An example may lead its output elsewhere, and the shell takes quotation marks away.
      let call = example.call.prefix { $0 != "|" && $0 != ">" }.filter { $0 != "'" }
        .split(separator: " ").map(String.init)
      try #require(call.first == "inr", "\(example.call)")
      #expect(throws: Never.self, "\(example.call)") {
        _ = try program.parse(Array(call.dropFirst()))
      }
    }
  }

  @Test func aTaskCanShowItsOwnDefaultsAndLeaveOptionsOut() {
    let section = OptionSection("All", SampleCommand.options)
      .defaults(["steps": "300"]).without(["size"])
    #expect(section.options.first { $0.name == "steps" }?.defaultText == "300")
    #expect(section.options.first { $0.name == "level" }?.defaultText == "0")
    #expect(!section.options.contains { $0.name == "size" })
  }
}
