import Networks

/// What a new network looks like; `nil` where the task decides.
package struct NetworkOptions: OptionGroup, Equatable {
  package let activation: String?
  package let encoding: Architecture.Features.Kind?
  package let frequencies: Int?
  package let fourierScale: AutomaticNumber?
  package let grid: GridOptions
  package let width: Int?
  package let hiddenLayers: Int?
  /// Constants of the activations by name, and those for the first layer alone.
  package let constants: [String: Float]
  package let firstLayerConstants: [String: Float]
  /// Constants that the task is to choose, whatever a preset says.
  package let automaticConstants: Set<String>
  package let automaticFirstLayerConstants: Set<String>
  package let firstBias: Double?
  /// Factors as in ``Architecture``: of the first layer, the second, ..., all later ones.
  package let weightGains: [Double]?
  package let initialModel: String?
  package let trainsConstants: Bool

  private let arguments: ParsedArguments

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    activation = arguments[Self.activation]
    encoding = arguments[Self.encoding]
    frequencies = arguments[Self.frequencies]
    fourierScale = arguments[Self.fourierScale]
    grid = try GridOptions(arguments)
    width = arguments[Self.width]
    hiddenLayers = arguments[Self.hiddenLayers]
    constants = Self.values(of: Self.constants, in: arguments)
    firstLayerConstants = Self.values(of: Self.firstLayerConstants, in: arguments)
    automaticConstants = Self.automatic(Self.constants, in: arguments)
    automaticFirstLayerConstants = Self.automatic(Self.firstLayerConstants, in: arguments)
    firstBias = arguments[Self.firstBias]
    // A single factor is that of hidden layers behind the first, whose frequency has an option of its own.
    let behindFirst = hiddenLayers != 0
    weightGains = arguments[Self.weightGain].map {
      $0.count > 1 ? $0 : behindFirst ? [1] + $0 : []
    }
    initialModel = arguments[Self.initFrom]
    trainsConstants = arguments[Self.trainConstants]
    self.arguments = arguments
    try checkEncoding()
    try checkInitialModel()
    if let activation { try checkConstants(of: activation) }
  }

  /// Whether an activation was asked for, or something that only some of them have.
  var concernsActivation: Bool {
    activation != nil || trainsConstants || firstBias != nil
      || (Self.constants + Self.firstLayerConstants).contains { arguments.isGiven($0.option) }
  }

  /// The activation that was asked for, or that a network behind a grid usually has, or `usual`.
  func activation(else usual: String) -> String {
    activation ?? (encoding == .grid ? ReLU.name : usual)
  }

  /// The size that was asked for, or that of the model to start from.
  func size(of model: Model?) -> NetworkSize {
    model.map { NetworkSize(of: $0.network) }
      ?? NetworkSize(width: width, hiddenLayers: hiddenLayers)
  }

  /// Two groups are equal when the same was given.
  package static func == (one: NetworkOptions, other: NetworkOptions) -> Bool {
    let names = section.options.map(\.name)
    return names.allSatisfy { one.arguments.texts[$0] == other.arguments.texts[$0] }
  }

  /// Throws if a constant was given that `activation` does not have.
  ///
  /// ``init(_:)`` does this for an activation that was named on the command line; a task does it
  /// for one that it chose itself or found in a file.
  package func checkConstants(of activation: String) throws(UsageError) {
    guard let type = ActivationTable.all.first(where: { $0.name == activation }) else { return }
    let known = type.constants.map(\.name)
    for option in Self.constants + Self.firstLayerConstants where arguments.isGiven(option.option) {
      guard !known.contains(option.constant) else { continue }
      let have = known.isEmpty ? "has none" : "has \(known.joined(separator: " and "))"
      throw arguments.error(
        .notApplicable(
          option: "--\(option.option.specification.name)",
          reason: "\(activation) has no constant \(option.constant); it \(have)"))
    }
  }

  /// A model brings its own shape; its activation and constants may have to be told.
  private func checkInitialModel() throws(UsageError) {
    let reason = "the network is as that model has it"
    try arguments.exclude(Self.initFrom, Self.width, because: reason)
    try arguments.exclude(Self.initFrom, Self.hiddenLayers, because: reason)
    try arguments.exclude(Self.initFrom, Self.encoding, because: reason)
    try arguments.exclude(Self.initFrom, Self.weightGain, because: reason)
    try arguments.exclude(Self.initFrom, Self.firstBias, because: reason)
    for option in GridOptions.options {
      try arguments.exclude(Self.initFrom, option, because: reason)
    }
    guard arguments.isGiven(Self.initFrom) else { return }
    try Self.refuseAutomatic(in: arguments, because: "the constants are those of the model")
  }

  /// Throws if the shape of a grid was given for a network that stands behind none.
  package func checkGrid(
    of encoding: Architecture.Features.Kind, axes: Int
  ) throws(UsageError) {
    guard encoding != .grid else { return try grid.check(axes: axes, arguments) }
    guard let option = GridOptions.options.first(where: { arguments.isGiven($0) }) else { return }
    throw arguments.error(
      .notApplicable(
        option: "--\(option.specification.name)",
        reason: "the network has the encoding \(encoding.rawValue); only grid has it"))
  }

  private func checkEncoding() throws(UsageError) {
    try arguments.require(Self.encoding, for: Self.frequencies)
    try arguments.require(Self.encoding, for: Self.fourierScale)
    switch encoding {
    case .some(let kind)
    where [.none, .grid].contains(kind) && arguments.isGiven(Self.frequencies):
      throw arguments.error(
        .notApplicable(
          option: "--frequencies", reason: "the encoding \(kind.rawValue) has no frequencies"))
    case .positional:
      // A single-precision coordinate does not resolve finer periods than 2⁻²⁴ of its range.
      guard let frequencies, frequencies > 24 else { break }
      throw arguments.wrongValue(
        of: Self.frequencies, expected: "at most 24 frequencies for the positional encoding")
    default: break
    }
    if arguments.isGiven(Self.fourierScale), encoding != .fourier {
      throw arguments.error(
        .notApplicable(
          option: "--fourier-scale", reason: "only the encoding fourier has a scale"))
    }
  }
}

// MARK: - The table

extension NetworkOptions {
  /// An option for a constant of the activations.
  struct ConstantOption: Sendable {
    let constant: String
    let option: Option<AutomaticNumber>
  }

  package static let activation = Option(
    "activation", .choice(ActivationTable.names), help: "Activation of the hidden layers.")
  package static let encoding = Option(
    "encoding", .choice(of: Architecture.Features.Kind.self),
    help:
      "Map of the coordinates in front of the first layer: sines and cosines, or features in the "
      + "trained tables of a grid of several resolutions.")
  package static let frequencies = Option(
    "frequencies", .integer(.range(1...65_536)),
    help: "Frequencies of the encoding: octaves of positional, random features of fourier.")
  package static let fourierScale = Option(
    "fourier-scale", .automaticNumber(.positive(example: "10")), placeholder: "SCALE|auto",
    help: "Standard deviation of the random frequencies, in periods per unit of the coordinates.")
  package static let width = Option(
    "width", .integer(.range(1...65_536)),
    help: "Units of a hidden layer; complex units for complex activations.")
  package static let hiddenLayers = Option(
    "hidden-layers", .integer(.range(0...1000)),
    help: "Hidden layers that follow the first one.")
  package static let firstBias = Option(
    "first-bias", .number(.nonNegative), placeholder: "BOUND",
    help: "Draw the first layer's biases from -BOUND to BOUND.")
  package static let weightGain = Option(
    "weight-gain", .numbers(.positive(example: "1.5")), placeholder: "GAIN[,GAIN...]",
    help: "Multiply initial weights: one factor for all hidden layers behind the first, or a list "
      + "that begins with the first layer and whose last factor holds for all later ones.")
  package static let initFrom = Option(
    "init-from", .text("a model file"), placeholder: "MODEL",
    help: "Start from the parameters of this model instead of random ones.")
  package static let trainConstants = Flag(
    "train-constants", help: "Train the constants of the activations with the weights.")

  static let constants = constantOptions(prefix: "", where: "all layers")
  static let firstLayerConstants = constantOptions(prefix: "first-", where: "the first layer")

  package static var section: OptionSection {
    let fixed: [any OptionDefinition] =
      [
        activation, encoding, frequencies, fourierScale,
      ] + GridOptions.options + [width, hiddenLayers]
    let constants = constants.map(\.option) + firstLayerConstants.map(\.option)
    return OptionSection(
      "Network", fixed + constants + [firstBias, weightGain, initFrom, trainConstants])
  }

  private static func constantOptions(prefix: String, where place: String) -> [ConstantOption] {
    ActivationTable.constantNames.map { constant in
      let owning = ActivationTable.all.compactMap { type in
        type.constants.first { $0.name == constant }.map { (activation: type.name, constant: $0) }
      }
      // The paper's value of each activation that has it.
      let owners = owning.map {
        "\($0.activation) \(shortText(Double($0.constant.defaultValue.description) ?? 0))"
      }
      let help =
        "Constant \(constant) of \(place) (papers: \(owners.joined(separator: ", "))); "
        + "auto: as the task recommends."
      return ConstantOption(
        constant: constant,
        option: Option(
          prefix + constant, .automaticNumber(.constant(in: owning.first?.constant.range)),
          placeholder: "VALUE|auto", help: help,
          default: prefix.isEmpty ? nil : "as --\(constant)"))
    }
  }

  static func values(
    of options: [ConstantOption], in arguments: ParsedArguments
  ) -> [String: Float] {
    var values: [String: Float] = [:]
    for option in options {
      values[option.constant] = arguments[option.option]?.value.map { Float($0) }
    }
    return values
  }

  /// Throws if a constant is left to a command that has nothing to choose it from.
  static func refuseAutomatic(
    in arguments: ParsedArguments, because reason: String
  ) throws(UsageError) {
    for option in constants + firstLayerConstants where arguments[option.option] == .automatic {
      throw arguments.error(
        .notApplicable(
          option: "--\(option.option.specification.name) auto", reason: reason + "; give a number"))
    }
  }

  private static func automatic(
    _ options: [ConstantOption], in arguments: ParsedArguments
  ) -> Set<String> {
    Set(options.filter { arguments[$0.option] == .automatic }.map(\.constant))
  }
}

extension NumberRule {
  /// A constant of an activation.
  fileprivate static func constant(in range: Range<Float>?) -> NumberRule {
    guard let range else { return .positive(example: "30") }
    let bounds = Double(range.lowerBound)..<Double(range.upperBound)
    let rule = NumberRule.range(bounds)
    // What rounds up to the end of the range is not in it.
    return NumberRule(rule.kind, example: rule.example) { range.contains(Float($0)) }
  }
}
