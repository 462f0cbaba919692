import ImageFitting
import Networks
import Testing
import Training
import inr

/// The options that several commands share, and what they refuse together.
struct SharedOptionTests {
  private static let specification = CommandSpecification(
    ["fit"], summary: "Fit.",
    sections: [NetworkOptions.section, TrainingOptions.section, ImageFitOptions.section])

  private static func parse(_ words: [String]) throws(UsageError) -> ParsedArguments {
    let program = Program(
      version: "0", summary: "", commands: [Command(specification) { _ in }])
    guard case .run(_, let arguments) = try program.parse(["fit"] + words) else {
      preconditionFailure("\(words) asks for something else than a run")
    }
    return arguments
  }

  private static func refusal(of words: [String]) -> String? {
    do {
      let arguments = try parse(words)
      _ = try NetworkOptions(arguments)
      _ = try TrainingOptions(arguments)
      _ = try ImageFitOptions(arguments)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func whatIsNotGivenIsLeftToTheTask() throws {
    let arguments = try Self.parse([])
    let network = try NetworkOptions(arguments)
    #expect(network.activation == nil && network.width == nil && network.weightGains == nil)
    #expect(network.constants.isEmpty && network.firstLayerConstants.isEmpty)
    let training = try TrainingOptions(arguments)
    #expect(training.learningRate == nil && training.batch == nil && training.seed == nil)
    #expect(training.firstLayerRate == nil && !training.isQuiet)
    let image = try ImageFitOptions(arguments)
    #expect(image.noise == nil && image.coordinates == nil)
  }

  @Test func everyConstantOfEveryActivationHasTwoOptions() throws {
    for type in ActivationTable.all {
      let constants = type.constants.map(\.name)
      let words = constants.flatMap { ["--\($0)", "0.25", "--first-\($0)", "0.5"] }
      let options = try NetworkOptions(Self.parse(["--activation", type.name] + words))
      let expected = Dictionary(uniqueKeysWithValues: constants.map { ($0, Float(0.25)) })
      #expect(options.constants == expected)
      #expect(options.firstLayerConstants == expected.mapValues { _ in 0.5 })
    }
  }

  @Test func aConstantOfAnotherActivationIsRefused() throws {
    #expect(
      Self.refusal(of: ["--activation", "sine", "--first-sigma0", "3"])
        == "inr fit: --first-sigma0: sine has no constant sigma0; it has omega0")
    #expect(
      Self.refusal(of: ["--activation", "relu", "--omega0", "3"])
        == "inr fit: --omega0: relu has no constant omega0; it has none")
    // The task checks the activation that it chose itself.
    let options = try NetworkOptions(Self.parse(["--omega0", "3"]))
    #expect(throws: UsageError.self) { try options.checkConstants(of: "gauss") }
    #expect(throws: Never.self) { try options.checkConstants(of: "wire") }
  }

  /// Adam divides by what is left of 1 in single precision.
  @Test(arguments: ["--beta1", "--beta2"]) func aMemoryThatRoundsUpTo1IsRefused(option: String) {
    #expect(
      Self.refusal(of: [option, "0.99999999"])
        == #"inr fit: \#(option): found "0.99999999", expected a number from 0 to below 1, e.g. 0.5"#
    )
    #expect(Self.refusal(of: [option, "0.9999999"]) == nil)
  }

  @Test func optionsThatExcludeEachOtherAreRefused() {
    let refused: [(words: [String], message: String)] = [
      (
        ["--steps", "5", "--epochs", "5"],
        "--steps and --epochs exclude each other: both say how long the run is; give one of them"
      ),
      (
        ["--freeze-first-layer", "--first-layer-rate", "0.5"],
        "--freeze-first-layer and --first-layer-rate exclude each other: "
          + "a frozen layer has no learning rate"
      ),
      (
        ["--frequencies", "5"],
        "--frequencies has no effect without --encoding; give both or neither"
      ),
      (
        ["--encoding", "none", "--frequencies", "5"],
        "--frequencies: the encoding none has no frequencies"
      ),
      (
        ["--encoding", "positional", "--frequencies", "25"],
        #"--frequencies: found "25", expected at most 24 frequencies for the positional encoding"#
      ),
      (
        ["--encoding", "grid", "--grid-finest", "2.5"],
        #"--grid-finest: found "2.5", expected whole numbers from 1 to 1048576"#
      ),
      (
        ["--encoding", "grid", "--grid-finest", "1e20"],
        #"--grid-finest: found "1e20", expected whole numbers from 1 to 1048576"#
      ),
      (
        ["--encoding", "grid", "--grid-finest", "64,9", "--grid-coarsest", "10"],
        #"--grid-coarsest: found "10", expected at most the 9 cells of --grid-finest"#
      ),
      (
        ["--encoding", "grid", "--frequencies", "5"],
        "--frequencies: the encoding grid has no frequencies"
      ),
      (
        ["--encoding", "grid", "--grid-levels", "0"],
        #"--grid-levels: found "0", expected a whole number from 1 to 64"#
      ),
      (
        ["--encoding", "positional", "--fourier-scale", "5"],
        "--fourier-scale: only the encoding fourier has a scale"
      ),
      (
        ["--precondition-every", "3"],
        "--precondition-every: only --optimizer soap and kfac precondition; adam was chosen"
      ),
      (
        ["--optimizer", "soap", "--damping", "0.1"],
        "--damping: only --optimizer kfac has one; soap was chosen"
      ),
      (
        ["--optimizer", "kfac", "--weight-decay", "0.1"],
        "--weight-decay: only --optimizer adam and soap have it; kfac was chosen"
      ),
      (
        ["--schedule", "linear", "--final-rate-ratio", "0.1"],
        "--final-rate-ratio: only the schedule exponential has one; linear was chosen"
      ),
      (
        ["--steps", "5", "--warm-up", "6"],
        #"--warm-up: found "6", expected at most the 5 steps of the run"#
      ),
      (
        ["--mask", "m.png", "--downsample", "2"],
        "--mask and --downsample exclude each other: "
          + "a mask names pixels, and --downsample sees only averages of them"
      ),
    ]
    for (words, message) in refused {
      #expect(Self.refusal(of: words) == "inr fit: " + message, "\(words)")
    }
  }

  @Test func valuesReachTheirPlaces() throws {
    let arguments = try Self.parse([
      "--encoding", "fourier", "--frequencies", "64", "--fourier-scale", "8", "--weight-gain",
      "1.5", "--batch", "full", "--warm-up", "0.05", "--freeze-first-layer", "--schedule",
      "exponential", "--final-rate-ratio", "0.2", "--noise", "photons=30", "--coordinates",
      "endpoints", "--hold-out", "0.75", "-q", "-o", "here",
    ])
    let network = try NetworkOptions(arguments)
    #expect(network.encoding == .fourier && network.frequencies == 64)
    #expect(network.fourierScale == .value(8))
    // One factor is for the layers behind the first.
    #expect(network.weightGains == [1, 1.5])
    let training = try TrainingOptions(arguments)
    #expect(training.batch == .full && training.warmUp == .share(0.05))
    #expect(training.firstLayerRate == 0)
    #expect(training.schedule == .exponential && training.finalRateRatio == 0.2)
    #expect(training.heldOutShare == 0.75 && training.isQuiet && training.outputFolder == "here")
    let image = try ImageFitOptions(arguments)
    #expect(image.noise == PictureNoise(photons: 30, readout: 0))
    #expect(image.coordinates == .endpoints)
  }

  @Test(arguments: [
    ("200", WarmUpChoice.steps(200)), ("1", .steps(1)), ("0", .share(0)), ("0.05", .share(0.05)),
  ])
  func warmUpIsAShareOrANumberOfSteps(text: String, choice: WarmUpChoice) throws {
    #expect(try TrainingOptions(Self.parse(["--warm-up", text])).warmUp == choice)
  }

  @Test(arguments: [
    "--warm-up=1.5", "--warm-up=-1", "--batch=0", "--batch=all", "--beta1=1", "--beta2=1.1",
    "--width=0", "--width=9223372036854775807", "--hidden-layers=-1", "--seed=-1", "--threads=0",
    "--time-limit=0", "--weight-gain=1,,2", "--weight-gain=0", "--noise=readout=2",
    "--downsample=0", "--final-rate-ratio=0", "--weight-decay=-1", "--epsilon=0",
  ])
  func aValueOutsideItsRangeIsRefused(word: String) {
    #expect(Self.refusal(of: [word]) != nil)
  }
}
