import Compute
import Networks

extension Command {
  static let evaluate = Command(
    CommandSpecification(
      ["evaluate"], summary: "Compute a network's values, and their derivatives, at given points.",
      operands: [Evaluation.model, Evaluation.coordinates],
      sections: [
        OptionSection("Output", [Evaluation.output, Evaluation.jacobian]), ModelOptions.section,
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
  static let model = Operand.required("MODEL", help: "A safetensors file.")
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
    let model = try readModel(arguments[Self.model], options, telling: Console(.normal))
    let network = model.network
    let path = arguments[Self.coordinates]
    let array = try NumpyArray.read(path)
    guard array.shape.count == 2, array.shape[1] == network.inputs else {
      throw CommandError.wrongCoordinates(path: path, found: array.shape, inputs: network.inputs)
    }
    let points = Matrix(rows: array.shape[0], columns: network.inputs, elements: array.elements)
    let workers = Workers(count: options.threads ?? Workers.processorCount)
    let shape = [points.rows, network.outputs]
    if let path = arguments[Self.output] {
      let values = network.values(at: points, workers: workers)
      try NumpyArray(shape: shape, elements: values.elements).write(to: path)
    }
    if let path = arguments[Self.jacobian] {
      let slopes = network.jacobian(at: points, workers: workers)
      try NumpyArray(shape: shape + [network.inputs], elements: slopes.elements).write(to: path)
    }
  }
}
