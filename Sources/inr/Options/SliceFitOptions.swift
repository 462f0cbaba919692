import Foundation
import Networks
import Tomography
import Training

/// How a network is fitted to a sinogram.
package struct SliceFitOptions: OptionGroup {
  package let method: SliceFitConfiguration.Method
  package let loss: SliceFitConfiguration.Loss?
  package let window: RampFilter.Window?
  package let annealsWindow: Bool
  package let huber: Double?
  package let start: SliceFitConfiguration.Start?
  package let photons: Double?
  package let attenuation: Double?
  package let weights: String?
  package let noiseLevel: Double?
  /// `nil` where the fit searches for it.
  package let totalVariation: Double?
  package let similarity: Double?
  package let anchor: Double?
  package let isNonNegative: Bool
  package let supersampling: Int?
  package let holdsOutViews: Bool

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    method = arguments[Self.method] ?? .split
    loss = arguments[Self.loss]
    window = arguments[Self.filter]
    annealsWindow = arguments[Self.anneal]
    huber = arguments[Self.huber]
    start = arguments[Self.start]
    photons = arguments[Self.photons]
    attenuation = arguments[Self.attenuation]
    weights = arguments[Self.weights]
    noiseLevel = arguments[Self.noiseLevel]
    similarity = arguments[Self.similarity]
    anchor = arguments[Self.anchor]
    isNonNegative = !arguments[IterationOptions.allowNegative]
    supersampling = arguments[Self.supersample]
    holdsOutViews = arguments[Self.holdOutViews]
    if case .value(let value) = arguments[Self.variation] {
      totalVariation = value
    } else {
      totalVariation = nil
    }
    try check(arguments)
  }

  private func check(_ arguments: ParsedArguments) throws(UsageError) {
    if method == .split {
      let direct: [any OptionDefinition] = [
        Self.loss, Self.filter, Self.anneal, Self.huber, Self.start,
      ]
      if let other = direct.first(where: { arguments.texts[$0.specification.name] != nil }) {
        throw arguments.error(
          .notApplicable(
            option: "--\(other.specification.name)",
            reason: "only --method direct has a loss of the whole sinogram"))
      }
    } else {
      if arguments.isGiven(Self.similarity) || arguments.isGiven(Self.anchor) {
        throw arguments.error(
          .notApplicable(
            option: arguments.isGiven(Self.similarity) ? "--similarity" : "--anchor",
            reason: "only --method split averages alike pixels"))
      }
      if loss == .projection, arguments.isGiven(Self.filter) || annealsWindow {
        throw arguments.error(
          .notApplicable(
            option: arguments.isGiven(Self.filter) ? "--filter" : "--anneal",
            reason: "only --loss filtered has a filter"))
      }
      if noiseLevel != nil {
        throw arguments.error(
          .notApplicable(
            option: "--noise-level", reason: "only --method split looks for a strength"))
      }
      if case .automatic = arguments[Self.variation] {
        throw arguments.error(
          .notApplicable(
            option: "--tv auto", reason: "only --method split searches; give a number"))
      }
    }
    if totalVariation != nil {
      try arguments.exclude(
        Self.noiseLevel, Self.variation, because: "a strength that is given is not looked for")
    }
    try arguments.exclude(
      Self.photons, Self.weights, because: "both say what rays are worth; give one of them")
    if arguments[ScanOptions.projector] == .rotation, (supersampling ?? 1) > 1 {
      throw arguments.error(
        .conflict(
          "--projector rotation", "--supersample",
          reason: "it sums over the pixels of the slice's own frame"))
    }
    try arguments.require(Self.photons, for: Self.attenuation)
    try arguments.require(TrainingOptions.holdOut, for: Self.holdOutViews)
  }
}

// MARK: - The table

extension SliceFitOptions {
  package static let method = Option(
    "method", .choice(of: SliceFitConfiguration.Method.self),
    help: "split: a solver on pixels improves a slice between passes, and the network learns it. "
      + "direct: every step projects the field and takes the gradient of a loss of the sinogram.",
    default: "split")
  package static let loss = Option(
    "loss", .choice(of: SliceFitConfiguration.Loss.self),
    help:
      "Of --method direct. projection: the mean squared residual. filtered: weighted by the ramp "
      + "filter, nearly the mean squared error of the slice.", default: "filtered")
  package static let filter = Option(
    "filter", .choice(of: RampFilter.Window.self), help: "Window of the filtered loss's ramp.",
    default: "hann")
  package static let anneal = Flag(
    "anneal", help: "Let the filtered loss's window give way to the plain ramp during the run.")
  package static let huber = Option(
    "huber", .number(.positive(example: "0.1")), placeholder: "VALUE",
    help: "Residuals of the direct loss beyond this count linearly, for data with outliers.",
    default: "none do")
  package static let start = Option(
    "init", .choice(of: SliceFitConfiguration.Start.self),
    help:
      "Start --method direct from random parameters, or fitted to the filtered back projection, "
      + "which helps with many clean views.", default: "random")
  package static let photons = Option(
    "photons", .number(.photons(example: "1e4")), placeholder: "N",
    help: "The sinogram was measured with N photons a ray: dense rays count less.",
    default: "all rays count the same")
  package static let attenuation = Option(
    "attenuation", .number(.positive(example: "0.04")), placeholder: "FACTOR",
    help: "Attenuation per unit of the sinogram, with --photons: a ray of value p saw N "
      + "exp(-FACTOR p).", default: "1")
  package static let weights = Option(
    "weights", .text("a .npy file"), placeholder: "FILE.npy",
    help: "What each ray counts [views, bins], in the sinogram's layout; 0 leaves a ray out.")
  package static let noiseLevel = Option(
    "noise-level", .number(.positive(example: "0.02")), placeholder: "SIGMA",
    help: "Standard deviation of the sinogram's values, if it is known: total variation is then as "
      + "strong as leaves that residual.")
  package static let variation = Option(
    "tv", .strength,
    help:
      "Strength of the total variation, for slices whose densest values are 1 and pixels of side "
      + "1; 0 for none.", default: "auto, by rays held out; 0 for --method direct")
  package static let similarity = Option(
    "similarity", .number(.nonNegative), placeholder: "H",
    help: "Pixels whose neighbourhoods differ by less than about this share of the densest values "
      + "are taken to be alike (non-local means); 0 for none.",
    default: "0.05; 0.03 for data without noise")
  package static let anchor = Option(
    "anchor", .number(.nonNegative), placeholder: "RHO",
    help: "How strongly the slice is drawn to those averages; 1 is as strongly as by the data.",
    default: "1; for data without noise 3 over the number of views, at most 0.1")
  package static let supersample = Option(
    "supersample", .integer(.range(1...8)), placeholder: "K",
    help: "Project K x K points of the field a pixel.",
    default: "1 from 256 pixels a side on or with --projector rotation, up to 4 below")
  package static let holdOutViews = Flag(
    "hold-out-views", help: "Let --hold-out withhold whole views instead of single rays.")
  package static let reproject = Option(
    "reproject", .integer(.range(2...100_000)), placeholder: "VIEWS",
    help: "Also project the slice to this many views, put the measured ones in their places, and "
      + "write the filtered back projection to reprojected.npy.")

  package static var section: OptionSection {
    OptionSection(
      "Fit",
      [
        method, loss, filter, anneal, huber, start, photons, attenuation, weights, noiseLevel,
        variation, similarity, anchor, IterationOptions.allowNegative, supersample, holdOutViews,
        SliceResultOptions.slice, SliceResultOptions.reference, SliceResultOptions.peak, reproject,
      ])
  }
}

extension ValueReader where Value == LambdaChoice {
  /// A number that is not negative, or the word `auto`.
  fileprivate static var strength: ValueReader {
    ValueReader(
      placeholder: "STRENGTH|auto", expectation: "a number of at least 0, e.g. 0.5, or auto"
    ) { text in
      text == "auto" ? .automatic : NumberRule.nonNegative.read(text).map { .value($0) }
    }
  }
}

extension SliceFitConfiguration {
  /// What was given on the command line, and recommended settings for the rest.
  init(
    _ arguments: ParsedArguments, _ options: TrainingOptions, _ data: ScanData, slice: Int
  ) throws {
    let network = try NetworkOptions(arguments)
    let fit = try SliceFitOptions(arguments)
    let initial = network.initialModel.map {
      InitialModel(
        path: URL(fileURLWithPath: $0).path, activation: network.activation,
        constants: network.constants, firstConstants: network.firstLayerConstants)
    }
    let model = try initial?.read()
    let projection = try ScanOptions(arguments).projection
    // A slice is turned pixel by pixel; finer ones are other sinograms.
    let factor =
      fit.supersampling
      ?? (projection == .rotation ? 1 : RecommendedSliceSettings.supersampling(of: data.grid))
    let pixels =
      (data.mask?.count { $0 } ?? data.grid.pixelCount) * factor * factor
    let prefersGrid = RecommendedSliceSettings.prefersGrid(
      method: fit.method, pixels: pixels, supersampling: factor, views: data.scan.viewCount,
      photons: fit.photons)
    // An activation that was asked for takes coordinates, and K-FAC knows no tables.
    let takesGrid =
      prefersGrid && !network.concernsActivation && options.optimizer?.method != .kfac
    let encoding = model?.network.encoding.kind ?? network.encoding ?? (takesGrid ? .grid : nil)
    let activation =
      model?.network.activationName
      ?? network.activation(
        else: encoding == .grid ? ReLU.name : RecommendedSliceSettings.activation)
    try network.checkConstants(of: activation)
    var settings = RecommendedSliceSettings(
      activation: activation, size: network.size(of: model), method: fit.method, pixels: pixels,
      supersampling: factor, views: data.scan.viewCount, photons: fit.photons)
    if encoding == .grid { settings.takeGrid() }
    settings.architecture.apply(
      network, fourierScale: settings.fourierScale, grid: settings.grid)
    try network.checkGrid(of: settings.architecture.features.kind, axes: 2)
    try options.checkTracking(
      of: model?.network, else: settings.architecture, arguments)
    self.init(
      sinogram: URL(fileURLWithPath: data.file.path).path, layout: data.file.layout.rawValue,
      slice: slice, scan: data.scan, grid: data.grid, architecture: settings.architecture,
      training: settings.training)
    training.apply(
      options, samples: fit.method == .split ? pixels : data.scan.viewCount,
      trainsConstants: network.trainsConstants)
    if training.schedule.warmUp > 1 {
      throw arguments.wrongValue(
        of: TrainingOptions.warmUp, expected: "at most the \(training.steps) steps of the run")
    }
    self.projection = projection
    views = data.views.count == data.file.viewCount ? nil : data.views
    isCircle = data.mask != nil
    initialModel = initial
    holdOut = options.heldOutShare ?? 0
    timeLimit = options.timeLimit
    supersampling = factor
    apply(fit)
  }

  private mutating func apply(_ fit: SliceFitOptions) {
    method = fit.method
    loss = fit.loss ?? loss
    window = fit.window ?? window
    annealsWindow = fit.annealsWindow
    huber = fit.huber
    start = fit.start ?? start
    photons = fit.photons
    attenuation = fit.attenuation ?? attenuation
    weights = fit.weights.map { URL(fileURLWithPath: $0).path }
    noiseLevel = fit.noiseLevel
    totalVariation = fit.totalVariation
    similarity = fit.similarity
    anchor = fit.anchor
    isNonNegative = fit.isNonNegative
    holdsOutViews = fit.holdsOutViews
  }
}
