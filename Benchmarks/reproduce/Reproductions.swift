import Compute
import Foundation
import Imaging

/// `make reproduce`: looks for published findings anew.
///
///     Reproductions [--only NAME,...] [--quick] [--threads N] [--data FOLDER] [--output FOLDER]
///
/// Each experiment writes tables (CSV), figures (SVG, PNG) and `finding.md` to a folder of its own;
/// `README.md` has the sentences of all.
@main
package struct Reproductions {
  package static let all: [any Reproduction.Type] = [
    Lines.self, Planes.self, Distance.self, ImagePartitions.self, Moons.self,
    BatchNormalization.self, Activations.self, Atoms.self,
  ]

  package static func main() throws {
    let options: Options
    do { options = try Options(Array(CommandLine.arguments.dropFirst())) } catch {
      FileHandle.standardError.write(Data("Reproductions: \(error)\n".utf8))
      exit(2)
    }
    let laboratory = Laboratory(
      workers: options.threads.map { Workers(count: $0) } ?? Workers(), data: options.data)
    let clock = ContinuousClock()
    let start = clock.now
    var summary = Summary(threads: laboratory.workers.count, isQuick: options.isQuick)
    for type in options.chosen {
      let began = clock.now
      let experiment = options.isQuick ? type.init().quick : type.init()
      let finding = try experiment.run(in: laboratory)
      let seconds = (clock.now - began) / .seconds(1)
      try write(finding, of: type, to: options.output + "/" + type.name)
      summary.append(finding, of: type, seconds: seconds)
      tell("\(type.name) (\(String(format: "%.1f", seconds)) s). \(finding.sentence)\n")
    }
    let seconds = (clock.now - start) / .seconds(1)
    try AtomicFile.write(
      Data(summary.text(seconds: seconds).utf8), to: options.output + "/README.md")
    tell("\(Int(seconds.rounded())) s in all; results in \(options.output)")
  }

  /// Writes to standard output at once, to a file as to a terminal.
  private static func tell(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
  }

  /// Writes what was found into a folder.
  package static func write(
    _ finding: Finding, of type: any Reproduction.Type, to folder: String
  ) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for table in finding.tables {
      try AtomicFile.write(Data(table.csv.utf8), to: "\(folder)/\(table.name).csv")
    }
    for figure in finding.figures {
      if let svg = figure.svg { try AtomicFile.write(svg, to: "\(folder)/\(figure.name).svg") }
      try figure.image?.write(to: "\(folder)/\(figure.name).png")
    }
    let text = "Published: \(type.published)\n\n\(finding.sentence)\n"
    try AtomicFile.write(Data(text.utf8), to: "\(folder)/finding.md")
  }
}

/// The sentences of all experiments of a run.
private struct Summary {
  let threads: Int
  let isQuick: Bool
  private var sections = ""

  init(threads: Int, isQuick: Bool) {
    self.threads = threads
    self.isQuick = isQuick
  }

  mutating func append(_ finding: Finding, of type: any Reproduction.Type, seconds: Double) {
    sections += """

      ## \(type.name)

      Published: \(type.published)

      \(finding.sentence)

      Figures: \(finding.figures.map { "`\(type.name)/\($0.name).\($0.image == nil ? "svg" : "png")`" }
        .joined(separator: ", ")); \(String(format: "%.1f", seconds)) s.

      """
  }

  func text(seconds: Double) -> String {
    let kind = isQuick ? "A trial run (`--quick`), whose verdicts mean nothing" : "A run"
    return """
      # Reproductions

      \(kind) of `make reproduce`, \(threads == 1 ? "1 thread" : "\(threads) threads"), \
      \(Int(seconds.rounded())) s in all. Documentation/Reproductions.md tells what is done.
      \(sections)
      """
  }
}

/// What the command line says.
private struct Options {
  var chosen = Reproductions.all
  var isQuick = false
  var threads: Int?
  var data = "data"
  var output = "outputs/reproduce"

  init(_ arguments: [String]) throws(OptionError) {
    var rest = arguments[...]
    func value(of option: String) throws(OptionError) -> String {
      guard let value = rest.popFirst() else { throw .noValue(option) }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--only": chosen = try Self.experiments(named: value(of: option))
      case "--quick": isQuick = true
      case "--threads":
        let text = try value(of: option)
        guard let count = Int(text), count > 0 else { throw .threads(text) }
        threads = count
      case "--data": data = try value(of: option)
      case "--output": output = try value(of: option)
      default: throw .unknown(option)
      }
    }
  }

  private static func experiments(named list: String) throws(OptionError)
    -> [any Reproduction.Type]
  {
    var chosen: [any Reproduction.Type] = []
    for name in list.split(separator: ",") {
      guard let type = Reproductions.all.first(where: { $0.name == name }) else {
        throw .noExperiment(String(name))
      }
      chosen.append(type)
    }
    return chosen
  }
}

/// A command line that cannot be understood.
private enum OptionError: Error, CustomStringConvertible {
  case unknown(String)
  case noValue(String)
  case threads(String)
  case noExperiment(String)

  var description: String {
    switch self {
    case .unknown(let option):
      "there is no option \(option); there are --only, --quick, --threads, --data and --output"
    case .noValue(let option): "\(option) needs a value"
    case .threads(let text): "--threads is a number of at least 1, not \(text)"
    case .noExperiment(let name):
      "there is no experiment \(name); there are "
        + Reproductions.all.map { $0.name }.joined(separator: ", ")
    }
  }
}
