/// Makes a piecewise-affine graph of an ONNX graph, node by node.
///
/// Arrays that depend on the input have any number of leading axes, which count points, and then one
/// of features; only the latter's length matters. All others are constants, and are computed here.
struct ONNXGraphReader {
  /// An array that depends on the input.
  struct Signal {
    var value: PiecewiseAffineGraph.Value
    /// The number of axes.
    var rank: Int
    /// Whether the last axis is one of features; if not, there is one number for each point.
    var hasFeatures = true
    /// A strictly increasing function that was left out behind the values.
    var omitted: Omitted?

    /// The features' axis; `nil` if there is none.
    var axis: Int? { hasFeatures ? rank - 1 : nil }
  }

  struct Omitted {
    let operation: String
    let node: String
  }

  enum Entry {
    case constant(ONNXTensor)
    case signal(Signal)
    /// Lengths of axes, or numbers computed from these.
    case lengths(Lengths)
  }

  /// More would not fit into memory, as matrices are dense.
  private static let mostFeatures = 8192

  var graph: PiecewiseAffineGraph
  private var entries: [String: Entry]
  private let model: ONNXModel

  init(_ model: ONNXModel) throws(ONNXProblem) {
    self.model = model
    // Old exporters name initializers among the inputs.
    let inputs = model.inputs.filter { model.initializers[$0.name] == nil }
    guard inputs.count == 1 else { throw .inputs(inputs.map(\.name)) }
    guard let shape = inputs[0].shape, let last = shape.last, let width = last,
      width <= Self.mostFeatures
    else {
      throw .inputShape(
        name: inputs[0].name,
        found: inputs[0].shape.map { shape in
          "[\(shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
        } ?? "none")
    }
    graph = PiecewiseAffineGraph(inputs: width)
    entries = model.initializers.mapValues { .constant($0) }
    entries[inputs[0].name] = .signal(Signal(value: graph.input, rank: shape.count))
  }

  /// Reads the nodes; returns all of the graph's outputs, one after another, and the names of
  /// strictly increasing functions that were left out behind them.
  mutating func read() throws(ONNXProblem) -> (PiecewiseAffineGraph.Value, omitted: [String]) {
    for node in model.nodes {
      guard ["", "ai.onnx"].contains(node.domain) else {
        throw .unsupportedOperator(
          node.operation, node: node.name, reason: "of the operator set \(node.domain)")
      }
      let results = try evaluate(node)
      for (name, result) in zip(node.outputs, results) where !name.isEmpty {
        if case .signal(let signal) = result, signal.value.width > Self.mostFeatures {
          throw form(
            node, found: "\(signal.value.width) features", expected: "at most \(Self.mostFeatures)")
        }
        entries[name] = result
      }
    }
    guard !model.outputs.isEmpty else { throw .noOutputs }
    var values: [PiecewiseAffineGraph.Value] = []
    var omitted: [String] = []
    for name in model.outputs {
      switch entries[name] {
      case .signal(let signal):
        values.append(signal.value)
        if let function = signal.omitted { omitted.append(function.operation) }
      case .constant(let tensor):
        guard tensor.isVector, !tensor.elements.isEmpty else {
          throw .tensor(name: name, problem: "is an output, and no list of numbers")
        }
        values.append(graph.constant(tensor.elements))
      case .lengths, nil: throw .missing(name: name, node: "of the outputs")
      }
    }
    return (graph.concatenation(values), omitted)
  }

  private mutating func evaluate(_ node: ONNXNode) throws(ONNXProblem) -> [Entry] {
    if let lengths = try lengthsResult(node) { return [lengths] }
    if let tensor = try constantResult(node) { return [.constant(tensor)] }
    return switch node.operation {
    case "Gemm": [try gemm(node)]
    case "MatMul": [try matrixProduct(node)]
    case "Add", "Sub", "Mul", "Div": [try arithmetic(node)]
    case "Neg": [try scaled(node, by: -1)]
    case "Sum": [try sum(node)]
    case "BatchNormalization": [try batchNormalization(node)]
    case "Relu", "LeakyRelu", "PRelu", "Abs": [try activation(node)]
    case "Max", "Min": [try extreme(node)]
    case "Clip": [try clip(node)]
    case "Tanh", "Sigmoid": [try strictlyIncreasing(node)]
    case "Concat": [try concatenation(node)]
    case "Slice": [try slice(node)]
    case "Gather": [try gather(node)]
    case "Split": try split(node)
    case "Identity", "Dropout", "Cast": [try unchanged(node)]
    case "Flatten", "Reshape", "Squeeze", "Unsqueeze": [try reshaped(node)]
    default: throw unsupported(node)
    }
  }

  private func unsupported(_ node: ONNXNode) -> ONNXProblem {
    let smooth = [
      "Sin", "Cos", "Softplus", "Gelu", "Elu", "Selu", "Celu", "Mish", "Swish", "HardSwish", "Erf",
      "Exp", "Log", "Pow", "Sqrt", "Softmax", "Softsign", "LayerNormalization", "Reciprocal",
    ]
    let reason =
      smooth.contains(node.operation)
      ? "which is not piecewise affine: only marching cubes can take the surface of such networks"
      : "which is not read; expected Gemm, MatMul, Add, Sub, Mul, Div, Neg, Sum, Relu, LeakyRelu, "
        + "PRelu, Abs, Max, Min, Clip, BatchNormalization, Concat, Split, Slice, Gather, or a change "
        + "of the points' axes"
    return .unsupportedOperator(node.operation, node: node.name, reason: reason)
  }
}

// Operands.
extension ONNXGraphReader {
  /// `nil` if the operand is left out.
  func operand(_ index: Int, of node: ONNXNode) throws(ONNXProblem) -> Entry? {
    guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
    guard let entry = entries[node.inputs[index]] else {
      throw .missing(name: node.inputs[index], node: node.name)
    }
    return entry
  }

  func operands(of node: ONNXNode) throws(ONNXProblem) -> [Entry] {
    var entries: [Entry] = []
    for index in node.inputs.indices {
      if let entry = try operand(index, of: node) { entries.append(entry) }
    }
    return entries
  }

  /// An operand that depends on the input.
  func signal(_ index: Int, of node: ONNXNode) throws(ONNXProblem) -> Signal {
    guard case .signal(let signal) = try operand(index, of: node) else {
      throw form(node, found: "a constant operand \(index)", expected: "one that has the points")
    }
    return try used(signal)
  }

  /// The signal, when it is not the end of the network.
  func used(_ signal: Signal) throws(ONNXProblem) -> Signal {
    guard let omitted = signal.omitted else { return signal }
    throw .unsupportedOperator(
      omitted.operation, node: omitted.node,
      reason: "which is not piecewise affine, and can be left out only as the last node")
  }

  func constant(_ index: Int, of node: ONNXNode) throws(ONNXProblem) -> ONNXTensor? {
    switch try operand(index, of: node) {
    case nil: return nil
    case .constant(let tensor): return tensor
    case .signal, .lengths:
      throw form(
        node, found: "operand \(index) that depends on the input", expected: "a constant there")
    }
  }

  /// A constant operand that may not be left out.
  func givenConstant(_ index: Int, of node: ONNXNode) throws(ONNXProblem) -> ONNXTensor {
    guard let tensor = try constant(index, of: node) else {
      throw form(node, found: "no operand \(index)", expected: "a constant there")
    }
    return tensor
  }

  /// Integers that newer operator sets have as an operand, and older ones as an attribute.
  func integers(
    _ index: Int, or attribute: String, of node: ONNXNode
  ) throws(ONNXProblem) -> [Int]? {
    if let tensor = try constant(index, of: node) {
      guard let integers = tensor.integers else {
        throw form(node, found: "fractions as operand \(index)", expected: "whole numbers")
      }
      return integers
    }
    return node.attributes[attribute]?.integers
  }

  func form(_ node: ONNXNode, found: String, expected: String) -> ONNXProblem {
    .unsupportedForm(node.operation, node: node.name, found: found, expected: expected)
  }

  /// One number for each feature, or one for all.
  func numbers(
    _ tensor: ONNXTensor, for signal: Signal, of node: ONNXNode
  ) throws(ONNXProblem) -> [Double] {
    let tensor = tensor.commonRow ?? tensor
    let (count, width) = (tensor.elements.count, signal.value.width)
    let fits = count == 1 || tensor.isVector && signal.hasFeatures && (width == 1 || width == count)
    guard count > 0, fits else {
      throw form(
        node, found: "a constant of shape \(tensor.shape) beside \(width) features",
        expected: "one number for each feature or one for all")
    }
    return tensor.elements
  }
}
