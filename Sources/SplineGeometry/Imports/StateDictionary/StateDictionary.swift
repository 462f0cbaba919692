import Networks

/// A network from the layers of a PyTorch `state_dict` that are no plain chain.
///
/// A `state_dict` holds no connections; they follow from shapes and names:
///
/// - A layer that takes as many numbers more than the one before it gives as the network has inputs
///   gets those, behind the others, as the decoder of DeepSDF does.
/// - A batch normalisation belongs to the last linear layer whose numbers in its path are not larger
///   (`net.0`, `net.1`; `fc1`, `bn1`). It stands in front of the activation, unless a module without
///   parameters stands between the two in one sequence (`net.0`, `net.2`).
/// - `NAME.fc_0` and `NAME.fc_1`, and maybe `NAME.shortcut`, are a residual block that has its
///   activations in front, as in Occupancy Networks.
///
/// - Source: Park et al., DeepSDF, CVPR 2019; Mescheder et al., Occupancy Networks, CVPR 2019.
struct StateDictionary {
  let layers: [StateLayer]
  let ignored: [String]
  let parameterCount: Int

  init(in file: Safetensors, prefix: String?, path: String) throws(ModelFileError) {
    let modules = try StateModules(in: file, prefix: prefix, path: path)
    ignored = modules.ignored
    parameterCount = modules.parameterCount
    let tensors = file.tensors.map { "\($0.name) \($0.shape)" }.sorted()
    guard !modules.layers.isEmpty else { throw .noLayers(path: path, tensors: tensors) }
    let chain = LayerChain(path: path, tensors: tensors, joints: .outputsAndInputs)
    var layers = try chain.ordered(modules.layers)
    for (place, map) in modules.normalizations.sorted(by: { $0.path.precedes($1.path) }) {
      try Self.attach(map, at: place, to: &layers, file: path, tensors: tensors)
    }
    self.layers = layers
  }

  /// Adds a normalisation to the layer that it belongs to.
  private static func attach(
    _ map: AffineMap, at path: [String], to layers: inout [StateLayer], file: String,
    tensors: [String]
  ) throws(ModelFileError) {
    let owners = layers.indices.filter {
      !path.numbers.lexicographicallyPrecedes(layers[$0].path.numbers)
    }
    guard let owner = owners.last, layers[owner].outputs == map.inputs else {
      throw .noChain(
        path: file,
        problem: "it is not clear which layer the batch normalisation "
          + "\(path.joined(separator: ".")) of \(map.inputs) numbers belongs to",
        tensors: tensors)
    }
    let place = layers[owner].path
    let areOneSequence =
      path.count == place.count && path.dropLast() == place.dropLast()
      && Int(path[path.count - 1]) != nil
    let gap = (path.numbers.last ?? 0) - (place.numbers.last ?? 0)
    var isBeforeLinear = false
    if owner + 1 < layers.count, case .linear = layers[owner + 1].kind { isBeforeLinear = true }
    if areOneSequence, gap > 1, isBeforeLinear, layers[owner].normalizations.isEmpty {
      layers[owner].normalizationsOfActivation.append(map)
    } else {
      layers[owner].normalizations.append(map)
    }
  }

  /// Names of the layers that also get the network's inputs.
  var skipConnections: [String] {
    zip(layers, layers.dropFirst()).filter { $0.outputs != $1.inputs }.map(\.1.name)
  }

  var residualBlocks: [String] {
    layers.filter { if case .residual = $0.kind { true } else { false } }.map(\.name)
  }

  /// - Parameters:
  ///   - slope: of the activation.
  ///   - skipFactor: what the concatenations are multiplied by.
  func network(slope: Double, skipFactor: Double) throws(SplineNetworkError) -> SplineNetwork {
    var graph = PiecewiseAffineGraph(inputs: layers[0].inputs)
    func activated(_ value: PiecewiseAffineGraph.Value) -> PiecewiseAffineGraph.Value {
      graph.activation(slopes: Array(repeating: slope, count: value.width), of: value)
    }
    var value = graph.input
    /// The layer whose activation comes next, if something follows.
    var last: StateLayer?
    for layer in layers {
      var isInside = false
      if case .residual = layer.kind { isInside = true }
      if let last, !isInside {
        value = activated(value)
        for map in last.normalizationsOfActivation { value = graph.affine(map, of: value) }
      }
      if value.width != layer.inputs {
        value = graph.scaled(
          graph.concatenation([value, graph.input]), factors: [skipFactor])
      }
      switch layer.kind {
      case .linear(let map):
        value = graph.affine(map, of: value)
      case .residual(let first, let second, let shortcut):
        let inner = graph.affine(first, of: activated(value))
        let added = graph.affine(second, of: activated(inner))
        value = graph.sum([shortcut.map { graph.affine($0, of: value) } ?? value, added])
      }
      for map in layer.normalizations { value = graph.affine(map, of: value) }
      last = layer
    }
    return try SplineNetwork(graph, output: value)
  }
}

extension [String] {
  /// All numbers in a path, in their order.
  fileprivate var numbers: [Int] {
    flatMap { part in part.split { !("0"..."9" ~= $0) }.compactMap { Int($0) } }
  }

  fileprivate func precedes(_ other: [String]) -> Bool {
    numbers == other.numbers
      ? lexicographicallyPrecedes(other) : numbers.lexicographicallyPrecedes(other.numbers)
  }
}
