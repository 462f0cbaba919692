extension ONNXTensor {
  /// The elements with the axes in another order.
  func transposed(_ order: [Int]) -> ONNXTensor {
    let strides = Self.strides(of: shape)
    return arranged(order.map { shape[$0] }, strides: order.map { strides[$0] })
  }

  /// Element by element; lengths of 1 are repeated, as NumPy has it.
  func combined(
    with other: ONNXTensor, _ combine: (Double, Double) -> Double
  ) -> ONNXTensor? {
    let rank = max(shape.count, other.shape.count)
    func padded(_ shape: [Int]) -> [Int] {
      Array(repeating: 1, count: rank - shape.count) + shape
    }
    let (mine, others) = (padded(shape), padded(other.shape))
    var result: [Int] = []
    for (a, b) in zip(mine, others) {
      guard a == b || a == 1 || b == 1 else { return nil }
      result.append(a == 1 ? b : a)
    }
    // More than any network's weights.
    guard let count = Self.count(of: result), count <= 1 << 30 else { return nil }
    func repeated(_ tensor: ONNXTensor, _ shape: [Int]) -> ONNXTensor {
      let strides = zip(Self.strides(of: shape), shape).map { $1 == 1 ? 0 : $0 }
      return tensor.arranged(result, strides: strides)
    }
    let elements = zip(repeated(self, mine).elements, repeated(other, others).elements)
      .map(combine)
    return ONNXTensor(shape: result, elements: elements)
  }

  /// The tensor of a shape whose element `[i, j, …]` stands at `i · strides[0] + j · strides[1] + …`.
  private func arranged(_ shape: [Int], strides: [Int]) -> ONNXTensor {
    var places = [0]
    for (length, stride) in zip(shape, strides) {
      places = places.flatMap { place in (0..<length).map { place + $0 * stride } }
    }
    return ONNXTensor(shape: shape, elements: places.map { elements[$0] })
  }

  private static func strides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for k in shape.indices.dropLast().reversed() { strides[k] = strides[k + 1] * shape[k + 1] }
    return strides
  }
}

// Nodes all of whose operands are constants.
extension ONNXGraphReader {
  /// `nil` if an operand depends on the input.
  func constantResult(_ node: ONNXNode) throws(ONNXProblem) -> ONNXTensor? {
    var tensors: [ONNXTensor] = []
    for entry in try operands(of: node) {
      guard case .constant(let tensor) = entry else { return nil }
      tensors.append(tensor)
    }
    if node.operation == "Constant" { return try constant(node) }
    guard let first = tensors.first else { return nil }
    switch node.operation {
    case "Identity", "Cast", "Dropout": return first
    case "Neg": return ONNXTensor(shape: first.shape, elements: first.elements.map { -$0 })
    case "Transpose":
      let order = node.attributes["perm"]?.integers ?? first.shape.indices.reversed()
      guard order.sorted() == Array(first.shape.indices) else {
        throw form(node, found: "the order \(order)", expected: "one of \(first.shape.count) axes")
      }
      return first.transposed(order)
    case "Add", "Sub", "Mul", "Div":
      guard tensors.count == 2,
        let result = first.combined(with: tensors[1], arithmetic(node.operation))
      else {
        throw form(
          node, found: "constants of the shapes \(tensors.map(\.shape))",
          expected: "shapes that fit")
      }
      return result
    case "Reshape", "Squeeze", "Unsqueeze", "Flatten": return try reshapedConstant(node, first)
    case "ReduceL2":
      return try lengths(of: first, node)
    case "ConstantOfShape":
      let shape = first.integers ?? []
      let value = node.attributes["value"]?.tensor?.elements.first ?? 0
      guard let count = ONNXTensor.count(of: shape), count <= 1 << 30 else { break }
      return ONNXTensor(shape: shape, elements: Array(repeating: value, count: count))
    default: break
    }
    throw .unsupportedOperator(
      node.operation, node: node.name,
      reason: "of constants, which is not computed; export with constants folded")
  }

  private func arithmetic(_ operation: String) -> (Double, Double) -> Double {
    switch operation {
    case "Add": (+)
    case "Sub": (-)
    case "Mul": (*)
    default: (/)
    }
  }

  /// The lengths of a matrix's rows, as weight normalisation takes them.
  private func lengths(of tensor: ONNXTensor, _ node: ONNXNode) throws(ONNXProblem) -> ONNXTensor {
    let axes = try integers(1, or: "axes", of: node) ?? []
    guard tensor.shape.count == 2, [[1], [-1]].contains(axes),
      node.attributes["keepdims"]?.integer ?? 1 == 1
    else {
      throw form(node, found: "the axes \(axes) of \(tensor.shape)", expected: "a matrix's rows")
    }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let lengths = (0..<rows).map { row in
      tensor.elements[row * columns..<(row + 1) * columns].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    return ONNXTensor(shape: [rows, 1], elements: lengths)
  }

  private func constant(_ node: ONNXNode) throws(ONNXProblem) -> ONNXTensor {
    let attributes = node.attributes
    if let tensor = attributes["value"]?.tensor { return tensor }
    if let number = attributes["value_float"] {
      return ONNXTensor(shape: [], elements: [number.float])
    }
    if let number = attributes["value_int"] {
      return ONNXTensor(shape: [], elements: [Double(number.integer)])
    }
    if let numbers = attributes["value_floats"]?.floats {
      return ONNXTensor(shape: [numbers.count], elements: numbers)
    }
    if let numbers = attributes["value_ints"]?.integers {
      return ONNXTensor(shape: [numbers.count], elements: numbers.map { Double($0) })
    }
    throw form(
      node, found: "\(attributes.keys.sorted().joined(separator: ", "))", expected: "numbers")
  }

  private func reshapedConstant(
    _ node: ONNXNode, _ tensor: ONNXTensor
  ) throws(ONNXProblem) -> ONNXTensor {
    var shape = tensor.shape
    switch node.operation {
    case "Reshape":
      let wanted = try integers(1, or: "shape", of: node) ?? []
      shape = wanted.enumerated().map { $1 == 0 && $0 < shape.count ? shape[$0] : $1 }
      if let free = shape.firstIndex(of: -1) {
        shape[free] = 1
        let rest = ONNXTensor.count(of: shape) ?? 0
        shape[free] = rest > 0 ? tensor.elements.count / rest : 0
      }
    case "Flatten":
      let axis = node.attributes["axis"]?.integer ?? 1
      let place = axis < 0 ? axis + shape.count : axis
      guard 0...shape.count ~= place else { break }
      shape = [shape[..<place].reduce(1, *), shape[place...].reduce(1, *)]
    case "Squeeze":
      let axes = try integers(1, or: "axes", of: node)
      let places = axes.map { Set($0.map { $0 < 0 ? $0 + shape.count : $0 }) }
      shape = shape.enumerated()
        .filter { axis, length in length != 1 || places?.contains(axis) == false }.map(\.element)
    default:
      let axes = try integers(1, or: "axes", of: node) ?? []
      let rank = shape.count + axes.count
      for place in axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() where 0...shape.count ~= place {
        shape.insert(1, at: place)
      }
    }
    guard ONNXTensor.count(of: shape) == tensor.elements.count else {
      throw form(
        node, found: "the shape \(tensor.shape) made to \(shape)",
        expected: "as many elements of both")
    }
    return ONNXTensor(shape: shape, elements: tensor.elements)
  }
}
