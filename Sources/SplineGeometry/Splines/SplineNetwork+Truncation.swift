extension SplineNetwork {
  /// The network up to the pre-activations that follow the first hidden layers: its regions are those
  /// of these layers alone, and where one of its values is 0, a neuron of the next layer bends.
  ///
  /// - Parameter hiddenLayers: how many are kept; with all of them it is the network itself.
  public func truncated(toHiddenLayers hiddenLayers: Int) -> SplineNetwork {
    precondition(
      hiddenLayers >= 0 && hiddenLayers < layers.count,
      "\(hiddenLayers) hidden layers of \(layers.count - 1) cannot be kept")
    let last = layers[hiddenLayers]
    let output = Layer(
      inputs: last.inputs, units: last.units, weights: last.weights, biases: last.biases,
      slopes: nil)
    return SplineNetwork(layers: layers.prefix(hiddenLayers) + [output], inputs: inputs)
  }
}
