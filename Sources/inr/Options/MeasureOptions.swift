import SplineGeometry

/// What is measured of a network, and at which points.
struct MeasureOptions: OptionGroup {
  /// In the order in which they are asked for; nil: all that apply.
  let only: [Measure]?
  let sampleCount: Int
  let segmentCount: Int
  let seed: UInt64
  let pointsPath: String?
  let targetsPath: String?
  let errorsPath: String?
  let loss: PointLoss
  let norm: LipschitzNorm
  let place: [Double]?
  /// Of the points, one at which the affine map is wanted.
  let pointNumber: Int?
  let filterSize: PixelSize?
  /// A share of the domain's shortest side.
  let radius: Double?
  let beta: Double
  let level: Double
  let maximum: Int

  init(_ arguments: ParsedArguments) throws(UsageError) {
    only = arguments[Self.onlyOption]
    sampleCount = arguments[Self.samplesOption] ?? 1000
    segmentCount = arguments[Self.segmentsOption] ?? 1000
    seed = arguments[TrainingOptions.seed] ?? 0
    pointsPath = arguments[Self.pointsOption]
    targetsPath = arguments[Self.targetsOption]
    errorsPath = arguments[Self.errorsOption]
    loss = arguments[Self.lossOption] ?? .squaredError
    norm = arguments[Self.normOption] ?? .l2
    place = arguments[Self.atOption]
    pointNumber = arguments[Self.atPointOption]
    filterSize = arguments[Self.filterSizeOption]
    radius = arguments[Self.radiusOption]
    beta = arguments[Self.betaOption] ?? 0.99
    level = arguments[Self.levelOption] ?? 0
    maximum = arguments[RegionOptions.maximumOption] ?? 20_000_000
    try arguments.exclude(
      Self.pointsOption, Self.samplesOption, because: "the file says which points there are")
    for option in [
      Self.targetsOption as any OptionDefinition, Self.errorsOption, Self.atPointOption,
    ] {
      try arguments.require(Self.pointsOption, for: option)
    }
    try arguments.exclude(Self.atOption, Self.atPointOption, because: "both say at which point")
    for option in [RegionOptions.planeOption, RegionOptions.throughOption] {
      try arguments.exclude(
        option, Self.pointsOption, because: "points of a plane are drawn from it")
    }
    try arguments.exclude(
      RegionOptions.planeOption, RegionOptions.throughOption, because: "there is one plane")
  }

  static let onlyOption = Option(
    "only", .measures, placeholder: "NAME,...",
    help: "Which measures, with commas between them: "
      + Measure.allCases.map(\.rawValue)
      .joined(separator: ", ") + ".",
    default: "all that the network has, but level, fisher-rao and patterns")
  static let boundsOption = Option(
    "bounds", .numbers(.any), placeholder: "X0,X1,Y0,Y1,...",
    help: "Where to look, the ends along each coordinate.",
    default: "the box that the file tells, else -1 to 1 along each")
  static let samplesOption = Option(
    "samples", .integer(.range(1...10_000_000)), placeholder: "N",
    help: "Points drawn uniformly from the domain for measures at points.", default: "1000")
  static let segmentsOption = Option(
    "segments", .integer(.range(1...10_000_000)), placeholder: "N",
    help: "Random segments on which regions are counted.", default: "1000")
  static let pointsOption = Option(
    "points", .text("a .npy file"), placeholder: "FILE.npy",
    help: "Take these points instead, an array [points, coordinates].")
  static let targetsOption = Option(
    "targets", .text("a .npy file"), placeholder: "FILE.npy",
    help: "What the network should be at the points, [points, values], for the Fisher-Rao norm.")
  static let errorsOption = Option(
    "errors", .text("a .npy file"), placeholder: "FILE.npy",
    help: "A number for each point, to be correlated with distance and complexity.")
  static let lossOption = Option(
    "loss", .choice(of: PointLoss.self), placeholder: "NAME",
    help: "The loss of the Fisher-Rao norm.", default: PointLoss.squaredError.rawValue)
  static let normOption = Option(
    "norm", .choice(of: LipschitzNorm.self), placeholder: "NAME",
    help: "How the Lipschitz constant measures coordinates and values.",
    default: LipschitzNorm.l2.rawValue)
  static let atOption = Option(
    "at", .numbers(.any), placeholder: "X,...",
    help: "Print the affine map A x + b at this point, its singular values and the pattern.")
  static let atPointOption = Option(
    "at-point", .integer(.atLeast(0)), placeholder: "K",
    help: "The same at point number K of --points, counted from 0.")
  static let filterSizeOption = Option(
    "filter-size", .size, placeholder: "WxH",
    help:
      "With --at or --at-point, and -o: draw the rows of A as pictures of this size, the matched filters."
  )
  static let radiusOption = Option(
    "radius", .number(.positive(example: "0.05")), placeholder: "LENGTH",
    help: "Of the neighbourhood for local complexity, in the unit of the coordinates.",
    default: "a hundredth of the domain's shortest side")
  static let betaOption = Option(
    "softness-beta", .number(.range(0.0..<1.0)), placeholder: "BETA",
    help: "How hard the soft partition of the entropy is: from 0 to below 1.", default: "0.99")
  static let levelOption = Option(
    "level", .number(.any), placeholder: "VALUE",
    help: "The value to whose level set distances are measured.", default: "0")

  static var section: OptionSection {
    OptionSection(
      "What",
      [
        onlyOption, atOption, atPointOption, filterSizeOption, radiusOption, levelOption,
        OutputChoice.option,
        lossOption, normOption, betaOption,
      ])
  }

  static var places: OptionSection {
    OptionSection(
      "Where",
      [
        boundsOption, RegionOptions.planeOption, RegionOptions.throughOption,
        samplesOption, segmentsOption, pointsOption, targetsOption, errorsOption,
        TrainingOptions.seed, RegionOptions.maximumOption,
      ]
    ).defaults(["seed": "0"])
  }
}

extension ValueReader where Value == [Measure] {
  /// Names with commas between them, each once.
  static var measures: ValueReader {
    let names = Measure.allCases.map(\.rawValue)
    return ValueReader(
      placeholder: "NAME,...",
      expectation: "names with commas between them, each once, of " + names.joined(separator: ", ")
    ) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let measures = parts.compactMap { Measure(rawValue: $0) }
      return measures.count == parts.count && Set(parts).count == parts.count ? measures : nil
    }
  }
}
