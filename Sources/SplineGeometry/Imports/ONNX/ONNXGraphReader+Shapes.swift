// Which features there are; the points' axes may change as they like.
extension ONNXGraphReader {
  /// Makes sure that an axis is the features'.
  private func checkFeatures(
    _ axis: Int, of signal: Signal, _ node: ONNXNode
  ) throws(ONNXProblem) {
    guard signal.axis == (axis < 0 ? axis + signal.rank : axis) else {
      throw form(
        node, found: "the axis \(axis)", expected: "the last one, that of the features")
    }
  }

  mutating func concatenation(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    let signals = try signals(of: node)
    let axis = node.attributes["axis"]?.integer ?? 1
    for signal in signals { try checkFeatures(axis, of: signal, node) }
    return .signal(
      Signal(value: graph.concatenation(signals.map(\.value)), rank: signals[0].rank))
  }

  mutating func slice(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    guard let starts = try integers(1, or: "starts", of: node),
      let ends = try integers(2, or: "ends", of: node), starts.count == 1, ends.count == 1
    else { throw form(node, found: "several ranges", expected: "a range of features") }
    try checkFeatures(try integers(3, or: "axes", of: node)?.first ?? 0, of: signal, node)
    let width = signal.value.width
    func place(_ index: Int) -> Int { min(max(index < 0 ? index + width : index, 0), width) }
    let range = place(starts[0])..<max(place(starts[0]), place(ends[0]))
    let step = try integers(4, or: "steps", of: node)?.first ?? 1
    guard step == 1, !range.isEmpty else {
      throw form(node, found: "the step \(step) or no features", expected: "the step 1")
    }
    signal.value = graph.selection(Array(range), of: signal.value)
    return .signal(signal)
  }

  mutating func gather(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    var signal = try signal(0, of: node)
    try checkFeatures(node.attributes["axis"]?.integer ?? 0, of: signal, node)
    let tensor = try givenConstant(1, of: node)
    let width = signal.value.width
    let indices = (tensor.integers ?? []).map { $0 < 0 ? $0 + width : $0 }
    guard tensor.shape.count <= 1, !indices.isEmpty, indices.allSatisfy({ 0..<width ~= $0 }) else {
      throw form(
        node, found: "indices of shape \(tensor.shape)", expected: "some of \(width) features")
    }
    signal.value = graph.selection(indices, of: signal.value)
    if tensor.shape.isEmpty {
      signal.rank -= 1
      signal.hasFeatures = false
    }
    return .signal(signal)
  }

  mutating func split(_ node: ONNXNode) throws(ONNXProblem) -> [Entry] {
    let signal = try signal(0, of: node)
    try checkFeatures(node.attributes["axis"]?.integer ?? 0, of: signal, node)
    let (width, count) = (signal.value.width, node.outputs.count)
    let part = (width + count - 1) / max(count, 1)
    let sizes =
      try integers(1, or: "split", of: node)
      ?? (0..<count).map { min(part, width - $0 * part) }
    guard sizes.count == count, sizes.allSatisfy({ 1...width ~= $0 }), sizes.reduce(0, +) == width
    else {
      throw form(node, found: "parts of \(sizes)", expected: "\(count) parts of \(width) features")
    }
    var first = 0
    return sizes.map { size in
      defer { first += size }
      let value = graph.selection(Array(first..<first + size), of: signal.value)
      return .signal(Signal(value: value, rank: signal.rank))
    }
  }

  /// What does nothing to an array when the network is evaluated.
  func unchanged(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    guard case .signal(let signal) = try operand(0, of: node) else {
      throw form(node, found: "no operand", expected: "one")
    }
    // float, float16, double, bfloat16
    if node.operation == "Cast", ![1, 10, 11, 16].contains(node.attributes["to"]?.integer ?? 1) {
      throw form(
        node, found: "a type that is not floating-point", expected: "floating-point numbers")
    }
    return .signal(signal)
  }

  /// Changes of the points' axes; and of a single feature's, which may come and go.
  func reshaped(_ node: ONNXNode) throws(ONNXProblem) -> Entry {
    guard case .signal(var signal) = try operand(0, of: node) else {
      throw form(node, found: "a shape that depends on the input", expected: "a constant one")
    }
    let width = signal.value.width
    switch node.operation {
    case "Flatten":
      let axis = node.attributes["axis"]?.integer ?? 1
      try checkFeatures(axis, of: signal, node)
      signal.rank = 2
    case "Squeeze":
      let axes = try integers(1, or: "axes", of: node)
      let places = axes?.map { $0 < 0 ? $0 + signal.rank : $0 }
      if let axis = signal.axis, places.map({ $0.contains(axis) }) ?? (width == 1) {
        guard width == 1 else {
          throw form(node, found: "\(width) features", expected: "one where the axis is left out")
        }
        signal.hasFeatures = false
      }
      guard let places else {
        throw form(node, found: "no axes", expected: "those that are left out")
      }
      signal.rank -= places.count
    case "Unsqueeze":
      guard let axes = try integers(1, or: "axes", of: node) else {
        throw form(node, found: "no axes", expected: "the new ones")
      }
      let rank = signal.rank + axes.count
      let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
      signal = try widened(signal, rank: rank, newAxes: places, node)
    default:
      signal = try reshaped(signal, to: try givenConstant(1, of: node).integers ?? [], node)
    }
    return .signal(signal)
  }

  private func widened(
    _ signal: Signal, rank: Int, newAxes: Set<Int>, _ node: ONNXNode
  ) throws(ONNXProblem) -> Signal {
    var signal = signal
    signal.rank = rank
    if newAxes.contains(rank - 1) {
      guard !signal.hasFeatures else {
        throw form(node, found: "an axis behind the features", expected: "one of points")
      }
      signal.hasFeatures = true
    }
    return signal
  }

  private func reshaped(
    _ signal: Signal, to shape: [Int], _ node: ONNXNode
  ) throws(ONNXProblem) -> Signal {
    var signal = signal
    let width = signal.value.width
    let keepsLast = shape.last == 0 && shape.count == signal.rank && signal.hasFeatures
    if shape.last == width || keepsLast {
      signal.hasFeatures = true
    } else if shape == [-1], width == 1 {
      signal.hasFeatures = false
    } else {
      throw form(
        node, found: "the shape \(shape) of \(width) features",
        expected: "a shape whose last length is their number")
    }
    signal.rank = shape.count
    return signal
  }
}
