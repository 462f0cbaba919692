extension SplineNetwork {
  /// The network of the other inputs when the first ones are fixed: DeepSDF's decoder takes a latent
  /// code, then the coordinates.
  ///
  /// The code becomes part of the biases, and linear units that carried it are gone.
  public func fixingFirstInputs(
    to latent: [Double]
  ) throws(SplineNetworkError) -> SplineNetwork {
    guard latent.count < inputs else { throw .latentCode(found: latent.count, inputs: inputs) }
    guard !latent.isEmpty else { return self }
    let free = inputs - latent.count
    var graph = PiecewiseAffineGraph(inputs: free)
    let code = graph.constant(latent)
    var value = graph.concatenation([code, graph.input])
    for layer in layers {
      value = graph.affine(
        AffineMap(inputs: layer.inputs, gradients: layer.weights, constants: layer.biases),
        of: value)
      guard let slopes = layer.slopes else { continue }
      let neurons = (0..<layer.units).filter(layer.isNeuron)
      let linear = (0..<layer.units).filter { !layer.isNeuron($0) }
      guard !linear.isEmpty else {
        value = graph.activation(slopes: slopes, of: value)
        continue
      }
      let carried = graph.selection(linear, of: value)
      let activated = graph.activation(
        slopes: neurons.map { slopes[$0] }, of: graph.selection(neurons, of: value))
      var places = [Int](repeating: 0, count: layer.units)
      for (place, unit) in (neurons + linear).enumerated() { places[unit] = place }
      value = graph.selection(places, of: graph.concatenation([activated, carried]))
    }
    return try SplineNetwork(graph, output: value)
  }
}
