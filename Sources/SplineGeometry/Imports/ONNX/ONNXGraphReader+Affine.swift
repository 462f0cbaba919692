extension ONNXGraphReader {
  /// `alpha · A B + beta · C`, where B or its transpose is the weight.
  mutating func gemm(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    let signal = try signal(0, of: node)
    guard signal.axis == 1, node.attributes["transA"]?.integer ?? 0 == 0 else {
      throw form(node, found: "points along its columns", expected: "a row for each point")
    }
    var weight = try givenConstant(1, of: node)
    if node.attributes["transB"]?.integer ?? 0 == 0 {
      guard weight.shape.count == 2 else {
        throw form(node, found: "a weight of shape \(weight.shape)", expected: "two axes")
      }
      weight = weight.transposed([1, 0])
    }
    var map = try affineMap(weight, of: signal, node)
    let (alpha, beta) = (
      node.attributes["alpha"]?.float ?? 1, node.attributes["beta"]?.float ?? 1
    )
    var constants = map.constants
    if let bias = try constant(2, of: node) {
      guard bias.isVector, [1, map.outputs].contains(bias.elements.count) else {
        throw form(
          node, found: "a bias of shape \(bias.shape)", expected: "\(map.outputs) numbers")
      }
      for j in constants.indices {
        constants[j] = beta * bias.elements[bias.elements.count == 1 ? 0 : j]
      }
    }
    map = AffineMap(
      inputs: map.inputs, gradients: map.gradients.map { alpha * $0 }, constants: constants)
    return .signal(Signal(value: graph.affine(map, of: signal.value), rank: 2))
  }

  /// Features times a constant matrix.
  mutating func matrixProduct(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    let signal = try signal(0, of: node)
    let weight = try givenConstant(1, of: node)
    guard signal.hasFeatures, [1, 2].contains(weight.shape.count) else {
      throw form(
        node, found: "a weight of shape \(weight.shape)", expected: "[features, results]")
    }
    if weight.shape.count == 1 {
      let row = ONNXTensor(shape: [1, weight.shape[0]], elements: weight.elements)
      let map = try affineMap(row, of: signal, node)
      return .signal(
        Signal(
          value: graph.affine(map, of: signal.value), rank: signal.rank - 1, hasFeatures: false))
    }
    let map = try affineMap(weight.transposed([1, 0]), of: signal, node)
    return .signal(Signal(value: graph.affine(map, of: signal.value), rank: signal.rank))
  }

  /// - Parameter weight: `[results, features]`.
  private func affineMap(
    _ weight: ONNXTensor, of signal: Signal, _ node: ONNXNode
  ) throws(ONNXProblem) -> AffineMap {
    guard weight.shape.count == 2, weight.shape[1] == signal.value.width, weight.shape[0] > 0 else {
      throw form(
        node, found: "a weight of shape \(weight.shape) for \(signal.value.width) features",
        expected: "[results, features]")
    }
    return AffineMap(
      inputs: weight.shape[1], gradients: weight.elements,
      constants: [Double](repeating: 0, count: weight.shape[0]))
  }

  mutating func arithmetic(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    guard let first = try operand(0, of: node), let second = try operand(1, of: node) else {
      throw form(node, found: "\(node.inputs.count) operands", expected: "two")
    }
    switch (first, second) {
    case (.signal(let signal), .constant(let tensor)):
      let signal = try used(signal)
      let c = try numbers(tensor, for: signal, of: node)
      return switch node.operation {
      case "Add": scaled(signal, [1], c, tensor)
      case "Sub": scaled(signal, [1], c.map { -$0 }, tensor)
      case "Mul": scaled(signal, c, [0], tensor)
      default: scaled(signal, c.map { 1 / $0 }, [0], tensor)
      }
    case (.constant(let tensor), .signal(let signal)):
      let signal = try used(signal)
      let c = try numbers(tensor, for: signal, of: node)
      switch node.operation {
      case "Add": return scaled(signal, [1], c, tensor)
      case "Sub": return scaled(signal, [-1], c, tensor)
      case "Mul": return scaled(signal, c, [0], tensor)
      default: throw notAffine(node)
      }
    case (.signal(let first), .signal(let second)):
      guard ["Add", "Sub"].contains(node.operation) else { throw notAffine(node) }
      let (first, second) = try matched(try used(first), try used(second), node)
      let factor: Double = node.operation == "Add" ? 1 : -1
      let other = factor == 1 ? second.value : graph.scaled(second.value, factors: [factor])
      return .signal(
        Signal(
          value: graph.sum([first.value, other]), rank: first.rank, hasFeatures: first.hasFeatures))
    default:
      preconditionFailure("constants and lengths were computed before")
    }
  }

  private func notAffine(_ node: ONNXNode) -> ONNXProblem {
    .unsupportedOperator(
      node.operation, node: node.name,
      reason: "of operands that depend on the input, which is not piecewise affine")
  }

  private mutating func scaled(
    _ signal: Signal, _ factors: [Double], _ offsets: [Double], _ tensor: ONNXTensor
  ) -> Entry {
    .signal(
      Signal(
        value: graph.scaled(signal.value, factors: factors, offsets: offsets),
        rank: max(signal.rank, tensor.shape.count), hasFeatures: signal.hasFeatures))
  }

  mutating func scaled(_ node: ONNXNode, by factor: Double) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    signal.value = graph.scaled(signal.value, factors: [factor])
    return .signal(signal)
  }

  mutating func sum(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    let signals = try signals(of: node)
    var sum = signals[0]
    for next in signals.dropFirst() {
      let (a, b) = try matched(sum, next, node)
      sum = a
      sum.value = graph.sum([a.value, b.value])
    }
    return .signal(sum)
  }

  /// All operands, constants made to values that do not depend on the input.
  mutating func signals(of node: ONNXNode) throws(ONNXProblem) -> [Signal] {
    let entries = try operands(of: node)
    guard !entries.isEmpty else { throw form(node, found: "no operands", expected: "some") }
    var rank = 0
    var hasFeatures = true
    for case .signal(let signal) in entries {
      rank = max(rank, signal.rank)
      hasFeatures = hasFeatures && signal.hasFeatures
    }
    var signals: [Signal] = []
    for entry in entries {
      switch entry {
      case .signal(let signal): signals.append(try used(signal))
      case .lengths:
        preconditionFailure("lengths were computed before")
      case .constant(let tensor):
        let tensor = tensor.commonRow ?? tensor
        let count = tensor.elements.count
        guard count == 1 || count > 0 && tensor.isVector && hasFeatures else {
          throw form(
            node, found: "a constant of shape \(tensor.shape)",
            expected: "one number for each feature")
        }
        signals.append(
          Signal(value: graph.constant(tensor.elements), rank: rank, hasFeatures: hasFeatures))
      }
    }
    return signals
  }

  /// Two signals of the same width: what has one feature is repeated.
  mutating func matched(
    _ first: Signal, _ second: Signal, _ node: ONNXNode
  ) throws(ONNXProblem) -> (Signal, Signal) {
    let width = max(first.value.width, second.value.width)
    var pair = [first, second]
    for k in pair.indices {
      guard pair[k].value.width == width || pair[k].value.width == 1,
        first.hasFeatures == second.hasFeatures
      else {
        throw form(
          node, found: "\(first.value.width) and \(second.value.width) features",
          expected: "as many of both")
      }
      pair[k].rank = max(first.rank, second.rank)
      if pair[k].value.width < width {
        pair[k].value = graph.scaled(
          pair[k].value, factors: [Double](repeating: 1, count: width))
      }
    }
    return (pair[0], pair[1])
  }

  /// A batch normalisation as it is after training.
  mutating func batchNormalization(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    let width = signal.value.width
    guard signal.axis == 1, node.attributes["training_mode"]?.integer ?? 0 == 0 else {
      throw form(
        node, found: "\(signal.rank) axes or in training", expected: "[points, features]")
    }
    var parts: [[Double]] = []
    for index in 1...4 {
      let tensor = try givenConstant(index, of: node)
      guard tensor.elements.count == width else {
        throw form(
          node, found: "operand \(index) of shape \(tensor.shape)", expected: "\(width) numbers")
      }
      parts.append(tensor.elements)
    }
    let epsilon = node.attributes["epsilon"]?.float ?? 1e-5
    let factors = (0..<width).map { parts[0][$0] / (parts[3][$0] + epsilon).squareRoot() }
    let offsets = (0..<width).map { parts[1][$0] - factors[$0] * parts[2][$0] }
    signal.value = graph.scaled(signal.value, factors: factors, offsets: offsets)
    return .signal(signal)
  }
}
