import Compute
import Foundation

/// The program as a table of commands: says what a call asks for, and does it.
package struct Program: Sendable {
  package let name = "inr"
  package let version: String
  package let summary: String
  package let commands: [Command]

  package init(version: String, summary: String, commands: [Command]) {
    self.version = version
    self.summary = summary
    self.commands = commands
    let calls = commands.map(\.specification.callName)
    precondition(Set(calls).count == calls.count, "two commands are called alike")
  }

  /// What a call asks for.
  package enum Request: Sendable {
    case overview
    case version
    /// The commands that begin with these verbs.
    case list(verbs: [String])
    case help(CommandSpecification)
    case run(Command, ParsedArguments)
  }

  /// Reads a whole call; does nothing yet.
  ///
  /// - Parameter words: the arguments of the program, without its name.
  package func parse(_ words: [String]) throws(UsageError) -> Request {
    switch words.first {
    case nil: return .overview
    case "help":
      return try help(on: Array(words.dropFirst()))
    case "--help", "-h": return .overview
    case "--version": return .version
    default: break
    }
    let verbs = Array(words.prefix(while: { !$0.hasPrefix("-") }))
    let (command, count) = try find(verbs, first: words[0])
    let rest = words.dropFirst(count)
    let asksForHelp = rest.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    guard let command else {
      if asksForHelp { return .list(verbs: Array(verbs.prefix(count))) }
      throw unknown(verbs, after: count)
    }
    if asksForHelp { return .help(command.specification) }
    return .run(command, try ArgumentParser.parse(rest, for: command.specification))
  }

  /// Does what `words` ask for.
  ///
  /// - Parameter tell: takes the one line that says what went wrong; by default it goes to standard
  ///   error.
  package func run(
    _ words: [String], tellingErrors tell: (String) -> Void = Console.writeError
  ) -> ExitCode {
    do {
      switch try parse(words) {
      case .overview: try StandardOutput.write(help.overview(of: self))
      case .version: try StandardOutput.write("\(name) \(version)\n")
      case .list(let verbs):
        try StandardOutput.write(help.list(of: specifications(under: verbs), under: verbs))
      case .help(let command): try StandardOutput.write(help.page(of: command))
      case .run(let command, let arguments): try command.run(arguments)
      }
      return .done
    } catch let error as UsageError {
      tell("\(error) (see \(helpCall(for: error)))\n")
      return .wrongUsage
    } catch StandardOutputError.closed {
      // The reader has seen enough: `inr info model.safetensors | head -1`.
      return .done
    } catch {
      tell("\(name): \(error)\n")
      return .failed
    }
  }

  private var help: HelpText { HelpText(terminalWidth: Terminal.width(of: .standardOutput)) }

  private func helpCall(for error: UsageError) -> String {
    let isCommand = commands.contains { $0.specification.callName == error.callName }
    return isCommand ? "\(error.callName) --help" : "\(name) --help"
  }

  // MARK: - Finding commands

  private func specifications(under verbs: [String]) -> [CommandSpecification] {
    commands.map(\.specification).filter { $0.verbs.starts(with: verbs) }
  }

  /// The command at the beginning of `verbs`, and how many of them belong to it or, if there is
  /// none, to the beginning of one.
  private func find(
    _ verbs: [String], first: String
  ) throws(UsageError) -> (command: Command?, count: Int) {
    guard !verbs.isEmpty else { throw UsageError(name, .optionBeforeVerb(found: first)) }
    let match = commands.filter { verbs.starts(with: $0.specification.verbs) }
      .max { $0.specification.verbs.count < $1.specification.verbs.count }
    if let match { return (match, match.specification.verbs.count) }
    let known = verbs.indices.map { $0 + 1 }
      .last { !specifications(under: Array(verbs.prefix($0))).isEmpty }
    guard let known else { throw unknown(verbs, after: 0) }
    return (nil, known)
  }

  /// The error that `verbs` are those of no command; the first `count` of them begin one.
  private func unknown(_ verbs: [String], after count: Int) -> UsageError {
    let known = Array(verbs.prefix(count))
    var choices: [String] = []
    for specification in specifications(under: known) {
      let verb = specification.verbs[count]
      if !choices.contains(verb) { choices.append(verb) }
    }
    let callName = ([name] + known).joined(separator: " ")
    guard count < verbs.count else { return UsageError(callName, .missingVerb(choices: choices)) }
    return UsageError(callName, .unknownVerb(found: verbs[count], choices: choices))
  }

  private func help(on verbs: [String]) throws(UsageError) -> Request {
    let verbs = verbs.filter { !$0.hasPrefix("-") }
    guard !verbs.isEmpty else { return .overview }
    let (command, count) = try find(verbs, first: verbs[0])
    if let command { return .help(command.specification) }
    guard count == verbs.count else { throw unknown(verbs, after: count) }
    return .list(verbs: verbs)
  }
}
