import Compute
import Foundation

/// `make bench`: times the engine and its peers in turn, and writes Benchmarks/RESULTS.md.
///
///     Benchmarks [--peers PYTHON] [--rounds N] [--seconds S] [--output FILE]
///                [--only networks|tomography|meshes|geometry|quality]
///
/// Without `--peers` only the engine is timed. `--only` leaves the rest of the file as it is. Quality
/// takes an hour and is left out unless it is asked for; its options: ``QualityOptions``.
@main
struct Benchmarks {
  static func main() throws {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    var text = try options.existingText()
    if options.only == nil || options.only == .networks {
      let old = text
      text = try networks(options)
      if let section = old.range(of: CTReport.heading) { text += "\n" + old[section.lowerBound...] }
    }
    if options.only == nil || options.only == .tomography {
      text = try tomography(options).replacingSection(of: text)
    }
    if let python = options.python, options.only == nil || options.only == .meshes {
      text = try meshes(options, python).replacingSection(of: text)
    }
    if let python = options.python, options.only == nil || options.only == .geometry {
      text = try geometry(options, python).replacingSection(of: text)
    }
    if let python = options.python, options.only == .quality {
      guard let report = try Quality.run(options, python: python) else { return }
      text = text.replacingSection(QualityReport.heading, by: report.text)
      print(report.text)
    } else {
      print(text)
    }
    if let path = options.output {
      try AtomicFile.write(Data(text.utf8), to: path)
    }
  }

  private static func networks(_ options: Options) throws -> String {
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
    return report.text
  }

  private static func tomography(_ options: Options) throws -> CTReport {
    let workers = Workers()
    let peer = try options.python.map { try Peer(named: "ct", python: $0, threads: 1) }
    let contest = CTContest(
      workers: workers, peer: peer, rounds: options.rounds, seconds: options.seconds)
    return CTReport(try contest.run(), workers: workers, peer: peer)
  }
}

extension Benchmarks {
  private static func meshes(_ options: Options, _ python: String) throws -> MeshesReport {
    let workers = Workers()
    func peer(_ name: String, threads: Int = 1) throws -> Peer {
      try Peer(named: name, python: python, threads: threads)
    }
    let (rounds, seconds) = (options.rounds, options.seconds)
    let peers = (
      queries: try peer("mesh_queries", threads: workers.count),
      marching: try peer("marching_cubes"), files: try peer("mesh_files")
    )
    let queries = MeshQueryContest(
      workers: workers, peer: peers.queries, rounds: rounds, seconds: seconds)
    let marching = MarchingCubesContest(
      workers: workers, peer: peers.marching, rounds: rounds, seconds: seconds)
    let files = MeshFilesContest(peer: peers.files, rounds: rounds, seconds: seconds)
    var report = MeshesReport(workers: workers)
    report.add(try queries.run(), MeshQueryContest.knot(), peers.queries)
    report.add(try marching.run(), peers.marching)
    report.add(try files.run(), peers.files)
    return report
  }

  private static func geometry(_ options: Options, _ python: String) throws -> GeometryReport {
    let workers = Workers()
    let trained = try GeometryNetwork.trained()
    let (torus, random) = (try GeometryNetwork.torus(), try GeometryNetwork.random())
    let peer = try Peer(named: "geometry", python: python, threads: workers.count)
    let contest = GeometryContest(
      workers: workers, peer: peer, rounds: options.rounds, seconds: options.seconds)
    var report = GeometryReport(workers: workers)
    let levels = try contest.levels([torus] + trained)
    report.add(levels, peer)
    let single = try Peer(named: "geometry", python: python, threads: 1)
    report.add(
      [
        try contest.edgeSubdivision(torus, single, threads: 1),
        try contest.edgeSubdivision(torus, peer, threads: workers.count),
      ], levels[0])
    report.add(try contest.regions([random, torus]))
    let planes = PartitionContest(
      workers: workers, peer: peer, rounds: options.rounds, seconds: options.seconds)
    report.add(try planes.run(PartitionContest.Network.all(planesOf: [torus] + trained)), peer)
    let memory = try Peer(named: "memory", python: python, threads: workers.count)
    report.add(try contest.memory(trained + [GeometryNetwork.tori()], memory))
    return report
  }
}

/// What was asked for.
struct Options {
  var python: String?
  var rounds = 3
  var seconds = 1.5
  var output: String?
  var only: Part?

  var quality = QualityOptions()

  enum Part: String { case networks, tomography, meshes, geometry, quality }

  struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  init(_ words: [String]) throws {
    var rest = words[...]
    while let name = rest.popFirst() {
      if name == "--long" {
        quality.isLong = true
        quality.budgets = QualityOptions.longBudgets
        continue
      }
      guard let value = rest.popFirst() else {
        throw UsageError(description: "\(name): found no value")
      }
      switch name {
      case "--peers": python = value
      case "--output": output = value
      case "--rounds": rounds = Int(value) ?? rounds
      case "--seconds": seconds = Double(value) ?? seconds
      case "--only":
        only = Part(rawValue: value)
        guard only != nil else {
          throw UsageError(
            description:
              "--only: found \(value), expected networks, tomography, meshes, geometry or quality")
        }
      default:
        guard quality.take(name, value) else {
          throw UsageError(description: "\(name) \(value): unknown option, or not a value of it")
        }
      }
    }
  }
}

extension Options {
  /// What stands in the output file.
  func existingText() throws -> String {
    guard let output, FileManager.default.fileExists(atPath: output) else { return "" }
    return try String(contentsOfFile: output, encoding: .utf8)
  }
}

/// Tells on standard error what is being timed.
func progress(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}
