import inr

/// A command with every kind of option, for tests of the tables.
enum SampleCommand {
  static let photo = Operand.required("PHOTO", help: "The picture.")
  static let other = Operand.optional("OTHER", help: "Another one.")
  static let inputs = Operand.repeating("INPUT", help: "Files.")

  static let rate = Option("learning-rate", .number(.positive(example: "1e-3")), help: "Rate.")
  static let level = Option("level", .number(.any), help: "Level.", default: "0")
  static let share = Option("hold-out", .number(.range(0..<1)), help: "Share.")
  static let ratio = Option("ratio", .number(.range(0...1)), help: "Ratio.")
  static let decay = Option("decay", .number(.nonNegative), help: "Decay.")
  static let count = Option("steps", .integer(.atLeast(1)), help: "Steps.")
  static let layers = Option("layers", .integer(.range(0...9)), help: "Layers.")
  static let kind = Option("activation", .choice(["relu", "sine", "wire"]), help: "Kind.")
  static let size = Option("size", .size, help: "Size.")
  static let gains = Option("gains", .numbers(.positive), help: "Gains.")
  static let corners = Option("corners", .numbers(.any, count: 4), help: "Corners.")
  static let noise = Option(
    "noise",
    .settings(["photons": .positive, "readout": .nonNegative], example: "photons=30,readout=2"),
    help: "Noise.")
  static let seed = Option("seed", .seed, help: "Seed.")
  static let output = Option("output", short: "o", .text("a folder"), help: "Where to.")
  static let quiet = Flag("quiet", short: "q", help: "Say nothing.")
  static let verbose = Flag("verbose", short: "v", help: "Say more.")

  static let options: [any OptionDefinition] = [
    rate, level, share, ratio, decay, count, layers, kind, size, gains, corners, noise, seed,
    output, quiet, verbose,
  ]

  static let specification = CommandSpecification(
    ["fit", "image"], summary: "Fit a network to a picture.", operands: [photo, other],
    sections: [OptionSection("All", options)],
    examples: [.init("inr fit image photo.png", "The simplest call.")])

  static func program(
    run: @escaping @Sendable (ParsedArguments) throws -> Void = { _ in }
  ) -> Program {
    let fits = ["ct", "shape"].map { verb in
      Command(CommandSpecification(["fit", verb], summary: "Another fit."), run: run)
    }
    let files = CommandSpecification(["join"], summary: "Join files.", operands: [inputs])
    return Program(
      version: "1.2.3", summary: "a test",
      commands: [Command(specification, run: run)] + fits + [Command(files, run: run)])
  }

  /// What the program makes of `words` behind `fit image PHOTO`.
  static func parse(_ words: String...) throws(UsageError) -> ParsedArguments {
    try parse(all: ["fit", "image", "photo.png"] + words)
  }

  static func parse(all words: [String]) throws(UsageError) -> ParsedArguments {
    guard case .run(_, let arguments) = try program().parse(words) else {
      preconditionFailure("\(words) asks for something else than a run")
    }
    return arguments
  }

  /// The message for a wrong call.
  static func message(for words: String...) -> String? {
    do {
      _ = try program().parse(["fit", "image", "photo.png"] + words)
      return nil
    } catch {
      return error.description
    }
  }
}
