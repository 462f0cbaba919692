import Compute

/// The layers of a file, not yet in order.
struct FoundLayers {
  private(set) var layers: [FoundLayer] = []
  /// Names of the tensors that are no part of a layer.
  private(set) var ignored: [String] = []
  private let path: String

  /// The tensors of one layer; those of maps by the map's number.
  private struct Parts {
    var weights: [Int: Safetensors.Tensor] = [:]
    var biases: [Int: Safetensors.Tensor] = [:]
    var constants: [String: Safetensors.Tensor] = [:]

    /// Adds a tensor; `false` if another one stands in its place.
    mutating func add(_ tensor: Safetensors.Tensor, as part: TensorRole.Part) -> Bool {
      switch part {
      case .weight(let map): weights.updateValue(tensor, forKey: map) == nil
      case .bias(let map): biases.updateValue(tensor, forKey: map) == nil
      case .constant(let name): constants.updateValue(tensor, forKey: name) == nil
      }
    }
  }

  /// - Parameter prefix: what the names of the tensors that count begin with.
  init(in file: Safetensors, prefix: String?, path: String) throws(ModelFileError) {
    self.path = path
    var found: [[String]: Parts] = [:]
    for tensor in file.tensors {
      guard let role = TensorRole(tensor.name), tensor.name.hasPrefix(prefix ?? "") else {
        ignored.append(tensor.name)
        continue
      }
      guard found[role.layer, default: Parts()].add(tensor, as: role.part) else {
        throw unsupported(tensor, is: "a second tensor of its kind in one layer", expected: "one")
      }
    }
    for (layerPath, parts) in found {
      if parts.weights.isEmpty && parts.biases.isEmpty {
        ignored += parts.constants.values.map(\.name)
      } else {
        layers.append(try layer(at: layerPath, parts))
      }
    }
    ignored.sort()
  }

  private func layer(at layerPath: [String], _ parts: Parts) throws(ModelFileError) -> FoundLayer {
    guard layerPath.count <= 64 else {
      throw .badConfiguration(path: path, problem: "a layer's name has more than 64 parts")
    }
    var maps: [LinearMap] = []
    for index in 0...1 {
      if let weight = parts.weights[index] {
        guard maps.count == index else {
          throw unsupported(
            weight, is: "the second map of a layer without a first one", expected: "both")
        }
        maps.append(try map(weight, parts.biases[index]))
      } else if let bias = parts.biases[index] {
        throw unsupported(
          bias, is: "a bias without a weight",
          expected: "the weight beside it (take weight normalisation off before saving)")
      }
    }
    guard maps.count == 1 || (maps[0].inputs, maps[0].outputs) == (maps[1].inputs, maps[1].outputs)
    else {
      throw .noChain(
        path: path, problem: "the two maps of \(layerPath.joined(separator: ".")) differ in shape",
        tensors: parts.weights.values.map(\.summary).sorted())
    }
    var constants: [String: Float] = [:]
    for (name, tensor) in parts.constants {
      guard tensor.count == 1, let value = tensor.floats?[0] else {
        throw unsupported(tensor, expected: "one real number for the layer")
      }
      constants[name] = value
    }
    return FoundLayer(path: layerPath, maps: maps, constants: constants)
  }

  private func map(
    _ weight: Safetensors.Tensor, _ bias: Safetensors.Tensor?
  ) throws(ModelFileError) -> LinearMap {
    let shape = weight.shape
    guard shape.count == 2, shape.allSatisfy({ $0 > 0 }), weight.elementType.isFloatingPoint else {
      throw unsupported(weight, expected: "floating-point numbers of shape [outputs, inputs]")
    }
    func matrix(_ elements: [Float]) -> Matrix {
      Matrix(rows: shape[0], columns: shape[1], elements: elements)
    }
    let zeros = [Float](repeating: 0, count: shape[0])
    if let bias {
      guard bias.shape == [shape[0]], bias.elementType.isFloatingPoint else {
        throw unsupported(bias, expected: "\(shape[0]) floating-point numbers")
      }
    }
    if let parts = weight.complexParts {
      let biases = bias?.complexParts ?? (real: bias?.floats ?? zeros, imaginary: zeros)
      return LinearMap(
        weight: matrix(parts.real), bias: biases.real,
        imaginary: .init(weight: matrix(parts.imaginary), bias: biases.imaginary))
    }
    guard let elements = weight.floats else {
      throw unsupported(weight, expected: "real or complex numbers")
    }
    if let bias, bias.elementType == .complex64 {
      throw unsupported(bias, expected: "real numbers, as the weights beside it")
    }
    return LinearMap(weight: matrix(elements), bias: bias?.floats ?? zeros)
  }

  private func unsupported(
    _ tensor: Safetensors.Tensor, is found: String? = nil, expected: String
  ) -> ModelFileError {
    .unsupportedTensor(
      path: path, name: tensor.name,
      found: found ?? "\(tensor.elementType.rawValue) of shape \(tensor.shape)",
      expected: expected)
  }
}

extension Safetensors.Tensor {
  /// Name and shape.
  var summary: String { "\(name) \(shape)" }
}
