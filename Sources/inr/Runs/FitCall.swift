import Compute
import Foundation
import Networks
import Training

/// The settings of a fit, as far as all fits have them.
protocol FitConfiguration: RunConfiguration {
  /// Path of what is fitted.
  var input: String { get }
  var training: TrainingConfiguration { get }
  /// Ends the run after this many seconds of training.
  var timeLimit: Double? { get set }
}

/// The measures of a fit.
protocol FitMetrics: Encodable {
  var steps: Int { get }
  var seconds: Double { get }
  var stop: String { get }
  /// How well it went, for people.
  var figures: [String] { get }
}

/// What is special about fitting one kind of input.
protocol FitTask {
  associatedtype Configuration: FitConfiguration
  associatedtype Fit: ResumableFit
  associatedtype Metrics: FitMetrics

  /// As in the call: `fit image`.
  static var name: String { get }
  static var input: Operand<String?> { get }

  static func configuration(
    _ arguments: ParsedArguments, _ training: TrainingOptions, input: String
  ) throws -> Configuration
  static func fit(_ configuration: Configuration, workers: Workers) throws -> Fit
  /// What is fitted, in lines for people.
  static func description(of fit: Fit) -> [String]
  /// Writes the results, model and history excepted, and judges them.
  static func results(
    of fit: Fit, _ outcome: FitSession.Outcome, in folder: RunFolder, telling console: Console
  ) throws -> Metrics
}

/// One call of a command that fits a network to one input.
struct FitCall<Task: FitTask> {
  private let started = Date()
  private let arguments: ParsedArguments
  private let training: TrainingOptions
  private let console: Console
  private let workers: Workers
  private let session: FitSession

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    training = try TrainingOptions(arguments)
    console = Console(training.isQuiet ? .quiet : .normal)
    workers = Workers(count: training.threads ?? Workers.processorCount)
    session = FitSession(training, console, workers)
  }

  func run() throws {
    let (configuration, path, state) = try prepare()
    let fit = try Task.fit(configuration, workers: workers)
    if let state { try session.restore(state, into: fit, from: path) }
    // Only now, so that wrong input leaves no folder behind.
    let folder = try RunFolder(path: path)
    if state == nil { folder.removeCheckpoints() }
    describe(fit, configuration)
    do {
      let outcome = try session.run(fit, in: folder)
      try report(fit, configuration, outcome, folder: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  /// The configuration from the command line, or from the checkpoint of `--resume`; and the folder
  /// for the results.
  private func prepare() throws -> (Task.Configuration, folder: String, TrainingState?) {
    let name = Task.input.specification.name
    if let path = training.resumedFolder {
      try FitSession.checkResumption(arguments, operand: arguments[Task.input], name: name)
      let file = try RunFolder.checkpoint(in: path)
      let checkpoint = try Checkpoint.read(file)
      guard var configuration = Task.Configuration(json: checkpoint.configuration) else {
        throw CheckpointError.otherTask(path: file, command: "inr \(Task.name)")
      }
      configuration.timeLimit = training.timeLimit.map { $0 + checkpoint.state.seconds }
      return (configuration, path, checkpoint.state)
    }
    guard let input = arguments[Task.input] else {
      throw arguments.error(.missingOperand(name: name))
    }
    let configuration = try Task.configuration(arguments, training, input: input)
    let title = URL(fileURLWithPath: input).deletingPathExtension().lastPathComponent
    return (configuration, training.outputFolder ?? "outputs/\(title)", nil)
  }

  private func describe(_ fit: Task.Fit, _ configuration: Task.Configuration) {
    for line in Task.description(of: fit) { console.message(line) }
    let network = fit.trainer.network
    console.message(
      "\(network.summary), \(network.parameterCount) parameters; "
        + "\(FitSession.length(of: configuration.training)) of \(fit.trainer.batch) on "
        + counted(workers.count, "thread") + FitSession.precision(of: configuration.training))
  }

  private func report(
    _ fit: Task.Fit, _ configuration: Task.Configuration, _ outcome: FitSession.Outcome,
    folder: RunFolder
  ) throws {
    try fit.model.write(to: folder.file("model.safetensors"))
    try folder.writeHistory(
      fit.trainer.history, of: fit.historyMeasure, tracking: configuration.training.tracking,
      title: URL(fileURLWithPath: configuration.input).lastPathComponent)
    let metrics = try Task.results(of: fit, outcome, in: folder, telling: console)
    let record = RunRecord(
      task: Task.name, arguments: arguments.words, started: started,
      seed: configuration.training.seed, threads: workers.count,
      configuration: configuration, metrics: metrics)
    try AtomicFile.write(Data((try jsonText(record) + "\n").utf8), to: folder.file("run.json"))
    session.settle(outcome, in: folder, command: "inr \(Task.name)")
    console.message(summary(of: metrics) + "; results in \(folder.path)")
    if training.printsJSON { try StandardOutput.write(try jsonText(metrics) + "\n") }
  }

  /// One line for people.
  private func summary(of metrics: Task.Metrics) -> String {
    metrics.figures.joined(separator: ", ")
      + " after \(counted(metrics.steps, "step")) in \(String(format: "%.1f", metrics.seconds)) s"
      + (metrics.stop == StopReason.finished.rawValue ? "" : " (\(metrics.stop))")
  }
}
