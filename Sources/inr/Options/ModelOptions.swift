import Networks

/// What a model's file may not say, and where to compute.
package struct ModelOptions: OptionGroup {
  package let overrides: ModelOverrides
  package let threads: Int?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    overrides = ModelOverrides(
      activation: arguments[NetworkOptions.activation],
      constants: NetworkOptions.values(of: NetworkOptions.constants, in: arguments),
      firstConstants: NetworkOptions.values(of: NetworkOptions.firstLayerConstants, in: arguments),
      prefix: arguments[Self.prefix])
    threads = arguments[TrainingOptions.threads]
  }

  package static let prefix = Option(
    "prefix", .text("the beginning of tensors' names"), placeholder: "NAME",
    help: "Of a file with several networks, take the one whose tensors' names begin so.")

  package static var section: OptionSection {
    let constants = (NetworkOptions.constants + NetworkOptions.firstLayerConstants).map(\.option)
    let fixed: [any OptionDefinition] = [NetworkOptions.activation]
    return OptionSection(
      "Models saved by other programs", fixed + constants + [prefix, TrainingOptions.threads]
    ).defaults(["activation": "as the file says, else relu"])
  }
}
