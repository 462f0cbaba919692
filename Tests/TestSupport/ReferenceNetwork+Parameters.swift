import Networks

/// Numbers with a name, as the golden files hold them: the parts of complex ones alternate.
public struct NamedTensor: Sendable, Equatable {
  public let name: String
  public var values: [Double]

  public init(_ name: String, _ values: [Double]) {
    self.name = name
    self.values = values
  }
}

extension ReferenceNetwork {
  /// Weights and biases of all layers, and behind those of a layer its constants.
  public var parameters: [NamedTensor] {
    layers.enumerated().flatMap { k, layer in
      var tensors: [NamedTensor] = []
      for (map, suffix) in zip(layer.maps, ["", "_orth"]) {
        tensors.append(NamedTensor("layers.\(k).weight\(suffix)", map.flatten(map.weight)))
        tensors.append(NamedTensor("layers.\(k).bias\(suffix)", map.flatten(map.bias)))
      }
      if let constants = layer.activation?.constants, !constants.isEmpty {
        tensors.append(NamedTensor("layers.\(k).constants", constants))
      }
      return tensors
    }
  }

  /// Takes over parameters that ``parameters`` gave.
  public mutating func setParameters(_ tensors: [NamedTensor]) {
    precondition(tensors.map(\.name) == parameters.map(\.name))
    var rest = tensors[...]
    for k in layers.indices {
      for m in layers[k].maps.indices {
        let (weight, bias) = (rest.removeFirst(), rest.removeFirst())
        layers[k].maps[m].weight = layers[k].maps[m].unflatten(weight.values)
        layers[k].maps[m].bias = layers[k].maps[m].unflatten(bias.values)
      }
      if layers[k].activation?.constants.isEmpty == false {
        layers[k].activation?.constants = rest.removeFirst().values
      }
    }
  }
}

extension ReferenceNetwork.Map {
  func flatten(_ numbers: [Complex]) -> [Double] {
    field == .real ? numbers.map(\.real) : numbers.flatMap { [$0.real, $0.imaginary] }
  }

  func unflatten(_ values: [Double]) -> [Complex] {
    guard field == .complex else { return values.map { Complex($0) } }
    return stride(from: 0, to: values.count, by: 2).map { Complex(values[$0], values[$0 + 1]) }
  }
}

extension ReferenceNetwork {
  /// ``parameters`` without the activations' constants.
  public var weightsAndBiases: [NamedTensor] {
    parameters.filter { !$0.name.hasSuffix("constants") }
  }
}
