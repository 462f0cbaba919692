import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Training

extension Command {
  static let fitImage = Command(
    CommandSpecification(
      ["fit", "image"], summary: "Fit a network to a picture.",
      discussion: [
        "Writes model.safetensors, reconstruction.png, comparison.png, history.csv, history.svg and "
          + "run.json to the output folder. Ctrl-C ends a run cleanly; --resume goes on with it.",
        "Sizes and rates that are not given were chosen by measurement and depend on the activation "
          + "and on the number of pixels; run.json tells them.",
      ],
      operands: [FitImageRun.picture],
      sections: [
        ImageFitOptions.section,
        NetworkOptions.section.defaults([
          "activation": "sine", "width": "256", "hidden-layers": "2", "encoding": "none",
          "first-omega0": "as --omega0 if that is given, else by the number of pixels",
        ]),
        TrainingOptions.section.defaults([
          "batch": "512", "epochs": "40 for 512 x 512 pixels", "schedule": "linear",
          "checkpoint-every": "30", "output": "outputs/NAME",
        ]),
      ],
      examples: [
        .init("inr fit image data/cameraman.png", "fit the photograph with the defaults"),
        .init(
          "inr fit image photo.png --activation wire --epochs 20 --seed 3",
          "fit it with WIRE, and another seed"),
        .init("inr fit image photo.png --mask mask.png", "fill in what the mask hides"),
        .init("inr fit image photo.png --downsample 4", "a picture four times as large"),
        .init(
          "inr fit image photo.png --noise photons=30,readout=2 --epochs 2",
          "study denoising"),
        .init("inr fit image --resume outputs/photo", "go on with an interrupted run"),
      ]),
    run: { try FitImageRun($0).run() })
}

/// One call of `inr fit image`.
private struct FitImageRun {
  static let picture = Operand.optional(
    "PICTURE", help: "A PNG or .npy file; --resume knows its own.")

  let started = Date()
  let arguments: ParsedArguments
  let training: TrainingOptions
  let console: Console
  let workers: Workers

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    training = try TrainingOptions(arguments)
    console = Console(training.isQuiet ? .quiet : .normal)
    workers = Workers(count: training.threads ?? Workers.processorCount)
  }

  func run() throws {
    let (configuration, path, state) = try prepare()
    let fit = try ImageFit(configuration, workers: workers)
    if let state { try FitSession(training, console).restore(state, into: fit, from: path) }
    // Only now, so that wrong input leaves no folder behind.
    let folder = try RunFolder(path: path)
    describe(fit)
    do {
      try run(fit, in: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  private func run(_ fit: ImageFit, in folder: RunFolder) throws {
    let outcome = try FitSession(training, console).run(fit, in: folder)
    try report(fit, outcome, folder: folder)
  }

  // MARK: Before

  /// The configuration from the command line, or from the checkpoint of `--resume`; and the folder
  /// for the results.
  private func prepare() throws -> (ImageFitConfiguration, folder: String, TrainingState?) {
    if let path = training.resumedFolder {
      try FitSession.checkResumption(arguments, operand: arguments[Self.picture], name: "PICTURE")
      let file = try RunFolder.checkpoint(in: path)
      let checkpoint = try Checkpoint.read(file)
      guard var configuration = ImageFitConfiguration(json: checkpoint.configuration) else {
        throw CheckpointError.damaged(path: file, entry: "configuration")
      }
      configuration.timeLimit = training.timeLimit.map { $0 + checkpoint.state.seconds }
      return (configuration, path, checkpoint.state)
    }
    guard let picture = arguments[Self.picture] else {
      throw arguments.error(.missingOperand(name: "PICTURE"))
    }
    let configuration = try ImageFitConfiguration(arguments, training, picture: picture)
    let name = URL(fileURLWithPath: picture).deletingPathExtension().lastPathComponent
    return (configuration, training.outputFolder ?? "outputs/\(name)", nil)
  }

  private func describe(_ fit: ImageFit) {
    let picture = fit.picture
    let network = fit.trainer.network
    console.message(
      "\(fit.configuration.picture): \(picture.width) x \(picture.height) pixels, "
        + counted(picture.channels, "channel")
        + (fit.selection.hidden.isEmpty ? "" : ", \(fit.selection.trained.count) of them seen"))
    console.message(
      "\(network.summary), \(network.parameterCount) parameters; "
        + "\(counted(fit.configuration.training.steps, "step")) of \(fit.batch) on "
        + counted(workers.count, "thread"))
  }

  // MARK: After

  private func report(_ fit: ImageFit, _ outcome: FitSession.Outcome, folder: RunFolder) throws {
    let reconstruction = fit.reconstruction()
    let metrics = fit.metrics(
      of: reconstruction, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond)
    try fit.model.write(to: folder.file("model.safetensors"))
    try reconstruction.write(to: folder.file("reconstruction.png"))
    try fit.comparison(reconstruction).write(to: folder.file("comparison.png"), bitDepth: .eight)
    try folder.writeHistory(
      fit.trainer.history, title: URL(fileURLWithPath: fit.configuration.picture).lastPathComponent)
    let record = RunRecord(
      task: "fit image", arguments: arguments.words, started: started,
      seed: fit.configuration.training.seed, threads: workers.count,
      configuration: fit.configuration, metrics: metrics)
    let text = try jsonText(record)
    try AtomicFile.write(Data((text + "\n").utf8), to: folder.file("run.json"))
    FitSession(training, console).settle(outcome, in: folder, command: "inr fit image")
    console.message(metrics.summary + "; results in \(folder.path)")
    if training.printsJSON { try StandardOutput.write(try jsonText(metrics) + "\n") }
  }
}

extension ImageFit: ResumableFit {
  var configurationText: String { configuration.json }
}

extension ImageFitMetrics {
  /// One line for people.
  fileprivate var summary: String {
    func decibels(_ value: Double) -> String { String(format: "%.2f dB", value) }
    var parts = ["PSNR \(decibels(psnr))"]
    if let ssim { parts.append(String(format: "SSIM %.4f", ssim)) }
    if let psnrHeldOut { parts.append("held out \(decibels(psnrHeldOut))") }
    if let psnrInput { parts.append("noisy picture \(decibels(psnrInput))") }
    return parts.joined(separator: ", ")
      + " after \(counted(steps, "step")) in \(String(format: "%.1f", seconds)) s"
      + (stop == StopReason.finished.rawValue ? "" : " (\(stop))")
  }
}
