/// A function of coordinates, put together from affine maps, piecewise-affine activations,
/// concatenations and sums: what a network with connections that skip layers is.
///
/// Values are made one after another from earlier ones; ``SplineNetwork/init(_:output:)`` makes a
/// chain of layers of what one of them depends on.
///
/// - Shapes: a value is a list of `width` numbers; the maps' gradients are `[width, width before]`.
public struct PiecewiseAffineGraph: Sendable {
  public struct Value: Sendable, Hashable {
    let number: Int
    public let width: Int
  }

  enum Operation: Sendable {
    case input
    case affine(AffineMap, of: Value)
    /// `z ↦ z > 0 ? z : slope · z`
    case activation(slopes: [Double], of: Value)
    case concatenation([Value])
    case sum([Value])

    var operands: [Value] {
      switch self {
      case .input: []
      case .affine(_, let value), .activation(_, let value): [value]
      case .concatenation(let values), .sum(let values): values
      }
    }

    var isActivation: Bool {
      if case .activation = self { true } else { false }
    }
  }

  struct Node: Sendable {
    let operation: Operation
    let value: Value
    /// The most activations on a way from the input to the value.
    let level: Int
  }

  private(set) var nodes: [Node]

  /// The coordinates.
  public var input: Value { nodes[0].value }

  public init(inputs: Int) {
    precondition(inputs > 0, "a function needs inputs")
    nodes = [Node(operation: .input, value: Value(number: 0, width: inputs), level: 0)]
  }

  public mutating func affine(_ map: AffineMap, of value: Value) -> Value {
    precondition(
      map.inputs == value.width, "a map of \(map.inputs) inputs gets \(value.width) numbers")
    return add(.affine(map, of: value), width: map.outputs)
  }

  /// - Parameter slopes: `[width]`, the factors of negative numbers: 0 for ReLU, −1 for |z|, and 1
  ///   for a number that stays what it is.
  public mutating func activation(slopes: [Double], of value: Value) -> Value {
    precondition(
      slopes.count == value.width, "\(slopes.count) slopes do not fit \(value.width) numbers")
    return add(.activation(slopes: slopes, of: value), width: value.width)
  }

  public mutating func concatenation(_ values: [Value]) -> Value {
    precondition(!values.isEmpty, "nothing to join")
    return values.count == 1
      ? values[0] : add(.concatenation(values), width: values.reduce(0) { $0 + $1.width })
  }

  public mutating func sum(_ values: [Value]) -> Value {
    precondition(
      !values.isEmpty && values.allSatisfy { $0.width == values[0].width },
      "numbers of the widths \(values.map(\.width)) have no sum")
    return values.count == 1 ? values[0] : add(.sum(values), width: values[0].width)
  }

  private mutating func add(_ operation: Operation, width: Int) -> Value {
    let level = operation.operands.map { nodes[$0.number].level }.max() ?? 0
    let value = Value(number: nodes.count, width: width)
    nodes.append(
      Node(
        operation: operation, value: value, level: level + (operation.isActivation ? 1 : 0)))
    return value
  }
}

extension PiecewiseAffineGraph {
  public mutating func rectified(_ value: Value) -> Value {
    activation(slopes: Array(repeating: 0, count: value.width), of: value)
  }

  /// `factor · value + offset`, number by number.
  ///
  /// - Parameters:
  ///   - factors, offsets: `[width]`, or one for all; a value of width 1 is repeated as often as
  ///     there are factors or offsets.
  public mutating func scaled(
    _ value: Value, factors: [Double], offsets: [Double] = [0]
  ) -> Value {
    let width = max(value.width, factors.count, offsets.count)
    precondition(
      [value.width, factors.count, offsets.count].allSatisfy { $0 == 1 || $0 == width },
      "\(factors.count) factors and \(offsets.count) offsets do not fit \(value.width) numbers")
    var gradients = [Double](repeating: 0, count: width * value.width)
    for j in 0..<width {
      gradients[j * value.width + (value.width == 1 ? 0 : j)] = factors[factors.count == 1 ? 0 : j]
    }
    let constants = (0..<width).map { offsets[offsets.count == 1 ? 0 : $0] }
    return affine(
      AffineMap(inputs: value.width, gradients: gradients, constants: constants), of: value)
  }

  /// Some of a value's numbers.
  public mutating func selection(_ indices: [Int], of value: Value) -> Value {
    var gradients = [Double](repeating: 0, count: indices.count * value.width)
    for (j, index) in indices.enumerated() { gradients[j * value.width + index] = 1 }
    let constants = [Double](repeating: 0, count: indices.count)
    return affine(
      AffineMap(inputs: value.width, gradients: gradients, constants: constants), of: value)
  }

  /// Numbers that do not depend on the point.
  public mutating func constant(_ numbers: [Double]) -> Value {
    let gradients = [Double](repeating: 0, count: numbers.count * input.width)
    return affine(
      AffineMap(inputs: input.width, gradients: gradients, constants: numbers), of: input)
  }
}
