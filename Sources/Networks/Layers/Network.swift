import Compute

/// A function of coordinates: an encoding, then layers, each a linear map and an activation.
///
/// Values are real; the last layer has no activation, and the real part of a complex one is taken.
public struct Network: Sendable {
  public private(set) var encoding: Encoding
  public private(set) var layers: [Layer]
  /// Coordinates of a point.
  public let inputs: Int

  /// - Throws: ``NetworkError`` when the layers do not fit one another.
  public init(inputs: Int, encoding: Encoding = .none, layers: [Layer]) throws(NetworkError) {
    if case .grid(let grid) = encoding, grid.inputs != inputs {
      throw .gridAxes(found: grid.inputs, expected: inputs)
    }
    try Network.check(layers, features: encoding.featureCount(inputs: inputs))
    self.inputs = inputs
    self.encoding = encoding
    self.layers = layers
  }

  /// Values of a point.
  public var outputs: Int { layers[layers.count - 1].units }

  /// Real numbers that can be trained, without the activations' constants.
  public var parameterCount: Int {
    layers.reduce(encoding.parameterCount) { $0 + $1.parameterCount }
  }

  /// For people: `sine 2-256-256-256-1`.
  public var summary: String {
    let sizes = [encoding.featureCount(inputs: inputs)] + layers.map(\.units)
    let shape = sizes.map { "\($0)" }.joined(separator: "-")
    let features = encoding.name == "none" ? "" : " behind a \(encoding.name) encoding"
    return "\(activationName ?? (layers.count > 1 ? "mixed" : "linear")) \(shape)\(features)"
  }

  /// The activation of the hidden layers, if all of them have the same one.
  public var activationName: String? {
    let names = Set(layers.dropLast().compactMap { layer in layer.activation.map(name(of:)) })
    return names.count == 1 ? names.first : nil
  }

  /// The same network with other constants in its activations.
  ///
  /// - Parameter constants: by name; `firstLayer` holds for the first layer in their place.
  public func replacingConstants(_ constants: [String: Float], firstLayer: [String: Float] = [:])
    -> Network
  {
    var copy = self
    for k in layers.indices {
      let replacements =
        k == 0 ? constants.merging(firstLayer, uniquingKeysWith: { $1 }) : constants
      copy.layers[k].activation = layers[k].activation.map { $0.replacing(replacements) }
    }
    return copy
  }

  /// The same network with other biases in its last layer.
  public func replacingOutputBias(_ bias: [Float]) -> Network {
    var copy = self
    precondition(bias.count == outputs)
    copy.layers[layers.count - 1].maps[0].bias = bias
    return copy
  }

  /// The network whose values are `factor` times those of this one.
  public func scalingOutputs(by factor: Float) -> Network {
    var copy = self
    func scaled(_ numbers: [Float]) -> [Float] { numbers.map { $0 * factor } }
    var last = layers[layers.count - 1].maps[0]
    last.weight.elements = scaled(last.weight.elements)
    last.bias = scaled(last.bias)
    if let imaginary = last.imaginary {
      last.imaginary?.weight.elements = scaled(imaginary.weight.elements)
      last.imaginary?.bias = scaled(imaginary.bias)
    }
    copy.layers[layers.count - 1].maps[0] = last
    return copy
  }

  /// The same network with other parameters in an encoding and layers of the same shapes.
  func replacing(_ encoding: Encoding? = nil, layers: [Layer]) -> Network {
    var copy = self
    copy.encoding = encoding ?? self.encoding
    copy.layers = layers
    return copy
  }

  private static func check(_ layers: [Layer], features: Int) throws(NetworkError) {
    guard !layers.isEmpty else { throw .noLayers }
    var inputs = features
    var field = Field.real
    for (k, layer) in layers.enumerated() {
      let mapCount = layer.activation.map { type(of: $0).mapCount } ?? 1
      guard layer.maps.count == mapCount else {
        throw .mapCount(layer: k, found: layer.maps.count, expected: mapCount)
      }
      guard layer.maps.allSatisfy({ $0.outputs == layer.units && $0.field == layer.field }) else {
        throw .unequalMaps(layer: k)
      }
      guard layer.maps.allSatisfy({ $0.inputs == inputs }) else {
        throw .inputCount(layer: k, found: layer.inputs, expected: inputs)
      }
      guard layer.units > 0 else { throw .noUnits(layer: k) }
      guard layer.field == field else { throw .field(layer: k, found: layer.field) }
      let isLast = k == layers.count - 1
      guard (layer.activation == nil) == isLast else { throw .activationPlace(layer: k) }
      inputs = layer.units
      field = layer.activation.map { type(of: $0).field } ?? field
    }
  }
}

/// The name of an activation's kind.
public func name(of activation: any Activation) -> String { type(of: activation).name }

/// Layers that do not make a network.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  case noLayers
  case noUnits(layer: Int)
  case mapCount(layer: Int, found: Int, expected: Int)
  case unequalMaps(layer: Int)
  case inputCount(layer: Int, found: Int, expected: Int)
  case field(layer: Int, found: Field)
  case activationPlace(layer: Int)
  case gridAxes(found: Int, expected: Int)

  public var description: String {
    switch self {
    case .noLayers: "a network needs at least one layer"
    case .noUnits(let layer): "layer \(layer) has no units"
    case .mapCount(let layer, let found, let expected):
      "layer \(layer) has \(found) linear maps; its activation combines \(expected)"
    case .unequalMaps(let layer):
      "the linear maps of layer \(layer) differ in shape, or one is real and one complex"
    case .inputCount(let layer, let found, let expected):
      "layer \(layer) takes \(found) inputs; what stands before it gives \(expected)"
    case .field(let layer, let found):
      "the weights of layer \(layer) are \(found); "
        + "the values before it need \(found == .real ? "complex" : "real") ones"
    case .activationPlace(let layer):
      "layer \(layer): every layer but the last has an activation, and the last has none"
    case .gridAxes(let found, let expected):
      "the grid encoding has \(found) axes; points have \(expected) coordinates"
    }
  }
}
