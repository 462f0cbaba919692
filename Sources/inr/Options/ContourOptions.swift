/// Which level lines are drawn, and where.
struct ContourOptions: OptionGroup {
  /// Which way the second coordinate runs in a drawing.
  enum YDirection: String, CaseIterable, Sendable {
    case up, down
  }

  let levels: [Double]?
  /// Along x, then along y.
  let box: [ClosedRange<Double>]?
  /// Nil: as the model says.
  let y: YDirection?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    let levels = arguments[Self.levelOption]
    if let levels, Set(levels).count != levels.count {
      throw arguments.wrongValue(of: Self.levelOption, expected: "each level once")
    }
    self.levels = levels
    y = arguments[Self.yOption]
    box = try arguments[Self.boundsOption].map { numbers throws(UsageError) in
      guard numbers[0] < numbers[1], numbers[2] < numbers[3] else {
        throw arguments.wrongValue(
          of: Self.boundsOption, expected: "a box with an area: x0 < x1 and y0 < y1")
      }
      return [numbers[0]...numbers[1], numbers[2]...numbers[3]]
    }
  }

  static let levelOption = Option(
    "level", .numbers(.any), placeholder: "VALUE,...",
    help: "The lines are where the network has this value, or one of these.",
    default: "0; 0.5 for a picture")
  static let boundsOption = Option(
    "bounds", .numbers(.any, count: 4), placeholder: "X0,X1,Y0,Y1",
    help: "Where to look, in the network's coordinates.",
    default: "the box that the file tells, else -1 to 1")
  static let yOption = Option(
    "y", .choice(of: YDirection.self), placeholder: "up|down",
    help: "Which way y runs in a drawing.", default: "down for a picture, else up")

  static var section: OptionSection {
    OptionSection("Lines", [levelOption, OutputChoice.option, boundsOption, yOption])
  }
}
