import Compute

extension SplineNetwork {
  /// The tangent sensitivity at each point: how fast the derivatives by the parameters change with
  /// the point, `‖∂²f/∂θ∂x‖_F`.
  ///
  /// A training step moves the parameters along ∂f/∂θ; where the sensitivity is large, a small change
  /// of an example changes that direction much. It is exact: in a region `∂f/∂W_l = δ_l a_{l−1}ᵀ` with
  /// a constant δ_l, so layer l adds `‖δ_l‖² ‖∂a_{l−1}/∂x‖_F²` to the square, and biases nothing. It
  /// stays the same in a region, but not when layers are rescaled against each other.
  ///
  /// The paper's measure of a network is its mean over data: ``SampleMean`` of the result.
  ///
  /// - Units: values / (parameters × coordinates).
  /// - Parameter output: the function f; if nil all outputs, whose squares are summed.
  /// - Throws: if a layer has linear units, or there is no such output.
  /// - Source: Daróczy, "Tangent space sensitivity and distribution of linear regions in ReLU
  ///   networks", arXiv:2006.06780.
  public func tangentSensitivity(
    at points: [[Double]], of output: ScalarOutput? = nil, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> [Double] {
    try checkParameters()
    let functions = try outputWeights(of: output)
    let groups = mapParameterLanes(at: points, workers: workers) { lanes, points in
      // The first layer's inputs are the coordinates.
      var slopes = [ParameterLanes.Lanes(repeating: Double(inputs))]
      slopes += lanes.inputSlopes().map(ParameterLanes.squaredLength)
      var sum = ParameterLanes.Lanes.zero
      for weights in functions {
        lanes.pullBack(weights)
        for (delta, slope) in zip(lanes.sensitivities, slopes) {
          sum.addProduct(ParameterLanes.squaredLength(delta), slope)
        }
      }
      return points.indices.map { sum[$0 - points.lowerBound].squareRoot() }
    }
    return groups.flatMap { $0 }
  }
}
