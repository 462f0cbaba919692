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
          + "run.json to the output folder (with --blocks no comparison.png and history.svg). Ctrl-C ends a run cleanly; --resume goes on with it.",
        "--time-limit without --steps and --epochs is the length of the run: it fits as well as it can in "
          + "that time, and the learning rate falls as the time runs out. How many steps that are depends "
          + "on the machine, so another run gives other bits. With --steps or --epochs the time only "
          + "cuts the run off.",
        "Constants and rates that are not given are chosen for the picture and the network: for how "
          + "many pixels are seen, how fine they are, how many units and layers there are, and what "
          + "the fit is for (--aim). A message and run.json tell them.",
      ],
      operands: [ImageFitTask.input],
      sections: [
        ImageFitOptions.section,
        NetworkOptions.section.defaults([
          "activation": "sine; relu behind a grid",
          "width": "256; 181 for gabor, wire and split-sine; 128 for wire2d; 64 behind a grid",
          "hidden-layers": "2; 1 behind a grid",
          "encoding": "none; fourier for relu, leaky-relu and soft-relu; grid in the presets fast, "
            + "balanced and best",
          "grid-levels": "8; 32 with --aim generalise",
          "grid-features": "2, of colours 4; 1 with --aim generalise",
          "grid-coarsest": "16; 8 with --aim generalise",
          "grid-finest": "as many as pixels seen; half as many with --aim generalise",
          "grid-entries": "for a quarter of the pixels; for half of them with --aim generalise",
          "first-omega0": "as --omega0 if that is given, else auto",
        ]),
        TrainingOptions.section.defaults([
          "batch": "512; 256 for wire and 2048 behind a grid with --aim fit",
          "epochs": "40 for 512 x 512 pixels (20 with --aim generalise; 10 behind a grid), or what "
            + "--time-limit allows",
          "beta2": "0.999; 0.99 behind a grid", "schedule": "linear",
          "checkpoint-every": "30", "output": "outputs/NAME",
        ]),
        BlockFitOptions.section,
      ],
      valueLists: [ImageFitOptions.presets],
      examples: [
        .init("inr fit image data/cameraman.png", "fit the photograph with the defaults"),
        .init(
          "inr fit image photo.png --activation wire --epochs 20 --seed 3",
          "fit it with WIRE, and another seed"),
        .init(
          "inr fit image photo.png --preset best --time-limit 10",
          "as good as it gets in ten seconds"),
        .init("inr fit image photo.png --mask mask.png", "fill in what the mask hides"),
        .init("inr fit image photo.png --downsample 4", "a picture four times as large"),
        .init(
          "inr fit image photo.png --noise photons=30,readout=2 --epochs 2",
          "study denoising"),
        .init(
          "inr fit image huge.png --blocks 16 --target-psnr 38",
          "a picture that does not fit into memory"),
        .init("inr fit image --resume outputs/photo", "go on with an interrupted run"),
      ]),
    run: { arguments in
      if try BlockFitRun.isMeant(by: arguments) {
        try BlockFitRun(arguments).run()
      } else {
        try FitCall<ImageFitTask>(arguments).run()
      }
    })
}

/// `inr fit image`.
enum ImageFitTask: FitTask {
  static let name = "fit image"
  static let input = Operand.optional(
    "PICTURE", help: "A PNG or .npy file; --resume knows its own.")

  static func configuration(
    _ arguments: ParsedArguments, _ training: TrainingOptions, input: String
  ) throws -> ImageFitConfiguration {
    try ImageFitConfiguration(arguments, training, picture: input)
  }

  static func fit(_ configuration: ImageFitConfiguration, workers: Workers) throws -> ImageFit {
    try ImageFit(configuration, workers: workers)
  }

  static func description(of fit: ImageFit) -> [String] {
    let picture = fit.picture
    return [
      "\(fit.configuration.picture): \(picture.width) x \(picture.height) pixels, "
        + counted(picture.channels, "channel")
        + (fit.selection.hidden.isEmpty ? "" : ", \(fit.selection.trained.count) of them seen"),
      choice(of: fit.configuration),
    ]
  }

  /// What the settings were chosen for, and the numbers that matter most.
  private static func choice(of configuration: ImageFitConfiguration) -> String {
    var parts = [configuration.preset.map { "preset \($0)" } ?? "aim \(configuration.aim)"]
    if let bandwidth = configuration.bandwidth, configuration.preset == nil {
      parts[0] += String(
        format: " of a picture as fine as waves of %.2f times the highest frequency of its pixels",
        bandwidth)
    }
    guard configuration.initialModel == nil else { return parts[0] }
    let architecture = configuration.architecture
    let first = architecture.firstConstants.sorted { $0.key < $1.key }
    parts += first.map { "first \($0) \(number($1))" }
    parts += architecture.constants.sorted { $0.key < $1.key }.map { "\($0) \(number($1))" }
    if let bias = architecture.firstBias { parts.append("first biases to \(number(Float(bias)))") }
    if architecture.features.kind == .fourier {
      parts.append("Fourier scale \(number(Float(architecture.features.scale)))")
    }
    if let grid = architecture.features.grid {
      let cells = grid.finest.map { "\($0)" }.joined(separator: " x ")
      parts.append("a grid of \(counted(grid.levels, "level")) up to \(cells) cells")
    }
    if let gain = architecture.weightGains.dropFirst().first {
      parts.append("weights x \(number(Float(gain)))")
    }
    parts.append("rate \(number(Float(configuration.training.learningRate)))")
    return parts[0] + ": " + parts.dropFirst().joined(separator: ", ")
  }

  private static func number(_ value: Float) -> String { String(format: "%.3g", value) }

  static func results(
    of fit: ImageFit, _ outcome: FitSession.Outcome, in folder: RunFolder, telling console: Console
  ) throws -> ImageFitMetrics {
    let reconstruction = fit.reconstruction()
    try reconstruction.write(to: folder.file("reconstruction.png"))
    try fit.comparison(reconstruction).write(to: folder.file("comparison.png"), bitDepth: .eight)
    return fit.metrics(
      of: reconstruction, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond)
  }
}

extension ImageFit: ResumableFit {
  var configurationText: String { configuration.json }
}

extension ImageFitConfiguration: FitConfiguration {
  var input: String { picture }
}

extension ImageFitMetrics: FitMetrics {
  var figures: [String] {
    func decibels(_ value: Double) -> String { String(format: "%.2f dB", value) }
    var parts = ["PSNR \(decibels(psnr))"]
    if let ssim { parts.append(String(format: "SSIM %.4f", ssim)) }
    if let psnrHeldOut { parts.append("held out \(decibels(psnrHeldOut))") }
    if let psnrInput { parts.append("noisy picture \(decibels(psnrInput))") }
    return parts
  }
}
