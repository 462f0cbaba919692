import Foundation
import ImageFitting
import Imaging
import Networks
import Training

extension ImageFitConfiguration {
  /// What was given on the command line, and recommended settings for the rest.
  init(_ arguments: ParsedArguments, _ options: TrainingOptions, picture path: String) throws {
    let network = try NetworkOptions(arguments)
    let image = try ImageFitOptions(arguments)
    let initial = network.initialModel.map {
      InitialModel(
        path: URL(fileURLWithPath: $0).path, activation: network.activation,
        constants: network.constants, firstConstants: network.firstLayerConstants)
    }
    let model = try initial?.read()
    let factor = image.downsampling ?? 1
    var target = try Self.target(path, image, options)
    let activation =
      model?.network.activationName
      ?? network.activation(
        else: image.preset?.activation(for: target.aim) ?? RecommendedSettings.activation)
    try network.checkConstants(of: activation)
    let encoding = model?.network.encoding.kind ?? network.encoding
    let size = network.size(of: model)
    func recommended() -> RecommendedSettings {
      Self.settings(
        for: target, image.preset, network, activation: activation, encoding: encoding, size: size)
    }
    // How far a run gets depends on the network, and the network's frequencies on that.
    target.passes = options.passes(over: target, by: recommended())
    let settings = recommended()
    try network.checkGrid(of: settings.architecture.features.kind, axes: 2)
    try options.checkTracking(
      of: model?.network, else: settings.architecture, arguments)
    self.init(
      picture: URL(fileURLWithPath: path).path, architecture: settings.architecture,
      training: settings.training)
    training.apply(options, samples: target.pixels, trainsConstants: network.trainsConstants)
    if training.schedule.warmUp > 1 {
      throw arguments.wrongValue(
        of: TrainingOptions.warmUp, expected: "at most the \(training.steps) steps of the run")
    }
    mask = image.mask.map { URL(fileURLWithPath: $0).path }
    downsample = factor
    noise = image.noise
    coordinates = image.coordinates ?? model?.coordinates ?? settings.coordinates
    preset = image.preset?.name
    aim = target.aim
    bandwidth = target.bandwidth?.radius
    outputBias = settings.outputBias
    holdOut = options.heldOutShare ?? 0
    initialModel = initial
    targetDecibels = options.targetPSNR
    try takeTime(from: options, arguments)
  }

  /// The recommended settings, with the given network.
  ///
  /// - Parameter size: of that network.
  private static func settings(
    for target: FitTarget, _ preset: Preset?, _ network: NetworkOptions, activation: String,
    encoding: Architecture.Features.Kind?, size: NetworkSize
  ) -> RecommendedSettings {
    let usual = RecommendedSettings(activation: activation, size: size, for: target)
    var settings =
      preset?.settings(for: target, activation: activation, encoding: encoding, size: size)
      ?? usual
    if encoding == .grid, settings.architecture.features.kind != .grid {
      settings.takeGrid(for: target)
    }
    settings.architecture.apply(
      network, fourierScale: settings.fourierScale, grid: settings.grid,
      recommended: encoding == .grid ? settings.architecture : usual.architecture)
    return settings
  }

  /// A time ends a run that has a number of steps, and is the length of one that has none.
  private mutating func takeTime(from options: TrainingOptions, _ arguments: ParsedArguments) throws
  {
    guard let limit = options.timeLimit, options.steps == nil, options.epochs == nil else {
      timeLimit = options.timeLimit
      return
    }
    if options.tracking != nil {
      throw arguments.error(
        .conflict(
          "--track", "--time-limit",
          reason: "what is tracked depends on the number of steps; add --steps or --epochs"))
    }
    if case .steps = options.warmUp {
      throw arguments.wrongValue(
        of: TrainingOptions.warmUp,
        expected: "a share below 1, since --time-limit is the length of the run")
    }
    training.duration = limit
    training.steps = TrainingOptions.mostSteps
  }

  /// What the fit will see of the picture.
  private static func target(
    _ path: String, _ image: ImageFitOptions, _ options: TrainingOptions
  ) throws -> FitTarget {
    let seed = options.seed ?? 0
    let clean = try ImageFit.readPicture(path)
    let picture = image.noise?.applied(to: clean, seed: seed) ?? clean
    let mask = try image.mask.map { try Image.read($0) }
    // A mask of another size is refused where the fit begins.
    let fits = mask.map { $0.width == picture.width && $0.height == picture.height } ?? true
    let selection = PixelSelection(of: picture, mask: fits ? mask : nil)
      .withholding(options.heldOutShare ?? 0, width: picture.width, seed: seed)
    var target = FitTarget(picture, selection)
    target.pointsPerPixel = (image.downsampling ?? 1) * (image.downsampling ?? 1)
    target.aim = image.aim(heldOutShare: options.heldOutShare)
    target.isNoisy = image.noise != nil
    return target
  }
}

extension Architecture {
  /// Takes over what was given.
  ///
  /// - Parameter other: has the constants that are asked for as `auto`; by default this one.
  mutating func apply(
    _ options: NetworkOptions, fourierScale: Double, grid: GridShape,
    recommended other: Architecture? = nil
  ) {
    let recommended = other ?? self
    width = options.width ?? width
    hiddenLayers = options.hiddenLayers ?? hiddenLayers
    let encoding = options.encoding ?? features.kind
    if encoding == .grid {
      var shape = features.grid ?? grid
      shape.apply(options.grid)
      features = Features(shape)
    } else if options.encoding != nil {
      features = Features(
        encoding, frequencies: options.frequencies ?? encoding.usualFrequencies,
        scale: encoding == .fourier ? options.fourierScale?.value ?? fourierScale : 0)
    }
    for (name, value) in options.constants {
      constants[name] = value
      // As in the papers, a constant holds for all layers unless the first has its own.
      firstConstants[name] = nil
    }
    for name in options.automaticConstants {
      constants[name] = recommended.constants[name]
      firstConstants[name] = recommended.firstConstants[name]
    }
    for (name, value) in options.firstLayerConstants { firstConstants[name] = value }
    for name in options.automaticFirstLayerConstants {
      firstConstants[name] = recommended.firstConstants[name] ?? recommended.constants[name]
    }
    firstBias = options.firstBias ?? firstBias
    // Recommended ones are for hidden layers, of which there may be none.
    weightGains = options.weightGains ?? Array(weightGains.prefix(hiddenLayers + 1))
  }
}

extension Architecture.Features.Kind {
  /// NeRF's ten octaves, and as many random features as a hidden layer of 256 takes.
  fileprivate var usualFrequencies: Int {
    switch self {
    case .none, .grid: 0
    case .positional: 10
    case .fourier: 128
    }
  }
}

extension TrainingOptions {
  /// How often each pixel will be seen: as asked for, or about as often as the time allows; nil if
  /// the run has its usual length.
  fileprivate func passes(over target: FitTarget, by settings: RecommendedSettings) -> Double? {
    if let epochs { return Double(epochs) }
    if let steps {
      let rows =
        switch batch {
        case .rows(let rows): min(rows, target.pixels)
        case .full: target.pixels
        case nil: settings.training.batch
        }
      return Double(steps) * Double(rows) / Double(target.pixels)
    }
    return timeLimit.map {
      target.passes(
        in: $0, by: settings.architecture,
        rounding: precision.map(\.rounding) ?? settings.training.rounding,
        threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }
  }
}

extension TrainingConfiguration {
  /// Takes over what was given; `samples` are those of an epoch.
  mutating func apply(_ options: TrainingOptions, samples: Int, trainsConstants: Bool) {
    learningRate = options.learningRate ?? learningRate
    optimizer.beta1 = options.beta1.map { Float($0) } ?? optimizer.beta1
    optimizer.beta2 = options.beta2.map { Float($0) } ?? optimizer.beta2
    optimizer.epsilon = options.epsilon.map { Float($0) } ?? optimizer.epsilon
    optimizer.weightDecay = options.weightDecay.map { Float($0) } ?? optimizer.weightDecay
    firstLayerRate = options.firstLayerRate ?? firstLayerRate
    apply(preconditioning: options)
    apply(precision: options)
    constants = trainsConstants ? .trained : .fixed
    seed = options.seed ?? seed
    tracking = options.tracking
    let rows = steps * batch
    switch options.batch {
    case .rows(let rows): batch = min(rows, samples)
    case .full: batch = samples
    case nil: break
    }
    let epoch = max(1, samples / batch)
    // Another batch size leaves the length of the run in epochs as it was.
    steps = options.steps ?? options.epochs.map { $0 * epoch } ?? max(1, rows / batch)
    apply(schedule: options)
  }

  private mutating func apply(preconditioning options: TrainingOptions) {
    guard let method = options.optimizer?.method else { return }
    preconditioning = Preconditioning(
      method, interval: options.preconditionInterval, damping: options.damping)
    guard method == .kfac else { return }
    // K-FAC finds the length of its steps itself; the rate only scales it.
    learningRate = options.learningRate ?? 1
    firstLayerRate = options.firstLayerRate ?? 1
  }

  private mutating func apply(precision options: TrainingOptions) {
    if let precision = options.precision {
      rounding = precision.rounding
    } else if preconditioning != nil || (options.targetPSNR ?? 0) > TrainingOptions.roundedDecibels
    {
      rounding = nil
    }
  }

  private mutating func apply(schedule options: TrainingOptions) {
    if let choice = options.schedule {
      schedule.shape = choice
      // WIRE's code ends at a tenth.
      schedule.finalRatio = choice == .exponential ? 0.1 : 0
    }
    schedule.finalRatio = options.finalRateRatio ?? schedule.finalRatio
    switch options.warmUp {
    case .share(let share): schedule.warmUp = share
    case .steps(let count): schedule.warmUp = Double(count) / Double(max(steps, 1))
    case nil: break
    }
  }
}
