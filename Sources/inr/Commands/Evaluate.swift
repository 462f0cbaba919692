import Compute
import Networks
import SplineGeometry

extension Command {
  static let evaluate = Command(
    CommandSpecification(
      ["evaluate"], summary: "Compute a network's values, and their derivatives, at given points.",
      operands: [Evaluation.model, Evaluation.coordinates],
      sections: [
        OptionSection("Output", [Evaluation.output, Evaluation.jacobian]), ModelOptions.section,
        ModelOptions.splines,
      ],
      examples: [
        .init(
          "inr evaluate model.safetensors points.npy -o values.npy --jacobian slopes.npy",
          "rows of coordinates in, rows of values out")
      ]),
    run: { try Evaluation($0).run() })
}

/// One call of `inr evaluate`.
private struct Evaluation {
  static let model = Operand.required("MODEL", help: "A safetensors or ONNX file.")
  static let coordinates = Operand.required(
    "COORDINATES.npy", help: "An array [points, coordinates].")
  static let output = Option(
    "output", short: "o", .text("a .npy file"), placeholder: "VALUES.npy",
    help: "Where the values [points, outputs] go, as float32.")
  static let jacobian = Option(
    "jacobian", .text("a .npy file"), placeholder: "J.npy",
    help: "Where the derivatives [points, outputs, coordinates] go, as float32.")

  let arguments: ParsedArguments
  let options: ModelOptions

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    options = try ModelOptions(arguments)
    guard arguments.isGiven(Self.output) || arguments.isGiven(Self.jacobian) else {
      throw arguments.error(
        .missingOperand(name: "--output or --jacobian", help: "where the results go"))
    }
    if let path = arguments[Self.output], path == arguments[Self.jacobian] {
      throw arguments.error(
        .conflict("--output", "--jacobian", reason: "\(quoted(path)) cannot hold both results"))
    }
  }

  func run() throws {
    let model = try SplineModel.read(arguments[Self.model], options, telling: Console(.normal))
    let path = arguments[Self.coordinates]
    let array = try NumpyArray.read(path)
    guard array.shape.count == 2, array.shape[1] == model.inputs else {
      throw CommandError.wrongCoordinates(path: path, found: array.shape, inputs: model.inputs)
    }
    let points = Matrix(rows: array.shape[0], columns: model.inputs, elements: array.elements)
    let workers = Workers(count: options.threads ?? Workers.processorCount)
    let shape = [points.rows, model.outputs]
    if let path = arguments[Self.output] {
      let values = try model.values(at: points, workers: workers)
      try NumpyArray(shape: shape, elements: values).write(to: path)
    }
    if let path = arguments[Self.jacobian] {
      let slopes = try model.jacobian(at: points, workers: workers)
      try NumpyArray(shape: shape + [model.inputs], elements: slopes).write(to: path)
    }
  }
}

extension SplineModel {
  /// `[points, outputs]`
  fileprivate func values(at points: Matrix, workers: Workers) throws -> [Float] {
    if let network = wholeNetwork { return network.values(at: points, workers: workers).elements }
    let values = try spline.get().values(at: points.numbers, workers: workers)
    return values.flatMap { $0 }.map { Float($0) }
  }

  /// `[points, outputs, coordinates]`
  fileprivate func jacobian(at points: Matrix, workers: Workers) throws -> [Float] {
    if let network = wholeNetwork { return network.jacobian(at: points, workers: workers).elements }
    let spline = try spline.get()
    let rows = points.numbers
    let slopes = workers.map(rows.count) { _, row in
      spline.affineMap(of: spline.pattern(at: rows[row])).gradients.map { Float($0) }
    }
    return slopes.flatMap { $0 }
  }

  /// The network of a plain chain of layers, unless inputs are fixed.
  private var wholeNetwork: Network? {
    model.flatMap { $0.network.inputs == inputs ? $0.network : nil }
  }
}

extension Matrix {
  /// Row by row.
  fileprivate var numbers: [[Double]] {
    (0..<rows).map { row in (0..<columns).map { Double(self[row, $0]) } }
  }
}
