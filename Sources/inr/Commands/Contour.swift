import Compute
import Foundation
import Meshes
import Networks
import SplineGeometry

extension Command {
  static let contour = Command(
    CommandSpecification(
      ["contour"], summary: "Draw the exact level lines of a network of two coordinates.",
      discussion: [
        "A network whose hidden layers are all relu or leaky-relu, without encoding, is affine in each of "
          + "many convex regions. Its level lines consist of straight segments, one a region, and these are "
          + "found exactly: no line is missed, and those that close are closed. Lines have the lower values "
          + "on their left.",
        "Coordinates in .obj and .npy files are the network's own, as inr evaluate takes them. A drawing "
          + "shows the box with y upwards; of a picture's network the picture as it is, with y downwards.",
      ],
      operands: [ContourRun.model],
      sections: [
        ContourOptions.section,
        OptionSection(
          "Output", [ContourRun.output, TrainingOptions.quiet, TrainingOptions.json]),
        ModelOptions.section, ModelOptions.splines,
      ],
      examples: [
        .init("inr contour model.safetensors -o lines.svg", "where the network is 0"),
        .init(
          "inr contour model.safetensors --level=-0.2,-0.1,0,0.1,0.2 --bounds 0,2,0,1", "a map"),
        .init(
          "inr contour classifier.safetensors --output-index 0-1 -o boundary.npy",
          "the boundary between two classes, as an array of segments"),
      ]),
    run: { try ContourRun($0).run() })
}

/// One call of `inr contour`.
struct ContourRun {
  static let model = Operand.required("MODEL", help: "A safetensors or ONNX file.")
  static let output = Option(
    "output", short: "o", .text("a .svg, .obj or .npy file"), placeholder: "FILE",
    help:
      "Where the lines go: a drawing; vertices and lines; or float64 [segments, 2, 2], the ends of "
      + "each segment, in the order of levels and lines.",
    default: "the name of MODEL with .svg")

  /// The lines of one level, and what there is to say about them.
  struct Level: Encodable {
    let level: Double
    let lines: Int
    let closedLines: Int
    let segments: Int
    /// A vertex at which lines meet counts once.
    let vertices: Int
    let length: Double
    let exact: ExactFigures
  }

  struct Record: Encodable {
    let output: String
    let outputIndex: String
    /// x0, x1, y0, y1.
    let box: [Double]
    let lines: Int
    let closedLines: Int
    let segments: Int
    let length: Double
    /// Until the lines were there; and until they were checked and written.
    let extractionSeconds: Double
    let seconds: Double
    let levels: [Level]
  }

  let arguments: ParsedArguments
  let path: String
  let options: ContourOptions
  let model: ModelOptions
  let console: Console
  let workers: Workers

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments[Self.model]
    options = try ContourOptions(arguments)
    model = try ModelOptions(arguments)
    console = Console(arguments[TrainingOptions.quiet] ? .quiet : .normal)
    workers = Workers(count: model.threads ?? Workers.processorCount)
  }

  func run() throws {
    let start = ContinuousClock.now
    let output =
      arguments[Self.output]
      ?? URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".svg"
    guard let format = ContourFormat(endingOf: output) else {
      throw ContourCommandError.unknownEnding(path: output)
    }
    let file = try SplineModel.read(path, model, telling: console)
    let spline = try spline(of: file)
    let choice = try OutputChoice.read(
      arguments, outputs: spline.outputs, path: path, telling: console)
    let box = options.box ?? file.declaredBox(inputs: 2) ?? [-1...1, -1...1]
    let levels = options.levels ?? [file.model?.isPicture == true ? 0.5 : 0]
    let domain = try naming(path) { () throws(SplineNetworkError) in
      try SplineDomain.rectangle(x: box[0], y: box[1])
    }
    let contours = try levels.map { level in
      try naming(path) { () throws(SplineNetworkError) in
        try spline.levelContour(of: choice, level: level, in: domain, workers: workers)
      }
    }
    let extracted = ContinuousClock.now - start
    try checkReached(levels, contours, spline, choice, box)
    let figures = try zip(levels, contours).map { level, contour in
      Level(
        level, contour,
        try naming(path) { () throws(SplineNetworkError) in
          try spline.deviation(of: contour, from: level, output: choice, workers: workers)
        })
    }
    let drawing = ContourDrawing(
      lines: zip(levels, contours).map { ($0, $1.polylines) },
      frame: ContourDrawing.Frame(box: box, model: file.model, y: options.y))
    try AtomicFile.write(drawing.encoded(as: format), to: output)
    let record = Record(
      output: output, outputIndex: choice.text,
      box: box.flatMap { [$0.lowerBound, $0.upperBound] },
      lines: figures.reduce(0) { $0 + $1.lines },
      closedLines: figures.reduce(0) { $0 + $1.closedLines },
      segments: figures.reduce(0) { $0 + $1.segments },
      length: figures.reduce(0) { $0 + $1.length }, extractionSeconds: extracted / .seconds(1),
      seconds: (ContinuousClock.now - start) / .seconds(1), levels: figures)
    tell(record)
    guard arguments[TrainingOptions.json] else { return }
    try StandardOutput.write(try jsonText(record) + "\n")
  }

  private func spline(of file: SplineModel) throws -> SplineNetwork {
    guard file.inputs == 2 else {
      throw ContourCommandError.notInThePlane(path: path, inputs: file.inputs)
    }
    do throws(SplineNetworkError) {
      return try file.spline.get()
    } catch {
      throw ContourCommandError.noSpline(path: path, error)
    }
  }

  /// Throws if no level is reached; tells which are not.
  private func checkReached(
    _ levels: [Double], _ contours: [LevelContour], _ spline: SplineNetwork,
    _ choice: ScalarOutput, _ box: [ClosedRange<Double>]
  ) throws {
    let missed = zip(levels, contours).filter { $1.polylines.isEmpty }
    guard !missed.isEmpty else { return }
    guard missed.count == levels.count else {
      let texts = missed.map { shortText($0.0) }.joined(separator: ", ")
      return console.message("not reached in the box: \(texts)")
    }
    let count = 257
    let range = try naming(path) { () throws(SplineNetworkError) in
      try spline.sampledRange(
        of: choice,
        in: Box(
          lower: [box[0].lowerBound, box[1].lowerBound, 0],
          upper: [box[0].upperBound, box[1].upperBound, 0]),
        counts: [count, count, 1], workers: workers)
    }
    throw ContourCommandError.levelNotReached(
      path: path, levels: levels, samples: count * count, range: range,
      flatCells: contours.reduce(0) { $0 + $1.report.flatCellCount })
  }

  private func tell(_ record: Record) {
    let deviation = record.levels.map(\.exact.largestDeviation).max() ?? 0
    let regions = record.levels.reduce(0) { $0 + $1.exact.visitedRegions }
    console.message(
      "\(record.output): \(counted(record.lines, "line")) (\(record.closedLines) closed), "
        + "\(counted(record.segments, "segment")), length \(MeshFigures.text(record.length))")
    console.message(
      "exact, the field is within \(String(format: "%.2g", deviation)) of the level, "
        + "\(counted(regions, "region")) visited")
    for level in record.levels {
      for warning in level.exact.warnings {
        console.message("warning: level \(shortText(level.level)): \(warning)")
      }
    }
  }
}

extension ContourRun.Level {
  fileprivate init(_ level: Double, _ contour: LevelContour, _ deviation: LevelDeviation) {
    self.level = level
    lines = contour.polylines.count
    closedLines = contour.polylines.count(where: \.isClosed)
    segments = contour.segmentCount
    vertices = Set(contour.polylines.lazy.flatMap(\.points)).count
    length = contour.length
    exact = ExactFigures(deviation, contour.report, ofSurface: false)
  }
}

extension Model {
  /// Whether the network was fitted to a picture or a slice, so that its second coordinate runs
  /// downwards.
  var isPicture: Bool { axes != nil }
}
