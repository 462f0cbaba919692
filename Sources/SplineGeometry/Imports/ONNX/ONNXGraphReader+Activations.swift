extension ONNXGraphReader {
  mutating func activation(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    let slopes: [Double]
    switch node.operation {
    case "LeakyRelu": slopes = [node.attributes["alpha"]?.float ?? Double(Float(0.01))]
    case "PRelu":
      slopes = try numbers(try givenConstant(1, of: node), for: signal, of: node)
    case "Abs": slopes = [-1]
    default: slopes = [0]
    }
    let width = signal.value.width
    guard [1, width].contains(slopes.count) else {
      throw form(node, found: "\(slopes.count) slopes", expected: "\(width)")
    }
    signal.value = graph.activation(
      slopes: slopes.count == width ? slopes : Array(repeating: slopes[0], count: width),
      of: signal.value)
    return .signal(signal)
  }

  /// The largest or the least of some numbers: `max(a, b) = a + relu(b − a)`.
  mutating func extreme(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    let sign: Double = node.operation == "Max" ? 1 : -1
    let signals = try signals(of: node)
    var result = signals[0]
    for next in signals.dropFirst() {
      let (a, b) = try matched(result, next, node)
      let difference = graph.sum([
        graph.scaled(b.value, factors: [sign]), graph.scaled(a.value, factors: [-sign]),
      ])
      let excess = graph.scaled(graph.rectified(difference), factors: [sign])
      result = a
      result.value = graph.sum([a.value, excess])
    }
    return .signal(result)
  }

  /// `clip(x, a, b) = a + relu(x − a) − relu(x − b)`.
  mutating func clip(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    let x = signal.value
    func bound(_ index: Int, _ attribute: String) throws(ONNXProblem) -> Double? {
      let bound = try constant(index, of: node)?.elements.first ?? node.attributes[attribute]?.float
      // The operator's own default, and what exporters write for none.
      return bound.flatMap { abs($0) >= Double(Float.greatestFiniteMagnitude) ? nil : $0 }
    }
    let (least, greatest) = (try bound(1, "min"), try bound(2, "max"))
    if let least, let greatest, least >= greatest {
      throw form(node, found: "the range from \(least) to \(greatest)", expected: "a < b")
    }
    if let least {
      let above = graph.rectified(graph.scaled(x, factors: [1], offsets: [-least]))
      signal.value = graph.scaled(above, factors: [1], offsets: [least])
    }
    if let greatest {
      let above = graph.rectified(graph.scaled(x, factors: [1], offsets: [-greatest]))
      signal.value = graph.sum([signal.value, graph.scaled(above, factors: [-1])])
    }
    return .signal(signal)
  }

  /// Leaves a last tanh or sigmoid out: level sets stay where they are, at other levels.
  func strictlyIncreasing(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    signal.omitted = Omitted(operation: node.operation, node: node.name)
    return .signal(signal)
  }
}
