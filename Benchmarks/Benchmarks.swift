import Compute
import Foundation

/// `make bench`: times the engine and its peers in turn, and writes Benchmarks/RESULTS.md.
///
///     Benchmarks [--peers PYTHON] [--rounds N] [--seconds S] [--output FILE]
///
/// Without `--peers` only the engine is timed.
@main
struct Benchmarks {
  static func main() throws {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    let workers = Workers()
    let peers = try options.python.map { python in
      try ["pytorch", "jax"].map { try Peer(named: $0, python: python, threads: workers.count) }
    }
    let programs = Program.all(peers ?? [])
    let contest = Contest(
      workers: workers, programs: programs, rounds: options.rounds, seconds: options.seconds)
    var report = Report(workers: workers, programs: programs)
    report.addTraining(contest.training())
    report.addRendering(contest.rendering())
    let text = report.text
    print(text)
    if let path = options.output {
      try AtomicFile.write(Data(text.utf8), to: path)
    }
  }
}

/// What was asked for.
struct Options {
  var python: String?
  var rounds = 3
  var seconds = 1.5
  var output: String?

  struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  init(_ words: [String]) throws {
    var rest = words[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else {
        throw UsageError(description: "\(name): found no value")
      }
      switch name {
      case "--peers": python = value
      case "--output": output = value
      case "--rounds": rounds = Int(value) ?? rounds
      case "--seconds": seconds = Double(value) ?? seconds
      default: throw UsageError(description: "unknown option \(name)")
      }
    }
  }
}

/// Tells on standard error what is being timed.
func progress(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}
