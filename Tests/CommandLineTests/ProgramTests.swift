import Synchronization
import Testing
import inr

struct ProgramTests {
  private let program = SampleCommand.program()

  @Test(arguments: [[], ["--help"], ["-h"], ["help"]])
  func withoutACommandTheProgramShowsItself(words: [String]) throws {
    guard case .overview = try program.parse(words) else {
      Issue.record("\(words) asks for something else")
      return
    }
  }

  @Test(arguments: [
    ["help", "fit", "image"], ["fit", "image", "--help"], ["fit", "image", "-h"],
    ["fit", "image", "--nonsense", "--help"], ["fit", "image", "a", "b", "c", "--help"],
  ])
  func helpIsGivenEvenToAWrongCall(words: [String]) throws {
    guard case .help(let specification) = try program.parse(words) else {
      Issue.record("\(words) asks for something else")
      return
    }
    #expect(specification.verbs == ["fit", "image"])
  }

  @Test(arguments: [["fit", "--help"], ["help", "fit"]])
  func aCommonVerbListsItsCommands(words: [String]) throws {
    guard case .list(verbs: ["fit"]) = try program.parse(words) else {
      Issue.record("\(words) asks for something else")
      return
    }
  }

  @Test func behindTwoDashesHelpIsAnOperand() throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "--", "--help"])
    #expect(arguments[SampleCommand.photo] == "--help")
  }

  @Test func versionIsARequest() throws {
    guard case .version = try program.parse(["--version"]) else {
      Issue.record("--version asks for something else")
      return
    }
  }

  @Test func aCommandRunsOnceWithItsArguments() {
    let seen = Mutex<[String]>([])
    let program = SampleCommand.program { arguments in
      seen.withLock { $0.append(arguments[SampleCommand.photo]) }
    }
    #expect(program.run(["fit", "image", "a.png"]) == .done)
    #expect(seen.withLock { $0 } == ["a.png"])
  }

  @Test func errorsBecomeOneLineAndAnExitCode() {
    struct Broken: Error, CustomStringConvertible {
      let description = "a.png: not a picture"
    }
    let failing = SampleCommand.program { _ in throw Broken() }
    #expect(outcome(of: failing) == Outcome(.failed, "inr: a.png: not a picture\n"))
    // A command may find out about wrong usage itself.
    let refusing = SampleCommand.program { arguments in
      throw arguments.error(.repeatedOption("--x"))
    }
    #expect(
      outcome(of: refusing)
        == Outcome(
          .wrongUsage,
          "inr fit image: --x: found twice, expected once (see inr fit image --help)\n"))
    // Whoever reads a pipe may stop when they have seen enough.
    let piped = SampleCommand.program { _ in throw StandardOutputError.closed }
    #expect(outcome(of: piped) == Outcome(.done, ""))
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2])
  }

  private struct Outcome: Equatable {
    let code: ExitCode
    let message: String

    init(_ code: ExitCode, _ message: String) {
      (self.code, self.message) = (code, message)
    }
  }

  private func outcome(of program: Program) -> Outcome {
    var message = ""
    let code = program.run(["fit", "image", "a.png"]) { message += $0 }
    return Outcome(code, message)
  }
}
