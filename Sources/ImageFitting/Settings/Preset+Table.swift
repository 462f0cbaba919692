import Networks
import Training

extension Preset {
  /// All presets, in the order of the help text.
  public static let all = [fast, balanced, best, paperSIREN, paperWIRE, paperFINER]

  // MARK: For users

  static let fast = Preset(
    "fast",
    "A grid, 10 passes: cameraman (512 x 512) 41.2 dB in 1.1 s, Kodak 8 (cut to 512 x 512) 37.6 dB in 1.5 s.",
    activation: ReLU.name, from: .recommended
  ) { settings, target, isGrid in
    settings.takePasses(10, over: target, behindGrid: isGrid)
  }

  static let balanced = Preset(
    "balanced",
    "A grid of 0.6 numbers a gray pixel, 40 passes: cameraman 40.6 dB in 3 s; with --aim generalise, the defaults.",
    activation: ReLU.name, between: Sine.name, from: .recommended
  ) { settings, target, isGrid in
    settings.grid.entries = max(16, settings.grid.entries / 4)
    settings.takePasses(40, over: target, behindGrid: isGrid)
  }

  static let best = Preset(
    "best",
    "The grid of fast, 80 passes: cameraman 55.5 dB in 8 s, Kodak 8 46.5 dB in 11 s; with --aim generalise, the defaults.",
    activation: ReLU.name, between: Sine.name, from: .recommended
  ) { settings, target, isGrid in
    settings.takePasses(80, over: target, behindGrid: isGrid)
  }

  // MARK: Of the papers

  /// Source: vsitzmann/siren, `experiment_scripts/train_img.py` at 4df34ba, and its modules'
  /// `SingleBVPNet` and `Sine`.
  ///
  /// Deviation: pixels are in [0, 1] where that code has [−1, 1].
  static let paperSIREN = Preset(
    "paper-siren", "SIREN's train_img.py: 3 x 256, all pixels a step, 10,000 steps at 1e-4.",
    activation: Sine.name, from: .papers
  ) { settings, target, _ in
    settings.architecture.hiddenLayers = 3
    settings.architecture.constants = ["omega0": 30]
    settings.training.learningRate = 1e-4
    settings.training.batch = target.pixels
    settings.training.steps = 10_000
  }

  /// Source: vishwa91/wire, `wire_image_denoise.py` at bf95232: constants of its comment on
  /// representation and on denoising, 256/√2 complex units, a batch of at most 256² pixels.
  static let paperWIRE = Preset(
    "paper-wire", "WIRE's wire_image_denoise.py: 2 x 181 complex, 2000 passes from 5e-3.",
    activation: ComplexGabor.name, from: .papers
  ) { settings, target, _ in
    settings.architecture.width = 181
    settings.architecture.constants =
      target.isNoisy ? ["omega0": 4, "sigma0": 4] : ["omega0": 20, "sigma0": 30]
    let batch = min(target.pixels, 65_536)
    settings.training.learningRate = 5e-3 * Double(batch) / Double(target.pixels)
    settings.training.schedule = Schedule(.exponential, finalRatio: 0.1)
    settings.training.batch = batch
    settings.training.steps = 2000 * (target.pixels / batch)
  }

  /// Source: liuzhen0212/FINER, `run_finer.sh` and `train_image.py` at 51a9254.
  ///
  /// Deviation: pixels are in [0, 1] where that code has [−1, 1].
  static let paperFINER = Preset(
    "paper-finer", "FINER's run_finer.sh: 3 x 256, all pixels a step, 5000 steps from 5e-4.",
    activation: FINER.name, from: .papers
  ) { settings, target, _ in
    settings.architecture.hiddenLayers = 3
    settings.architecture.constants = ["omega0": 30]
    settings.training.learningRate = 5e-4
    settings.training.schedule = Schedule(.exponential, finalRatio: 0.1)
    settings.training.batch = target.pixels
    settings.training.steps = 5000
  }
}

extension RecommendedSettings {
  /// So many passes behind a grid; a network without one has its own number, unless that is more than a
  /// short run wants.
  fileprivate mutating func takePasses(
    _ passes: Int, over target: FitTarget, behindGrid isGrid: Bool
  ) {
    if isGrid { takeGrid(for: target) }
    if isGrid || passes < 40 { takePasses(passes, over: target) }
  }

  /// The defaults of the papers' codes: constants, initialisation, coordinates, a constant rate.
  init(paperOf activation: String, for target: FitTarget) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    training.schedule = Schedule(.constant)
    coordinates = .endpoints
    outputBias = .drawn
    fourierScale = Self.fourierScale(for: target)
    grid = Self.grid(for: target)
  }
}
