import Networks

/// A linear layer or a residual block of a `state_dict`, with the normalisations behind it.
struct StateLayer: ChainLink {
  enum Kind {
    case linear(AffineMap)
    /// `x ↦ shortcut(x) + second(relu(first(relu(x))))`; without a shortcut x itself is added.
    case residual(first: AffineMap, second: AffineMap, shortcut: AffineMap?)
  }

  let path: [String]
  let kind: Kind
  /// Batch normalisations of what the layer gives, and of what its activation makes of that.
  var normalizations: [AffineMap] = []
  var normalizationsOfActivation: [AffineMap] = []

  var inputs: Int {
    switch kind {
    case .linear(let map): map.inputs
    case .residual(let first, _, _): first.inputs
    }
  }

  var outputs: Int {
    switch kind {
    case .linear(let map): map.outputs
    case .residual(_, let second, _): second.outputs
    }
  }
}

/// The modules of a PyTorch `state_dict`, not yet in order.
struct StateModules {
  private(set) var layers: [StateLayer] = []
  private(set) var normalizations: [(path: [String], map: AffineMap)] = []
  /// Names of the tensors that are no part of a module.
  private(set) var ignored: [String] = []
  /// Whether there is more than weights and biases of linear layers.
  private(set) var hasOtherModules = false
  private(set) var parameterCount = 0
  private let path: String

  /// PyTorch's default of a batch normalisation; a file does not hold it.
  private static let epsilon = 1e-5

  /// The tensors of one module, by what they are to it.
  private typealias Parts = [String: Safetensors.Tensor]

  /// - Parameter prefix: what the names of the tensors that count begin with.
  init(in file: Safetensors, prefix: String?, path: String) throws(ModelFileError) {
    self.path = path
    var modules: [[String]: Parts] = [:]
    for tensor in file.tensors where tensor.name.hasPrefix(prefix ?? "") {
      guard let (module, part) = Self.place(of: tensor.name) else {
        ignored.append(tensor.name)
        continue
      }
      modules[module, default: [:]][part] = tensor
      parameterCount += tensor.count
    }
    var maps: [[String]: AffineMap] = [:]
    for (module, parts) in modules {
      if let mean = parts["running_mean"], let variance = parts["running_var"] {
        normalizations.append((module, try normalization(parts, mean: mean, variance: variance)))
      } else {
        maps[module] = try linear(module, parts)
      }
      hasOtherModules = hasOtherModules || parts.keys.contains { !["weight", "bias"].contains($0) }
    }
    takeBlocks(outOf: &maps)
    layers += maps.map { StateLayer(path: $0.key, kind: .linear($0.value)) }
    ignored.sort()
  }

  /// The module's path, and what the tensor is to it.
  private static func place(of name: String) -> (module: [String], part: String)? {
    var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    var part = path.removeLast()
    if path.suffix(2) == ["parametrizations", "weight"] {
      guard let older = ["original0": "weight_g", "original1": "weight_v"][part] else { return nil }
      part = older
      path.removeLast(2)
    }
    let parts = ["weight", "bias", "weight_g", "weight_v", "running_mean", "running_var"]
    return parts.contains(part) ? (path, part) : nil
  }

  /// An affine map from a weight, or from its direction and length.
  private func linear(_ module: [String], _ parts: Parts) throws(ModelFileError) -> AffineMap {
    let name = module.joined(separator: ".")
    guard let weight = parts["weight"] ?? parts["weight_v"] else {
      let tensor = parts.values.map(\.name).min() ?? name
      throw .unsupportedTensor(
        path: path, name: tensor, found: "a tensor without a weight beside it",
        expected: "the weight")
    }
    guard weight.shape.count == 2, weight.shape.allSatisfy({ $0 > 0 }) else {
      throw unsupported(weight, expected: "shape [outputs, inputs]")
    }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    var gradients = try numbers(weight, count: outputs * inputs)
    if parts["weight"] == nil {
      guard let lengths = parts["weight_g"] else {
        throw unsupported(weight, expected: "the weight_g of a weight normalisation beside it")
      }
      let wanted = try numbers(lengths, count: outputs)
      for row in 0..<outputs {
        let range = row * inputs..<(row + 1) * inputs
        let length = gradients[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
        for k in range { gradients[k] *= wanted[row] / length }
      }
    }
    var constants = [Double](repeating: 0, count: outputs)
    if let bias = parts["bias"] { constants = try numbers(bias, count: outputs) }
    return AffineMap(inputs: inputs, gradients: gradients, constants: constants)
  }

  /// `(x − mean) / √(variance + ε) · weight + bias`, number by number.
  private func normalization(
    _ parts: Parts, mean: Safetensors.Tensor, variance: Safetensors.Tensor
  ) throws(ModelFileError) -> AffineMap {
    let width = mean.count
    let means = try numbers(mean, count: width)
    var factors = try numbers(variance, count: width).map { 1 / ($0 + Self.epsilon).squareRoot() }
    if let weight = parts["weight"] {
      factors = zip(factors, try numbers(weight, count: width)).map(*)
    }
    var constants = [Double](repeating: 0, count: width)
    if let bias = parts["bias"] { constants = try numbers(bias, count: width) }
    return .scaling(
      factors, offsets: (0..<width).map { constants[$0] - factors[$0] * means[$0] })
  }

  /// Takes the layers of blocks that are named as those of Occupancy Networks.
  private mutating func takeBlocks(outOf maps: inout [[String]: AffineMap]) {
    let parents = Set(maps.keys.filter { $0.last == "fc_0" }.map { Array($0.dropLast()) })
    for parent in parents where !parent.isEmpty {
      let members = maps.keys.filter { $0.starts(with: parent) && $0.count == parent.count + 1 }
      let shortcut = maps[parent + ["shortcut"]]
      guard let first = maps[parent + ["fc_0"]], let second = maps[parent + ["fc_1"]],
        members.count == (shortcut == nil ? 2 : 3), first.outputs == second.inputs,
        second.outputs == shortcut?.outputs ?? first.inputs,
        shortcut?.inputs ?? first.inputs == first.inputs
      else { continue }
      for member in members { maps[member] = nil }
      layers.append(
        StateLayer(
          path: parent, kind: .residual(first: first, second: second, shortcut: shortcut)))
      hasOtherModules = true
    }
  }

  private func numbers(
    _ tensor: Safetensors.Tensor, count: Int
  ) throws(ModelFileError) -> [Double] {
    guard tensor.count == count, tensor.elementType.isFloatingPoint, let numbers = tensor.doubles
    else { throw unsupported(tensor, expected: "\(count) real floating-point numbers") }
    return numbers
  }

  private func unsupported(_ tensor: Safetensors.Tensor, expected: String) -> ModelFileError {
    .unsupportedTensor(
      path: path, name: tensor.name,
      found: "\(tensor.elementType.rawValue) of shape \(tensor.shape)", expected: expected)
  }
}

extension AffineMap {
  /// `factor · x + offset`, number by number.
  static func scaling(_ factors: [Double], offsets: [Double]) -> AffineMap {
    var gradients = [Double](repeating: 0, count: factors.count * factors.count)
    for (k, factor) in factors.enumerated() { gradients[k * factors.count + k] = factor }
    return AffineMap(inputs: factors.count, gradients: gradients, constants: offsets)
  }
}
