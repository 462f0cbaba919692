// Graphs may repeat a constant, such as a latent code, for each point: they take the lengths of the
// points' axes, compute a shape from them, and expand the constant to it.
extension ONNXGraphReader {
  /// Whole numbers, `nil` where one depends on how many points there are.
  typealias Lengths = [Int?]

  /// What a node makes of lengths; `nil` if it gets none.
  func lengthsResult(_ node: ONNXNode) throws(ONNXProblem) -> Entry? {
    let entries = try operands(of: node)
    if node.operation == "Shape" { return entries.first.map(shape) }
    let hasLengths = entries.contains { if case .lengths = $0 { true } else { false } }
    guard hasLengths || ["Equal", "Where", "Expand", "Tile"].contains(node.operation) else {
      return nil
    }
    func lengths(_ index: Int) throws(ONNXProblem) -> Lengths {
      switch index < entries.count ? entries[index] : nil {
      case .lengths(let lengths): return lengths
      case .constant(let tensor):
        if let integers = tensor.integers { return integers }
        fallthrough
      default: throw form(node, found: "other operands than lengths", expected: "lengths")
      }
    }
    switch node.operation {
    case "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape":
      return .lengths(try lengths(0))
    case "Concat":
      var joined: Lengths = []
      for index in entries.indices { joined += try lengths(index) }
      return .lengths(joined)
    case "Gather":
      let (all, indices) = (try lengths(0), try lengths(1).compactMap { $0 })
      guard indices.allSatisfy({ -all.count..<all.count ~= $0 }) else {
        throw form(node, found: "the indices \(indices)", expected: "some of \(all.count) lengths")
      }
      return .lengths(indices.map { all[$0 < 0 ? $0 + all.count : $0] })
    case "Equal":
      return .constant(try areEqual(try lengths(0), try lengths(1), node))
    case "Where":
      let (conditions, first, second) = (try lengths(0), try lengths(1), try lengths(2))
      guard conditions.count == first.count, first.count == second.count else { break }
      return .lengths(conditions.indices.map { conditions[$0] == 0 ? second[$0] : first[$0] })
    case "Expand", "Tile":
      return try repeated(entries[0], try lengths(1), node)
    default: break
    }
    throw .unsupportedOperator(
      node.operation, node: node.name,
      reason: "of the number of points, which is not read; export with a fixed number of points")
  }

  private func shape(of entry: Entry) -> Entry {
    switch entry {
    case .signal(let signal):
      let points = Lengths(repeating: nil, count: signal.rank - (signal.hasFeatures ? 1 : 0))
      return .lengths(points + (signal.hasFeatures ? [signal.value.width] : []))
    case .constant(let tensor): return .constant(.list(tensor.shape))
    case .lengths(let lengths): return .constant(.list([lengths.count]))
    }
  }

  private func areEqual(
    _ first: Lengths, _ second: Lengths, _ node: ONNXNode
  ) throws(ONNXProblem) -> ONNXTensor {
    guard first.count == second.count else {
      throw form(node, found: "\(first.count) and \(second.count) numbers", expected: "as many")
    }
    var results: [Double] = []
    for (a, b) in zip(first, second) {
      // The number of points is positive.
      guard a != nil && b != nil || (a ?? 0) < 0 || (b ?? 0) < 0 else {
        throw form(node, found: "the number of points", expected: "known lengths")
      }
      results.append(a == b ? 1 : 0)
    }
    return ONNXTensor(shape: [results.count], elements: results)
  }

  /// The same for each point.
  private func repeated(
    _ entry: Entry, _ lengths: Lengths, _ node: ONNXNode
  ) throws(ONNXProblem) -> Entry {
    guard case .constant(let tensor) = entry, tensor.isVector, let last = lengths.last,
      let last, last == 1 || node.operation == "Expand" && last == tensor.elements.count
    else {
      throw form(
        node, found: "more than a repetition for each point",
        expected: "a constant list of features")
    }
    return entry
  }
}

extension ONNXTensor {
  fileprivate static func list(_ integers: [Int]) -> ONNXTensor {
    ONNXTensor(shape: [integers.count], elements: integers.map { Double($0) })
  }
}
