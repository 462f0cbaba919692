import Compute
import Foundation
import Meshes
import Networks
import SplineGeometry

extension Command {
  static let measure = Command(
    CommandSpecification(
      ["measure"], summary: "Measure a ReLU network: regions, distances, norms, kernels.",
      discussion: [
        "What the spline theory of networks defines, computed exactly where that is possible, and "
          + "otherwise at a stated sample with its standard error. Documentation/Measures.md has each "
          + "measure's definition, unit and source.",
        "With --plane or --through the network is looked at in a plane of its inputs, with the "
          + "coordinates s and t; norms and measures of the weights stay those of the whole network.",
      ],
      operands: [MeasureRun.model],
      sections: [
        MeasureOptions.section, MeasureOptions.places,
        OptionSection(
          "Output", [MeasureRun.output, TrainingOptions.quiet, TrainingOptions.json]),
        ModelOptions.section, ModelOptions.splines,
      ],
      examples: [
        .init("inr measure model.safetensors", "everything, at 1000 random points"),
        .init(
          "inr measure model.safetensors --only regions,lipschitz --bounds 0,1,0,1 --json",
          "some of it, in a box"),
        .init(
          "inr measure model.safetensors --only distance,complexity -o outputs/measures",
          "with arrays, and maps as pictures"),
        .init(
          "inr measure classifier.onnx --at 0.5,0.5", "the affine map at a point"),
        .init(
          "inr measure model.safetensors --only fisher-rao --points x.npy --targets y.npy",
          "a norm that depends on data"),
      ]),
    run: { try MeasureRun($0).run() })
}

/// One call of `inr measure`.
struct MeasureRun {
  static let model = Operand.required("MODEL", help: "A safetensors or ONNX file.")
  static let output = Option(
    "output", short: "o", .text("a folder"), placeholder: "DIR",
    help:
      "A folder for arrays (distances, maps, kernels, samples) and pictures, and measures.json.",
    default: "the figures are printed, nothing is written")

  let arguments: ParsedArguments
  let path: String
  let options: MeasureOptions
  let plane: RegionOptions.Plane?
  let model: ModelOptions
  let console: Console

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments[Self.model]
    options = try MeasureOptions(arguments)
    plane = RegionOptions.Plane(arguments)
    model = try ModelOptions(arguments)
    console = Console(arguments[TrainingOptions.quiet] ? .quiet : .normal)
  }

  func run() throws {
    let file = try SplineModel.read(path, model, telling: console)
    if let soft = try softPartition(of: file) { return try runSoft(soft, file) }
    let context = try context(of: file)
    let measures = try measures(in: context)
    var printing = MeasurePrinting(
      folder: context.folder, isJSON: arguments[TrainingOptions.json], console: console)
    if let place = try place(in: context) {
      try checkPlace(place, context)
      try printing.add("affine-map", try context.affineMap(at: place))
    }
    for measure in measures {
      console.message("measuring \(measure.rawValue) ...")
      try printing.add(measure.rawValue, try naming { try measure.take(in: context) })
    }
    try printing.finish()
    if let count = context.shared?.shortCount {
      throw MeasureCommandError.tooManyRegions(path: path, count: count)
    }
  }

  // MARK: - Soft networks

  /// The soft regions of a network of soft ReLUs; nil of others.
  private func softPartition(of file: SplineModel) throws -> SoftPartition? {
    guard case .failure = file.spline, let network = file.model?.network,
      network.layers.dropLast().contains(where: { $0.activation is SoftReLU })
    else { return nil }
    do { return try SoftPartition(network) } catch {
      throw MeasureCommandError.notSoft(path: path, error)
    }
  }

  /// A network of soft ReLUs has no regions but soft ones, with the betas of its layers.
  private func runSoft(_ soft: SoftPartition, _ file: SplineModel) throws {
    guard options.only == [.entropy], options.place == nil, plane == nil else {
      throw MeasureCommandError.onlyEntropy(path: path)
    }
    let box = try box(of: file, inputs: soft.inputs, isWhole: true)
    let given = try options.pointsPath.map { try rows(of: $0, columns: soft.inputs, "points") }
    let points = given ?? drawnPoints(box)
    let folder = try arguments[Self.output].map { try MeasureFolder(path: $0) }
    var printing = MeasurePrinting(
      folder: folder, isJSON: arguments[TrainingOptions.json], console: console)
    let entropy = SoftEntropy(
      soft, "of the network's own betas", points,
      pointsText: MeasureContext.text(of: points, areGiven: given != nil),
      map: PixelMap(box: box, orientation: orientation(of: file)))
    try printing.add(
      Measure.entropy.rawValue,
      try entropy.result(folder, Workers(count: model.threads ?? Workers.processorCount)))
    try printing.finish()
  }

  /// Those asked for, or all usual ones that the network has.
  private func measures(in context: MeasureContext) throws -> [Measure] {
    if let only = options.only {
      for measure in only {
        if let obstacle = measure.obstacle(in: context) {
          throw MeasureCommandError.impossible(path: path, measure: measure.rawValue, obstacle)
        }
      }
      return only
    }
    guard options.place == nil, options.pointNumber == nil else { return [] }
    return Measure.allCases.filter { measure in
      guard measure.isUsual || measure == .fisherRao && context.targets != nil else { return false }
      guard let obstacle = measure.obstacle(in: context) else { return true }
      console.message("no \(measure.rawValue): \(obstacle)")
      return false
    }
  }

  // MARK: - What is looked at

  private func context(of file: SplineModel) throws -> MeasureContext {
    let network: SplineNetwork
    do throws(SplineNetworkError) { network = try file.spline.get() } catch {
      throw MeasureCommandError.noSpline(path: path, error)
    }
    let slice = try plane?.slice(of: network, arguments)
    let spline = try naming { try slice.map { try network.restricted(to: $0) } ?? network }
    let box = try box(of: file, inputs: spline.inputs, isWhole: slice == nil)
    let given = try options.pointsPath.map { try rows(of: $0, columns: network.inputs, "points") }
    let points = given ?? drawnPoints(box)
    let output = try outputChoice(of: network)
    let domain = try domain(box)
    let workers = Workers(count: model.threads ?? Workers.processorCount)
    return MeasureContext(
      network: network, slice: slice, spline: spline, box: box, domain: domain,
      shared: domain.flatMap { domain in
        spline.inputs == 2
          ? SharedPartition(spline, of: domain, maximum: options.maximum, workers: workers) : nil
      },
      points: points, pointsAreGiven: given != nil,
      targets: try options.targetsPath.map {
        try rows(of: $0, columns: network.outputs, "targets", count: points.count)
      },
      errors: try options.errorsPath.map {
        try rows(of: $0, columns: 1, "errors", count: points.count).map { $0[0] }
      },
      output: output, orientation: slice == nil ? orientation(of: file) : .up, options: options,
      folder: try arguments[Self.output].map { try MeasureFolder(path: $0) },
      workers: workers)
  }

  private func orientation(of file: SplineModel) -> PixelMap.Orientation {
    switch file.model?.axes {
    case nil: .up
    case .xy: .down
    case .yx: .transposed
    }
  }

  private func outputChoice(of network: SplineNetwork) throws -> ScalarOutput? {
    guard arguments.isGiven(OutputChoice.option) else { return nil }
    return try OutputChoice.read(
      arguments, outputs: network.outputs, path: path, telling: console)
  }

  private func box(
    of file: SplineModel, inputs: Int, isWhole: Bool
  ) throws -> [ClosedRange<Double>] {
    guard let numbers = arguments[MeasureOptions.boundsOption] else {
      return (isWhole ? file.declaredBox(inputs: inputs) : nil)
        ?? Array(repeating: -1...1, count: inputs)
    }
    guard numbers.count == 2 * inputs else {
      throw arguments.wrongValue(
        of: MeasureOptions.boundsOption,
        expected: "\(2 * inputs) numbers, the ends along " + counted(inputs, "coordinate"))
    }
    return try stride(from: 0, to: numbers.count, by: 2).map { k in
      guard numbers[k] < numbers[k + 1] else {
        throw arguments.wrongValue(
          of: MeasureOptions.boundsOption, expected: "ends in ascending order along each coordinate"
        )
      }
      return numbers[k]...numbers[k + 1]
    }
  }

  private func domain(_ box: [ClosedRange<Double>]) throws -> SplineDomain? {
    try naming {
      switch box.count {
      case 2: try .rectangle(x: box[0], y: box[1])
      case 3:
        try .box(
          Box(
            lower: SIMD3(box[0].lowerBound, box[1].lowerBound, box[2].lowerBound),
            upper: SIMD3(box[0].upperBound, box[1].upperBound, box[2].upperBound)))
      default: nil
      }
    }
  }

  private func drawnPoints(_ box: [ClosedRange<Double>]) -> [[Double]] {
    var random = SplitMix64(seed: options.seed)
    return (0..<options.sampleCount).map { _ in
      box.map { $0.lowerBound + random.nextUnit() * ($0.upperBound - $0.lowerBound) }
    }
  }

  /// The rows of an array [rows, columns]; of one column, [rows] will do.
  private func rows(
    of path: String, columns: Int, _ what: String, count: Int? = nil
  ) throws -> [[Double]] {
    let array = try NumpyArray.read(path)
    let shape = array.shape.count == 1 && columns == 1 ? [array.shape[0], 1] : array.shape
    guard shape.count == 2, shape[1] == columns, shape[0] > 0, count.map({ $0 == shape[0] }) ?? true
    else {
      throw MeasureCommandError.wrongArray(
        path: path, what: what, found: array.shape, columns: columns, rows: count)
    }
    let numbers = array.elements.map(Double.init)
    guard numbers.allSatisfy(\.isFinite) else {
      throw MeasureCommandError.notFinite(path: path)
    }
    return (0..<shape[0]).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
  }

  /// Where the affine map is asked for.
  private func place(in context: MeasureContext) throws(UsageError) -> [Double]? {
    guard let number = options.pointNumber else { return options.place }
    guard number < context.points.count else {
      throw arguments.wrongValue(
        of: MeasureOptions.atPointOption,
        expected: "the number of one of the \(counted(context.points.count, "point")), from 0")
    }
    return context.points[number]
  }

  private func checkPlace(_ place: [Double], _ context: MeasureContext) throws {
    let inputs = context.spline.inputs
    guard place.count == inputs else {
      throw arguments.wrongValue(
        of: MeasureOptions.atOption, expected: "a point of " + counted(inputs, "coordinate"))
    }
    if let size = options.filterSize, size.width * size.height != inputs {
      throw arguments.wrongValue(
        of: MeasureOptions.filterSizeOption,
        expected: "a size whose pixels are the network's \(inputs) coordinates")
    }
  }

  private func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as SplineNetworkError {
      throw MeasureCommandError.noSpline(path: path, error)
    }
  }
}
