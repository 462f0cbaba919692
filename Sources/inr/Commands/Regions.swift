import Compute
import Foundation
import Networks
import SplineGeometry

extension Command {
  static let regions = Command(
    CommandSpecification(
      ["regions"],
      summary: "Divide the plane, or a plane of the inputs, into a network's linear regions.",
      discussion: [
        "A network whose hidden layers are all relu or leaky-relu, without encoding, is affine in each of "
          + "many convex regions. All of those inside a box or a convex polygon are found exactly, with "
          + "their vertices and edges, the neuron that bends at each edge, and the affine map of each.",
        "Networks of three or more coordinates are looked at in a plane, or along a segment, on which the "
          + "pieces are found.",
      ],
      operands: [RegionsRun.model],
      sections: [
        RegionOptions.section, RegionOptions.drawing,
        OptionSection(
          "Output", [RegionsRun.output, TrainingOptions.quiet, TrainingOptions.json]),
        ModelOptions.section, ModelOptions.splines,
      ],
      examples: [
        .init("inr regions model.safetensors", "a drawing, coloured by slope, and the counts"),
        .init(
          "inr regions model.safetensors --layers --color layer -o layers.png", "layer by layer"),
        .init(
          "inr regions solid.safetensors --plane '0,0,0;1,0,0;0,1,0' -o slice.svg,slice.npz",
          "the plane z = 0 of a solid, with all numbers"),
        .init(
          "inr regions solid.safetensors --segment='-1,0,0;1,0,0' --json", "the pieces of a line"),
      ]),
    run: { try RegionsRun($0).run() })
}

/// One call of `inr regions`.
struct RegionsRun {
  static let model = Operand.required("MODEL", help: "A safetensors or ONNX file.")
  static let output = Option(
    "output", short: "o", .text("files with the endings .svg, .png, .json or .npz"),
    placeholder: "FILE,...",
    help:
      "Where the results go, several with commas between them: a drawing, or all regions as JSON or "
      + "as NumPy arrays.",
    default: "the name of MODEL with .svg")

  let arguments: ParsedArguments
  let path: String
  let options: RegionOptions
  let model: ModelOptions
  let console: Console
  let workers: Workers
  let outputs: [(path: String, format: RegionFormat)]
  private let start = ContinuousClock.now

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments[Self.model]
    options = try RegionOptions(arguments)
    model = try ModelOptions(arguments)
    console = Console(arguments[TrainingOptions.quiet] ? .quiet : .normal)
    workers = Workers(count: model.threads ?? Workers.processorCount)
    let names =
      arguments[Self.output].map { $0.split(separator: ",").map(String.init) }
      ?? [URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".svg"]
    outputs = try names.map { name in
      guard let format = RegionFormat(endingOf: name) else {
        throw RegionsCommandError.unknownEnding(path: name)
      }
      return (name, format)
    }
  }

  func run() throws {
    let file = try SplineModel.read(path, model, telling: console)
    let spline = try naming { () throws(SplineNetworkError) in try file.spline.get() }
    guard options.segment == nil, spline.inputs > 1 else { return try runLine(file, spline) }
    try runPlane(file, spline)
  }

  private func runPlane(_ file: SplineModel, _ spline: SplineNetwork) throws {
    let slice = try slice(of: spline)
    let planar = try naming { () throws(SplineNetworkError) in
      if let slice { try spline.restricted(to: slice) } else { spline }
    }
    let choice = try OutputChoice.read(
      arguments, outputs: spline.outputs, path: path, telling: console)
    let level = options.level ?? (file.model?.isPicture == true ? 0.5 : 0)
    let (domain, box) = try domain(of: file, slice)
    let partition = try partition(planar, domain)
    let partitionSeconds = secondsSoFar
    let contour = try naming { () throws(SplineNetworkError) in
      try planar.levelContour(of: choice, level: level, in: domain, workers: workers)
    }
    let layers = try options.showsLayers ? layerPartitions(planar, domain, partition) : nil
    let slopes = RegionSlopes(partition)
    var record = RegionRecord(
      outputs: outputs.map(\.path), partition, slopes, contour, level: level, choice: choice,
      layers: layers, spline: spline, slice: slice, partitionSeconds: partitionSeconds)
    let files = RegionFiles(
      picture: {
        let frame = ContourDrawing.Frame(
          box: box, model: slice == nil ? file.model : nil, y: options.y,
          longestSide: Double(options.size ?? (layers == nil ? 800 : 400)))
        return RegionDrawing(
          panels: panels(partition, slopes, contour, layers), frame: frame,
          coloring: options.coloring,
          layerCount: spline.hiddenUnits.count
        ).picture
      },
      arrays: { NamedArrays(partition, contour.polylines, slice: slice) },
      summary: try jsonText(record))
    try files.write(to: outputs)
    record.seconds = secondsSoFar
    tell(record)
    try printJSON(record)
    guard partition.isComplete else {
      throw RegionsCommandError.tooManyRegions(
        path: path, count: partition.regionCount, outputs: outputs.map(\.path))
    }
  }

  // MARK: - Where

  private func slice(of spline: SplineNetwork) throws -> AffineSlice? {
    guard let plane = options.plane else {
      guard spline.inputs == 2 else {
        throw RegionsCommandError.noPlane(path: path, inputs: spline.inputs)
      }
      return nil
    }
    return try plane.slice(of: spline, arguments)
  }

  /// The domain, and the box around it.
  private func domain(
    of file: SplineModel, _ slice: AffineSlice?
  ) throws -> (SplineDomain, [ClosedRange<Double>]) {
    if let polygon = options.polygon {
      do throws(SplineNetworkError) {
        let (x, y) = (polygon.map(\.x), polygon.map(\.y))
        return (
          try .polygon(polygon),
          [(x.min() ?? 0)...(x.max() ?? 0), (y.min() ?? 0)...(y.max() ?? 0)]
        )
      } catch {
        throw arguments.wrongValue(
          of: RegionOptions.polygonOption,
          expected: "the corners of a convex polygon, one after another, with an area")
      }
    }
    let declared = slice == nil ? file.declaredBox(inputs: 2) : nil
    let box = options.bounds ?? declared ?? [-1...1, -1...1]
    guard box.count == 2 else {
      throw arguments.wrongValue(
        of: RegionOptions.boundsOption, expected: "4 numbers: S0,S1,T0,T1")
    }
    return try naming { () throws(SplineNetworkError) in
      (try .rectangle(x: box[0], y: box[1]), box)
    }
  }

  // MARK: - Regions

  private func partition(
    _ spline: SplineNetwork, _ domain: SplineDomain
  ) throws -> PlanarPartition {
    let progress = SearchProgress(console)
    defer { progress.finish() }
    return try naming { () throws(SplineNetworkError) in
      try spline.partition(of: domain, maximum: options.maximum, workers: workers) {
        progress.show($0, of: $1)
      }
    }
  }

  /// Of the first hidden layer, of the first two, and so on; the last is `whole`.
  private func layerPartitions(
    _ spline: SplineNetwork, _ domain: SplineDomain, _ whole: PlanarPartition
  ) throws -> [PlanarPartition] {
    let count = spline.hiddenUnits.count
    return try (1..<max(count, 1)).map {
      try partition(spline.truncated(toHiddenLayers: $0), domain)
    } + [whole]
  }

  private func panels(
    _ partition: PlanarPartition, _ slopes: RegionSlopes, _ contour: LevelContour,
    _ layers: [PlanarPartition]?
  ) -> [RegionDrawing.Panel] {
    guard let layers else {
      return [.init(caption: nil, partition: partition, lines: contour.polylines, slopes: slopes)]
    }
    return layers.enumerated().map { layer, partition in
      RegionDrawing.Panel(
        caption: "layer \(layer + 1): \(counted(partition.regionCount, "region"))",
        partition: partition, lines: layer == layers.count - 1 ? contour.polylines : [],
        newestLayer: layer)
    }
  }

  // MARK: - Results

  private func tell(_ record: RegionRecord) {
    console.message(
      "\(outputNames): \(counted(record.regions, "region")), \(counted(record.edges, "edge")), "
        + "area \(MeshFigures.text(record.area)), boundaries \(MeshFigures.text(record.boundaryLength)) "
        + "long, level set \(MeshFigures.text(record.levelSetLength))")
    if record.unresolvedCuts > 0 || record.complete && record.looseEdges > 0 {
      console.message(
        "warning: neurons nearly coincide: \(counted(record.looseEdges, "edge")) without a second "
          + "region, \(counted(record.unresolvedCuts, "cut")) left out in slivers")
    }
  }

  var outputNames: String { outputs.map(\.path).joined(separator: ", ") }
  var secondsSoFar: Double { (ContinuousClock.now - start) / .seconds(1) }

  func printJSON(_ record: some Encodable) throws {
    guard arguments[TrainingOptions.json] else { return }
    try StandardOutput.write(try jsonText(record) + "\n")
  }

  func naming<Result>(
    _ body: () throws(SplineNetworkError) -> Result
  ) throws(RegionsCommandError) -> Result {
    do throws(SplineNetworkError) { return try body() } catch {
      throw .noSpline(path: path, error)
    }
  }
}
