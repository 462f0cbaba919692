import Compute
import Foundation
import ImageFitting
import Imaging
import Training

/// One call of `inr fit image --blocks`, or of `--resume` with such a run.
struct BlockFitRun {
  /// The checkpoint in the folder of an interrupted run.
  static let checkpointName = "blocks-checkpoint.safetensors"

  private let started = Date()
  private let arguments: ParsedArguments
  private let training: TrainingOptions
  private let console: Console
  private let workers: Workers

  static func isMeant(by arguments: ParsedArguments) throws -> Bool {
    if try BlockFitOptions(arguments).size != nil { return true }
    guard let folder = arguments[TrainingOptions.resume] else { return false }
    return FileManager.default.fileExists(atPath: folder + "/" + checkpointName)
  }

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    training = try TrainingOptions(arguments)
    console = Console(training.isQuiet ? .quiet : .normal)
    workers = Workers(count: training.threads ?? Workers.processorCount)
  }

  func run() throws {
    let (fit, path) = try prepare()
    // Only now, so that wrong input leaves no folder behind.
    let folder = try RunFolder(path: path)
    if training.resumedFolder == nil { folder.removeCheckpoints() }
    describe(fit)
    do {
      let interrupt = SignalHandling.install(telling: console)
      let stop = try train(fit, interrupt, in: folder)
      try report(fit, stop, in: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  /// The fit from the command line, or from a checkpoint; and the folder for the results.
  private func prepare() throws -> (BlockFit, folder: String) {
    let input = arguments[Self.input]
    if let folder = training.resumedFolder {
      try FitSession.checkResumption(
        arguments, operand: input, name: Self.input.specification.name)
      let fit = try BlockFit(
        checkpoint: folder + "/" + Self.checkpointName, timeLimit: training.timeLimit,
        workers: workers)
      console.message("going on after \(percent(fit)) of the blocks")
      return (fit, folder)
    }
    guard let input else {
      throw arguments.error(.missingOperand(name: Self.input.specification.name))
    }
    let options = try BlockFitOptions(arguments)
    let fit = try BlockFit(
      BlockFitConfiguration(options, training, picture: input), workers: workers)
    let title = URL(fileURLWithPath: input).deletingPathExtension().lastPathComponent
    return (fit, training.outputFolder ?? "outputs/\(title)")
  }

  private static let input = ImageFitTask.input

  private func describe(_ fit: BlockFit) {
    let configuration = fit.configuration
    console.message(
      "\(configuration.picture): \(fit.width) x \(fit.height) pixels, "
        + counted(fit.channels, "channel"))
    console.message(
      "\(counted(fit.blockCount, "block")) of "
        + "\(configuration.size) x \(configuration.size) pixels on \(fit.levelCount) levels, up to "
        + "\(fit.shape.parameterCount) parameters each; target "
        + "\(String(format: "%g", configuration.targetDecibels)) dB on "
        + counted(workers.count, "thread"))
  }

  // MARK: Training

  private func train(
    _ fit: BlockFit, _ interrupt: InterruptFlag, in folder: RunFolder
  ) throws -> StopReason {
    let interval = training.checkpointInterval ?? 30
    var saved = fit.seconds
    defer { console.finishProgress() }
    func save() throws {
      try fit.writeCheckpoint(to: folder.file(Self.checkpointName))
      saved = fit.seconds
    }
    // So that a run that is killed early can be resumed, too.
    try save()
    let stop = try fit.run(
      afterStrip: { progress in
        show(progress)
        if interrupt.isRaised { return .stop(.interrupted) }
        return progress.seconds - saved >= interval ? .save : .goOn
      },
      save: save)
    if stop != .finished { try save() }
    return stop
  }

  private func show(_ progress: BlockFitProgress) {
    let record = progress.record
    console.show(
      RunProgress(
        step: progress.blocks, of: progress.blockCount,
        psnr: -10 * log10(max(record.meanSquaredError, 1e-30)), elapsed: progress.seconds))
  }

  private func percent(_ fit: BlockFit) -> String {
    "\(100 * fit.history.reduce(0) { $0 + $1.blocks } / max(fit.blockCount, 1)) %"
  }

  // MARK: Results

  private func report(_ fit: BlockFit, _ stop: StopReason, in folder: RunFolder) throws {
    let modelPath = folder.file("model.safetensors")
    try fit.model.write(to: modelPath)
    var meanSquaredError = 0.0
    try AtomicFile.replace(folder.file("reconstruction.png")) {
      meanSquaredError = try fit.reconstruct(to: $0)
    }
    let metrics = BlockFitMetrics(
      fit, stop: stop, meanSquaredError: meanSquaredError, fileBytes: fileSize(of: modelPath))
    try writeHistory(fit.history, to: folder.file("history.csv"))
    let record = RunRecord(
      task: "fit image", arguments: arguments.words, started: started,
      seed: fit.configuration.seed, threads: workers.count, configuration: fit.configuration,
      metrics: metrics)
    try AtomicFile.write(Data((try jsonText(record) + "\n").utf8), to: folder.file("run.json"))
    settle(stop, in: folder)
    console.message(summary(of: metrics) + "; results in \(folder.path)")
    if training.printsJSON { try StandardOutput.write(try jsonText(metrics) + "\n") }
  }

  /// Removes the checkpoint of a finished run, or says how to go on.
  private func settle(_ stop: StopReason, in folder: RunFolder) {
    if stop == .finished {
      try? FileManager.default.removeItem(atPath: folder.file(Self.checkpointName))
    } else {
      console.message("to go on: inr fit image --resume \(folder.path)")
    }
  }

  private func fileSize(of path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// A line for each level.
  private func writeHistory(_ history: [BlockLevelRecord], to path: String) throws {
    let lines = history.map { record in
      [
        "\(record.level)", "\(record.width)", "\(record.height)", "\(record.blocks)",
        "\(record.networks)", "\(record.reached)", "\(record.steps)",
        String(format: "%.3f", record.seconds),
        String(format: "%.4f", -10 * log10(max(record.meanSquaredError, 1e-30))),
      ].joined(separator: ",")
    }
    let head = "level,width,height,blocks,networks,reached,steps,seconds,psnr"
    let text = ([head] + lines).joined(separator: "\n") + "\n"
    try AtomicFile.write(Data(text.utf8), to: path)
  }

  private func summary(of metrics: BlockFitMetrics) -> String {
    String(format: "PSNR %.2f dB", metrics.psnr)
      + ", \(metrics.networks) of \(metrics.blocks) blocks have networks, "
      + "\(metrics.missed) missed the target"
      + String(format: "; %.1f MB", Double(metrics.fileBytes) / 1e6)
      + String(format: " after %.1f s", metrics.seconds)
      + (metrics.stop == StopReason.finished.rawValue ? "" : " (\(metrics.stop))")
  }
}
