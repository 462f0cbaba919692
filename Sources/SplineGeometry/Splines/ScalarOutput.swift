/// The scalar function that a level set is taken of.
public enum ScalarOutput: Sendable, Equatable {
  /// One output, counted from 0.
  case component(Int)
  /// `first − second`: its zero set is the boundary between two classes.
  case difference(Int, Int)

  /// The outputs that it adds up, with their signs.
  ///
  /// - Parameter outputs: of the network.
  func terms(of outputs: Int) throws(SplineNetworkError) -> [(output: Int, sign: Double)] {
    let terms: [(output: Int, sign: Double)] =
      switch self {
      case .component(let k): [(k, 1)]
      case .difference(let a, let b): [(a, 1), (b, -1)]
      }
    for (k, _) in terms {
      guard k >= 0, k < outputs else { throw .noOutput(found: k, outputs: outputs) }
    }
    return terms
  }
}

extension SplineNetwork {
  /// The network with a single output: the chosen function minus `level`.
  func function(_ output: ScalarOutput, minus level: Double) throws(SplineNetworkError)
    -> SplineNetwork
  {
    guard level.isFinite else { throw .level(level) }
    let last = layers[layers.count - 1]
    var row = [Double](repeating: 0, count: last.inputs)
    var bias = -level
    for (k, sign) in try output.terms(of: last.units) {
      for i in 0..<last.inputs { row[i] += sign * last.weights[k * last.inputs + i] }
      bias += sign * last.biases[k]
    }
    let output = Layer(inputs: last.inputs, units: 1, weights: row, biases: [bias], slopes: nil)
    return SplineNetwork(layers: hiddenLayers + [output], inputs: inputs)
  }
}
