import Compute
import Training

/// The optimizers, as they are called on the command line.
package enum OptimizerChoice: String, CaseIterable, Sendable {
  case adam, soap, kfac

  /// What it does with the weights of a layer, if it sees them as a matrix.
  package var method: Preconditioning.Method? { Preconditioning.Method(rawValue: rawValue) }
}

/// How exact the factors of the layers' products are while they train.
package enum PrecisionChoice: String, CaseIterable, Sendable {
  case single, bfloat16

  var rounding: FactorRounding? { FactorRounding(rawValue: rawValue) }
}

/// How many rows a step sees.
package enum BatchChoice: Sendable, Equatable {
  case rows(Int)
  case full
}

/// How long the learning rate rises at the beginning.
package enum WarmUpChoice: Sendable, Equatable {
  /// Of the whole run.
  case share(Double)
  case steps(Int)
}

/// How a network is trained and what becomes of it; `nil` where the task decides.
package struct TrainingOptions: OptionGroup {
  package let optimizer: OptimizerChoice?
  package let learningRate: Double?
  package let beta1: Double?
  package let beta2: Double?
  package let epsilon: Double?
  package let weightDecay: Double?
  /// In steps.
  package let preconditionInterval: Int?
  package let damping: Double?
  package let schedule: Schedule.Shape?
  package let finalRateRatio: Double?
  package let warmUp: WarmUpChoice?
  /// A factor to the learning rate of the first layer; 0 when it is frozen.
  package let firstLayerRate: Double?
  package let precision: PrecisionChoice?
  package let batch: BatchChoice?
  package let steps: Int?
  package let epochs: Int?
  package let seed: UInt64?
  package let threads: Int?
  /// The share of the rows that training never sees.
  package let heldOutShare: Double?
  /// In dB.
  package let targetPSNR: Double?
  /// In seconds.
  package let timeLimit: Double?
  /// In seconds.
  package let checkpointInterval: Double?
  /// What the history shows besides the losses.
  package let tracking: TrainingConfiguration.Tracking?
  /// The folder of the run to go on with.
  package let resumedFolder: String?
  package let outputFolder: String?
  package let isQuiet: Bool
  package let printsJSON: Bool

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    optimizer = arguments[Self.optimizer]
    learningRate = arguments[Self.learningRate]
    beta1 = arguments[Self.beta1]
    beta2 = arguments[Self.beta2]
    epsilon = arguments[Self.epsilon]
    weightDecay = arguments[Self.weightDecay]
    preconditionInterval = arguments[Self.preconditionEvery]
    damping = arguments[Self.damping]
    schedule = arguments[Self.schedule]
    finalRateRatio = arguments[Self.finalRateRatio]
    warmUp = arguments[Self.warmUp]
    firstLayerRate =
      arguments[Self.freezeFirstLayer] ? 0 : arguments[Self.firstLayerRate]
    precision = arguments[Self.precision]
    batch = arguments[Self.batch]
    steps = arguments[Self.steps]
    epochs = arguments[Self.epochs]
    seed = arguments[Self.seed]
    threads = arguments[Self.threads]
    heldOutShare = arguments[Self.holdOut]
    targetPSNR = arguments[Self.targetPSNR]
    timeLimit = arguments[Self.timeLimit]
    checkpointInterval = arguments[Self.checkpointEvery]
    tracking = arguments[Self.track]
    resumedFolder = arguments[Self.resume]
    outputFolder = arguments[Self.output]
    isQuiet = arguments[Self.quiet]
    printsJSON = arguments[Self.json]
    try check(arguments)
  }

  private func check(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.exclude(
      Self.steps, Self.epochs, because: "both say how long the run is; give one of them")
    try arguments.exclude(
      Self.freezeFirstLayer, Self.firstLayerRate, because: "a frozen layer has no learning rate")
    try checkOptimizer(arguments)
    if let schedule, schedule != .exponential, arguments.isGiven(Self.finalRateRatio) {
      throw arguments.error(
        .notApplicable(
          option: "--final-rate-ratio",
          reason: "only the schedule exponential has one; \(schedule) was chosen"))
    }
    if case .steps(let warmUpSteps) = warmUp, let steps, warmUpSteps > steps {
      throw arguments.wrongValue(
        of: Self.warmUp, expected: "at most the \(steps) steps of the run")
    }
  }
}

extension TrainingOptions {
  /// Options of one optimizer are of no use to another.
  private func checkOptimizer(_ arguments: ParsedArguments) throws(UsageError) {
    let optimizer = optimizer ?? .adam
    func refuse(_ options: [any OptionDefinition], _ reason: String) throws(UsageError) {
      for option in options where arguments.isGiven(option) {
        throw arguments.error(
          .notApplicable(option: "--\(option.specification.name)", reason: reason))
      }
    }
    if optimizer != .kfac {
      try refuse([Self.damping], "only --optimizer kfac has one; \(optimizer) was chosen")
    }
    if optimizer == .adam {
      try refuse(
        [Self.preconditionEvery], "only --optimizer soap and kfac precondition; adam was chosen")
    }
    if optimizer == .kfac {
      try refuse(
        [Self.beta1, Self.beta2, Self.epsilon, Self.weightDecay],
        "only --optimizer adam and soap have it; kfac was chosen")
    }
  }
}

// MARK: - The table

extension TrainingOptions {
  package static let optimizer = Option(
    "optimizer", .choice(of: OptimizerChoice.self),
    help:
      "How gradients become steps. soap: Adam in the eigenbasis of each layer's gradients; as good as "
      + "adam by the step, at a higher price. kfac: natural gradients, which find their length "
      + "themselves (--learning-rate, at most 1, shortens them); with --batch full and --damping 1e-6 it "
      + "stores small pictures to more digits than adam in as many passes, with mini-batches it stays "
      + "behind adam. A pass costs three times as much, so that adam is there as soon.",
    default: "adam")
  package static let learningRate = Option(
    "learning-rate", .number(.positive(example: "1e-3")), placeholder: "RATE",
    help: "Learning rate at its highest.")
  package static let beta1 = Option(
    "beta1", .number(.range(0..<1)), help: "Adam's memory of gradients.", default: "0.9")
  package static let beta2 = Option(
    "beta2", .number(.range(0..<1)), help: "Adam's memory of squared gradients.",
    default: "0.999")
  package static let epsilon = Option(
    "epsilon", .number(.positive(example: "1e-8")),
    help: "What Adam adds to the root of the squared gradients.", default: "1e-8")
  package static let weightDecay = Option(
    "weight-decay", .number(.nonNegative), help: "Decoupled weight decay (AdamW).", default: "0")
  package static let preconditionEvery = Option(
    "precondition-every", .integer(.range(1...1_000_000)), placeholder: "STEPS",
    help: "Steps from one renewal of soap's bases or kfac's inverses to the next.",
    default: "10 (soap) or 5 (kfac)")
  package static let damping = Option(
    "damping", .number(.positive(example: "1")),
    help: "kfac's damping at the beginning; it adapts itself.", default: "0.01")
  package static let schedule = Option(
    "schedule", .choice(of: Schedule.Shape.self),
    help: "Course of the learning rate over the run.")
  package static let finalRateRatio = Option(
    "final-rate-ratio", .number(.positiveUpTo1), placeholder: "RATIO",
    help: "Where the schedule exponential ends, as a share of the highest rate.", default: "0.1")
  package static let warmUp = Option(
    "warm-up", .warmUp,
    help: "Let the learning rate rise from 0 over this share of the run, or this many steps.",
    default: "0")
  package static let firstLayerRate = Option(
    "first-layer-rate", .number(.nonNegative), placeholder: "FACTOR",
    help: "Multiply the learning rate of the first layer.")
  package static let freezeFirstLayer = Flag(
    "freeze-first-layer", help: "Leave the first layer as it was drawn; saves its gradient.")
  package static let precision = Option(
    "precision", .choice(of: PrecisionChoice.self),
    help:
      "How exact the factors of the layers' products are while the network trains; sums, parameters and "
      + "what is drawn of them are in single precision. bfloat16 factors make steps 1.4 to 1.8 times as "
      + "fast (1.1 behind a grid) where the processor multiplies them by itself (AVX512-BF16), and cost "
      + "0.1 dB at most up to some 50 dB; elsewhere they are slower.",
    default:
      "bfloat16 if the processor has it, but single for soap, kfac, a --target-psnr above "
      + "\(Int(roundedDecibels)), small pictures with --aim fit and the presets paper-…")
  /// Up to here rounded factors cost a tenth of a decibel at most.
  static let roundedDecibels = 50.0
  package static let batch = Option(
    "batch", .batch, help: "Rows of a step, or full for all of them.")
  package static let mostSteps = 1_000_000_000
  package static let steps = Option(
    "steps", .integer(.range(1...mostSteps)), help: "Length of the run in steps.")
  package static let epochs = Option(
    "epochs", .integer(.range(1...mostSteps)),
    help: "Length of the run in passes over the data.")
  package static let seed = Option(
    "seed", .seed, help: "Where all random numbers start.", default: "0")
  package static let threads = Option(
    "threads", .integer(.range(1...1024)),
    help: "Threads to compute with; the result does not depend on it.",
    default: "one per processor")
  package static let holdOut = Option(
    "hold-out", .number(.range(0..<1)), placeholder: "SHARE",
    help: "Keep this share of the data from training and report the error on it.", default: "0")
  package static let targetPSNR = Option(
    "target-psnr", .number(.positive(example: "35")), placeholder: "DB",
    help: "Stop once the PSNR of what is fitted reaches this.")
  package static let timeLimit = Option(
    "time-limit", .number(.positive(example: "60")), placeholder: "SECONDS",
    help:
      "Stop after this time; of a fit to a picture without --steps and --epochs, the length of the run."
  )
  package static let checkpointEvery = Option(
    "checkpoint-every", .number(.positive(example: "60")), placeholder: "SECONDS",
    help: "Time between two checkpoints.")
  package static let track = Option(
    "track", .tracking,
    help:
      "Measure the linear regions of a relu network along the run, for history.csv: their number "
      + "(in space, along random segments), the mean distance of random points to the nearest boundary, "
      + "and the mean local complexity around them (neurons that divide a small neighbourhood). Every N "
      + "steps, or about 20 times, most of them early, within a tenth of the time of training (or of two "
      + "seconds). Regions of a plane are also drawn, to the folder regions of the run.")
  package static let resume = Option(
    "resume", .text("the folder of an earlier run"), placeholder: "DIR",
    help: "Go on with the run whose checkpoint is in this folder.")
  package static let output = Option(
    "output", short: "o", .text("a folder"), placeholder: "DIR", help: "Where the results go.")
  package static let quiet = Flag(
    "quiet", short: "q", help: "Print no messages and no progress on standard error.")
  package static let json = Flag(
    "json", help: "Print the results as one JSON object on standard output.")

  package static var section: OptionSection {
    OptionSection(
      "Training",
      [
        optimizer, learningRate, beta1, beta2, epsilon, weightDecay, preconditionEvery,
        damping, schedule, finalRateRatio,
        warmUp, firstLayerRate, freezeFirstLayer, precision, batch, steps, epochs, seed, threads,
        holdOut,
        targetPSNR, timeLimit, checkpointEvery, track, resume, output, quiet, json,
      ])
  }
}

extension ValueReader where Value == BatchChoice {
  /// A number of rows, or the word `full`.
  package static var batch: ValueReader {
    let rule = IntegerRule.range(1...1_000_000_000)
    return ValueReader(placeholder: "N|full", expectation: "\(rule.expectation), or full") { text in
      if text == "full" { return .full }
      return Int(text).flatMap { rule.range.contains($0) ? .rows($0) : nil }
    }
  }
}

extension ValueReader where Value == WarmUpChoice {
  /// A share below 1, or a number of steps.
  package static var warmUp: ValueReader {
    ValueReader(
      placeholder: "SHARE|STEPS",
      expectation: "a share of the run below 1, e.g. 0.05, or a number of steps, e.g. 200"
    ) { text in
      if let steps = Int(text), steps >= 1 { return .steps(steps) }
      return NumberRule.range(0..<1).read(text).map { .share($0) }
    }
  }
}
