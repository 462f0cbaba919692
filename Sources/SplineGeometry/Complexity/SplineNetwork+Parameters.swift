extension SplineNetwork {
  /// Weights and biases of all layers.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.weights.count + $1.biases.count } }

  /// All parameters: of each layer in turn the weights `[units, inputs]`, row by row, then the biases.
  public var parameters: [Double] { layers.flatMap { $0.weights + $0.biases } }

  /// - Throws: if units are linear: the weights around them may belong to the way in which the network
  ///   was compiled.
  func checkParameters() throws(SplineNetworkError) {
    for (k, count) in carriedUnits.enumerated() where count > 0 {
      throw .linearUnits(layer: k, count: count)
    }
  }

  /// The derivatives ∂f/∂θ at a point of each output by each of the ``parameters``:
  /// `[outputs][parameters]`. They are exact; on a boundary they are those of the side on which the
  /// neuron is off.
  ///
  /// - Throws: if a layer has linear units.
  public func parameterJacobian(at point: [Double]) throws(SplineNetworkError) -> [[Double]] {
    try checkParameters()
    var lanes = ParameterLanes(self)
    lanes.evaluate([point])
    return try outputWeights(of: nil).map { weights in
      lanes.pullBack(weights)
      return layers.indices.flatMap { l in
        let (a, delta) = (lanes.inputs[l].map { $0[0] }, lanes.sensitivities[l].map { $0[0] })
        return delta.flatMap { d in a.map { d * $0 } } + delta
      }
    }
  }

  /// The mixed derivatives ∂²f/∂θ∂x at a point, `[parameters, coordinates]` row by row: how ∂f/∂θ
  /// changes with the point. They are exact, and 0 for biases, as ∂f/∂θ is affine in a region.
  ///
  /// It is the matrix whose norm is ``tangentSensitivity(at:of:workers:)``, which does without it.
  ///
  /// - Throws: if a layer has linear units, or there is no such output.
  public func tangentSampleSensitivity(
    at point: [Double], of output: ScalarOutput
  ) throws(SplineNetworkError) -> [Double] {
    try checkParameters()
    let weights = try outputWeights(of: output)[0]
    var lanes = ParameterLanes(self)
    lanes.evaluate([point])
    lanes.pullBack(weights)
    let slopes = lanes.inputSlopes()
    return layers.enumerated().flatMap { l, layer in
      /// ∂(input)/∂(coordinate)
      func slope(_ input: Int, _ axis: Int) -> Double {
        l == 0 ? (input == axis ? 1 : 0) : slopes[l - 1][axis * layer.inputs + input][0]
      }
      let weights = lanes.sensitivities[l].flatMap { delta in
        (0..<layer.inputs).flatMap { input in
          (0..<inputs).map { delta[0] * slope(input, $0) }
        }
      }
      return weights + [Double](repeating: 0, count: layer.units * inputs)
    }
  }
}
