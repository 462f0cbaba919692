import Meshes

/// How two meshes are compared.
package struct MeshComparisonOptions: OptionGroup {
  package let sampleCount: Int
  package let threshold: Double?
  package let target: MeshComparison.Target
  package let seed: UInt64
  package let threads: Int?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    sampleCount = arguments[Self.samples] ?? 100_000
    threshold = arguments[Self.thresholdOption]
    target = arguments[Self.to] ?? .surface
    seed = arguments[TrainingOptions.seed] ?? 0
    threads = arguments[TrainingOptions.threads]
  }

  package static let samples = Option(
    "samples", .integer(.range(1...100_000_000)),
    help: "Random points on each surface, and in the box around both.", default: "100000")
  package static let thresholdOption = Option(
    "threshold", .number(.nonNegative), placeholder: "DISTANCE",
    help: "The distance up to which a point counts for precision, recall and F-score.",
    default: "a hundredth of the longest side of the second mesh")
  package static let to = Option(
    "to", .choice(of: MeshComparison.Target.self), placeholder: "surface|samples",
    help: "What distances are measured to: the other surface itself, or the points drawn on it, as "
      + "in the literature, which makes them longer.",
    default: "surface")

  static let options: [any OptionDefinition] = [
    samples, thresholdOption, to, TrainingOptions.seed, TrainingOptions.threads,
  ]

  package static var section: OptionSection { OptionSection("Meshes", options) }
}
