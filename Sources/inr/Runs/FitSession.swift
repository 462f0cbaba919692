import Compute
import Foundation
import Networks
import Training

/// A fit that can be interrupted and taken up again.
protocol ResumableFit: AnyObject {
  var trainer: Trainer { get }
  var model: Model { get }
  /// The configuration as checkpoints have it.
  var configurationText: String { get }
  /// How well the network does, as the history shows it.
  var historyMeasure: HistoryMeasure { get }
  /// Where the network was fitted, in its own coordinates.
  var domain: [ClosedRange<Double>] { get }

  func canRestore(_ state: TrainingState) -> Bool
  func restore(_ state: TrainingState)
  func run(
    measuring measures: [RunMeasure], afterStep: (TrainingProgress) throws -> Verdict,
    save: (TrainingState) throws -> Void
  ) throws -> StopReason
}

extension ResumableFit {
  var historyMeasure: HistoryMeasure { .psnr }
  /// The square of a picture.
  var domain: [ClosedRange<Double>] { [-1...1, -1...1] }
}

/// What a history shows of every run, besides the losses.
enum HistoryMeasure {
  /// The losses are mean squared errors of values whose peak is 1.
  case psnr
  /// An intersection over union is measured along the run, under this name.
  case iou(name: String)
}

/// What all fits do while they run: show how far they are, write checkpoints, listen to Ctrl-C.
struct FitSession {
  struct Outcome {
    let stop: StopReason
    let rowsPerSecond: Double
    fileprivate let interrupt: InterruptFlag

    /// Whether Ctrl-C came after the training.
    var isInterruptedSince: Bool { stop != .interrupted && interrupt.isRaised }
  }

  private let training: TrainingOptions
  private let console: Console
  private let workers: Workers
  private let interrupt: InterruptFlag?

  /// - Parameter interrupt: asked after each step; by default a new one that listens to Ctrl-C.
  init(
    _ training: TrainingOptions, _ console: Console, _ workers: Workers,
    interrupt: InterruptFlag? = nil
  ) {
    self.training = training
    self.console = console
    self.workers = workers
    self.interrupt = interrupt
  }

  // MARK: Before

  /// A resumed run has its configuration already; only what does not change its result goes with it.
  static func checkResumption(
    _ arguments: ParsedArguments, operand: String?, name: String, allowing others: Set<String> = []
  ) throws {
    if let operand {
      throw arguments.error(
        .extraOperand(
          found: operand, expected: "no \(name) with --resume, which knows its own"))
    }
    let allowed = others.union([
      "resume", "threads", "quiet", "json", "time-limit", "checkpoint-every",
    ])
    if let other = arguments.texts.keys.sorted().first(where: { !allowed.contains($0) }) {
      throw arguments.error(
        .conflict("--resume", "--\(other)", reason: "a resumed run keeps its own settings"))
    }
  }

  func restore(_ state: TrainingState, into fit: some ResumableFit, from folder: String) throws {
    guard fit.canRestore(state) else {
      throw CheckpointError.damaged(
        path: try RunFolder.checkpoint(in: folder), entry: "parameters")
    }
    fit.restore(state)
    console.message(
      "going on after step \(state.step) of \(Self.length(of: fit.trainer.configuration))")
  }

  /// How long a run is, for people.
  static func length(of configuration: TrainingConfiguration) -> String {
    configuration.duration.map { "steps for \($0.formatted()) s" }
      ?? counted(configuration.steps, "step")
  }

  /// What the factors of its products are rounded to, for people: the end of a line.
  static func precision(of configuration: TrainingConfiguration) -> String {
    configuration.rounding.map { ", factors in \($0.rawValue)" } ?? ""
  }

  // MARK: During

  /// Trains; where the loss is lost, the best model so far is written before the error is thrown.
  func run(_ fit: some ResumableFit, in folder: RunFolder) throws -> Outcome {
    do {
      return try train(fit, folder: folder)
    } catch let error as TrainingError {
      // The best parameters so far have been put back.
      try fit.model.write(to: folder.file("model.safetensors"))
      console.message("the best model so far is in \(folder.file("model.safetensors"))")
      throw error
    }
  }

  private func train(_ fit: some ResumableFit, folder: RunFolder) throws -> Outcome {
    let interrupt = interrupt ?? SignalHandling.install(telling: console)
    let interval = training.checkpointInterval ?? 30
    let text = fit.configurationText
    var saved = fit.trainer.seconds
    var rowsPerSecond = 0.0
    defer { console.finishProgress() }
    func save(_ state: TrainingState) throws {
      try Checkpoint(state: state, configuration: text).write(
        to: folder.file(Checkpoint.fileName))
      saved = state.seconds
    }
    let tracking = try Tracking(fit, in: folder, workers: workers, telling: console)
    // So that a run that is killed early can be resumed, too.
    try save(fit.trainer.snapshot())
    let stop = try fit.run(
      measuring: tracking?.measures ?? [],
      afterStep: { progress in
        try tracking?.check()
        rowsPerSecond = progress.rowsPerSecond
        console.show(RunProgress(progress, fit.historyMeasure))
        if interrupt.isRaised { return .stop(.interrupted) }
        return progress.seconds - saved >= interval ? .save : .goOn
      }, save: save)
    if stop == .interrupted || stop == .timeLimit { try save(fit.trainer.snapshot()) }
    return Outcome(stop: stop, rowsPerSecond: rowsPerSecond, interrupt: interrupt)
  }

  /// Writes the checkpoint of a fit that is interrupted before its first step.
  func postpone(_ fit: some ResumableFit, in folder: RunFolder) throws {
    try Checkpoint(state: fit.trainer.snapshot(), configuration: fit.configurationText).write(
      to: folder.file(Checkpoint.fileName))
  }

  // MARK: After

  /// Removes the checkpoint of a finished run, or says how to go on.
  func settle(_ outcome: Outcome, in folder: RunFolder, command: String) {
    if outcome.stop == .finished || outcome.stop == .targetReached {
      try? FileManager.default.removeItem(atPath: folder.file(Checkpoint.fileName))
    } else {
      console.message("to go on: \(command) --resume \(folder.path)")
    }
  }
}

extension RunProgress {
  init(_ progress: TrainingProgress, _ measure: HistoryMeasure) {
    self.init(
      step: progress.step, of: progress.steps, loss: progress.loss,
      rowsPerSecond: progress.rowsPerSecond, elapsed: progress.seconds, share: progress.share)
    switch measure {
    case .psnr: psnr = -10 * log10(progress.loss)
    case .iou(let name): iou = progress.measures[name]
    }
  }
}
