import Networks

/// What a model's file may not say, and where to compute.
package struct ModelOptions: OptionGroup {
  package let overrides: ModelOverrides
  /// Of commands with the section ``splines``.
  package let latent: LatentCode?
  package let skipFactor: Double?
  package let threads: Int?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    try NetworkOptions.refuseAutomatic(
      in: arguments, because: "only a fit has a picture, scan or solid to choose it for")
    overrides = ModelOverrides(
      activation: arguments[NetworkOptions.activation],
      constants: NetworkOptions.values(of: NetworkOptions.constants, in: arguments),
      firstConstants: NetworkOptions.values(of: NetworkOptions.firstLayerConstants, in: arguments),
      prefix: arguments[Self.prefix])
    latent = arguments[Self.latentCode]
    skipFactor = arguments[Self.skipFactorOption]
    threads = arguments[TrainingOptions.threads]
  }

  package static let prefix = Option(
    "prefix", .text("the beginning of tensors' names"), placeholder: "NAME",
    help: "Of a file with several networks, take the one whose tensors' names begin so.")

  package static let latentCode = Option(
    "latent", .latentCode,
    help: "Fix the first inputs of a ReLU network, those of a latent code, to these values.")
  package static let skipFactorOption = Option(
    "skip-factor", .number(.positive(example: "0.70710678")), placeholder: "FACTOR",
    help:
      "Of a safetensors file in which a layer gets the network's inputs once more: what they, and "
      + "the features before them, are multiplied by.",
    default: "1")

  /// Of commands that take networks whose connections skip layers.
  package static var splines: OptionSection {
    OptionSection("Networks that skip layers", [latentCode, skipFactorOption])
  }

  package static var section: OptionSection {
    let constants = (NetworkOptions.constants + NetworkOptions.firstLayerConstants).map(\.option)
    let fixed: [any OptionDefinition] = [NetworkOptions.activation]
    return OptionSection(
      "Models saved by other programs", fixed + constants + [prefix, TrainingOptions.threads]
    ).defaults(["activation": "as the file says, else relu"])
  }
}
