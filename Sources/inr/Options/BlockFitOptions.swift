import Foundation
import ImageFitting
import Training

/// How a big picture is fitted by blocks.
package struct BlockFitOptions: OptionGroup {
  package let size: Int?
  package let units: Int?
  package let stripRows: Int?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    size = arguments[Self.blocks]
    units = arguments[Self.blockUnits]
    stripRows = arguments[Self.stripRows]
    try arguments.require(Self.blocks, for: Self.blockUnits)
    try arguments.require(Self.blocks, for: Self.stripRows)
    guard size != nil else { return }
    // The blocks' networks are of one kind.
    let names = Set(Self.taken.map { $0.specification.name })
    if let other = arguments.texts.keys.sorted().first(where: { !names.contains($0) }) {
      throw arguments.error(
        .notApplicable(
          option: "--\(other)", reason: "blocks have networks and a training of their own"))
    }
  }

  package static let blocks = Option(
    "blocks", .integer(.range(BlockShape.sizes)), placeholder: "SIZE",
    help:
      "Fit a big picture, a PNG file that is read in strips, by a Laplacian pyramid of blocks of "
      + "SIZE x SIZE pixels with a small network each; 16 is a good size. --target-psnr says "
      + "when a block is done (40), --steps how long one that is not is trained (60).")
  package static let blockUnits = Option(
    "block-units", .integer(.range(BlockShape.unitCounts)), placeholder: "N",
    help:
      "Sines of a block's network at full size, at most: those that need more begin with 4. Blocks of "
      + "coarser levels have twice as many.", default: "8")
  package static let stripRows = Option(
    "strip-rows", .integer(.range(1...1_000_000)), placeholder: "N",
    help: "Rows of pixels that are in memory at a time.", default: "256")

  package static var section: OptionSection {
    OptionSection("Big pictures", [blocks, blockUnits, stripRows])
  }

  /// What means something together with ``blocks``.
  private static var taken: [any OptionDefinition] {
    [
      blocks, blockUnits, stripRows, TrainingOptions.targetPSNR, TrainingOptions.steps,
      TrainingOptions.learningRate, TrainingOptions.seed, TrainingOptions.threads,
      TrainingOptions.timeLimit, TrainingOptions.checkpointEvery, TrainingOptions.output,
      TrainingOptions.quiet, TrainingOptions.json,
    ]
  }
}

extension BlockFitConfiguration {
  /// What was given on the command line, and what was found to be good for the rest.
  init(_ options: BlockFitOptions, _ training: TrainingOptions, picture path: String) {
    self.init(picture: URL(fileURLWithPath: path).path)
    size = options.size ?? size
    units = options.units ?? units
    stripRows = options.stripRows ?? stripRows
    targetDecibels = training.targetPSNR ?? targetDecibels
    steps = training.steps ?? steps
    learningRate = training.learningRate ?? learningRate
    seed = training.seed ?? seed
    timeLimit = training.timeLimit
  }
}
