import Foundation
import Testing

/// The program that was built together with the tests, run as users run it.
enum BuiltProgram {
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  static let path: String = {
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appendingPathComponent("inr").path
  }()

  /// Runs `inr` and waits for its end.
  ///
  /// - Parameter folder: the current one of the program; by default that of the tests.
  static func run(_ words: String..., in folder: String? = nil) throws -> Outcome {
    try run(words, in: folder)
  }

  static func run(_ words: [String], in folder: String? = nil) throws -> Outcome {
    try launch(path, words, in: folder)
  }

  /// Runs a line of shell in which `$inr` is the program.
  static func shell(_ line: String, in folder: String? = nil) throws -> Outcome {
    try launch("/bin/sh", ["-c", "inr='\(path)'; \(line)"], in: folder)
  }

  private static func launch(
    _ executable: String, _ words: [String], in folder: String?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = words
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a pipe that nobody empties would stop the program.
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("inr-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let streams = try ["output", "errors"].map { name in
      let url = scratch.appendingPathComponent(name)
      try Data().write(to: url)
      return (url: url, handle: try FileHandle(forWritingTo: url))
    }
    (process.standardOutput, process.standardError) = (streams[0].handle, streams[1].handle)
    try process.run()
    process.waitUntilExit()
    let texts = try streams.map { stream in
      try stream.handle.close()
      return String(decoding: try Data(contentsOf: stream.url), as: UTF8.self)
    }
    return Outcome(exitCode: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}

struct BuiltProgramTests {
  @Test func helpAndVersionAreResults() throws {
    for words in [[], ["--help"], ["help"]] {
      let outcome = try BuiltProgram.run(words)
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
      #expect(outcome.output.hasPrefix("inr ") && outcome.output.contains("Usage: inr COMMAND"))
    }
    let version = try BuiltProgram.run("--version")
    #expect(version.exitCode == 0)
    #expect(version.output.wholeMatch(of: /inr \d+\.\d+\.\d+\n/) != nil)
  }

  @Test func wrongUsageIsOneLineOnStandardErrorAndExitCode2() throws {
    let outcome = try BuiltProgram.run("bogus")
    #expect(outcome.exitCode == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix(#"inr: found "bogus", expected one of "#))
    #expect(outcome.errors.hasSuffix(" (see inr --help)\n"))
    #expect(outcome.errors.count(where: \.isNewline) == 1)
  }

  @Test func aReaderMayLeaveEarly() throws {
    // The reader is gone before the program writes.
    let outcome = try BuiltProgram.shell("{ sleep 0.3; $inr --help; echo $? >&2; } | true")
    #expect(outcome.errors == "0\n")
  }

  @Test func aFullDiskFailsAndSaysSo() throws {
    let outcome = try BuiltProgram.shell("$inr --help > /dev/full")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("inr: standard output cannot be written ("))
  }
}
