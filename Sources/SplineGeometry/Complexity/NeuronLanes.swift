import Compute

/// The pre-activations of all neurons at eight points at a time, and if wanted their derivatives by the
/// coordinates, layer by layer; for any number of coordinates.
///
/// No step mixes lanes, so a point's numbers are the same alone and among others. The derivatives are
/// those of the region in which a neuron that is not above 0 is off.
struct NeuronLanes: Sendable {
  typealias Lanes = SIMD8<Double>
  static let count = 8

  let layers: [SplineNetwork.Layer]
  /// The lengths of each layer's rows of weights.
  private let rowLengths: [[Double]]
  /// The value, then the derivatives.
  let columnCount: Int
  private let zeros: [Double]
  /// What the next layer gets, `[columns][inputs]`.
  private var inputs: [[Lanes]]
  /// Pre-activations of the layer last evaluated, `[columns][units]`.
  private(set) var outputs: [[Lanes]]
  /// The length of all derivatives of the layer's inputs together.
  private var inputSlope = Lanes.zero

  init(_ network: SplineNetwork, derivatives: Bool) {
    layers = network.unshared.layers
    rowLengths = layers.map { layer in
      (0..<layer.units).map { unit in
        (0..<layer.inputs).reduce(0) {
          let weight = layer.weights[unit * layer.inputs + $1]
          return $0 + weight * weight
        }.squareRoot()
      }
    }
    columnCount = derivatives ? network.inputs + 1 : 1
    let widest = layers.reduce(0) { max($0, $1.units, $1.inputs) }
    inputs = (0..<columnCount).map { _ in Array(repeating: .zero, count: widest) }
    outputs = inputs.map { $0.map { $0 } }
    zeros = Array(repeating: 0, count: widest)
  }

  var hiddenCount: Int { layers.count - 1 }

  /// Begins with at most eight points.
  mutating func start(_ points: ArraySlice<[Double]>) {
    for axis in 0..<layers[0].inputs {
      var lanes = Lanes.zero
      for (lane, point) in points.enumerated() { lanes[lane] = point[axis] }
      inputs[0][axis] = lanes
    }
    inputSlope = Lanes(repeating: Double(layers[0].inputs).squareRoot())
  }

  /// Evaluates a layer; all before it have been.
  mutating func evaluate(layer number: Int) {
    let layer = layers[number]
    for column in 0..<columnCount {
      if column > 0, number == 0 {
        // The coordinates' derivatives are the identity.
        for unit in 0..<layer.units {
          outputs[column][unit] = Lanes(
            repeating: layer.weights[unit * layer.inputs + column - 1])
        }
      } else {
        LaneProduct.multiply(
          layer.weights, rows: layer.units, by: inputs[column],
          plus: column == 0 ? layer.biases : zeros, into: &outputs[column])
      }
    }
  }

  /// Hands the layer last evaluated on to the next one.
  mutating func activate(layer number: Int) {
    let layer = layers[number]
    guard let slopes = layer.slopes else { return }
    var squares = Lanes.zero
    for column in 0..<columnCount {
      for unit in 0..<layer.units {
        let number = outputs[column][unit]
        let bent = number.replacing(with: number * slopes[unit], where: outputs[0][unit] .<= 0)
        inputs[column][unit] = bent
        if column > 0 { squares.addProduct(bent, bent) }
      }
    }
    inputSlope = squares.squareRoot()
  }

  /// The length of a unit's derivatives, or 0 where they are no more than what rounding leaves of terms
  /// that cancel.
  func slope(of unit: Int, layer: Int) -> Lanes {
    var sum = Lanes.zero
    for column in 1..<columnCount {
      let derivative = outputs[column][unit]
      sum.addProduct(derivative, derivative)
    }
    let slope = sum.squareRoot()
    let rounding = (1e-15 * rowLengths[layer][unit]) * inputSlope
    return slope.replacing(with: 0, where: slope .<= rounding)
  }
}

extension SplineNetwork {
  /// Calls `body` for eight points at a time, the last group maybe fewer; returns the results in the
  /// points' order.
  ///
  /// - Parameter derivatives: whether the derivatives by the coordinates are computed, too.
  func mapNeuronLanes<Result: Sendable>(
    at points: [[Double]], derivatives: Bool, workers: Workers,
    _ body: @Sendable (_ lanes: inout NeuronLanes, _ points: ArraySlice<[Double]>) -> [Result]
  ) -> [Result] {
    for point in points {
      precondition(
        point.count == inputs, "a point has \(point.count) coordinates, not \(inputs)")
    }
    let pointsAtOnce = 32 * NeuronLanes.count
    let states = WorkerStates(workers) { NeuronLanes(self, derivatives: derivatives) }
    let chunks = states.map((points.count + pointsAtOnce - 1) / pointsAtOnce) { lanes, chunk in
      let end = min((chunk + 1) * pointsAtOnce, points.count)
      return stride(from: chunk * pointsAtOnce, to: end, by: NeuronLanes.count).flatMap { start in
        let group = points[start..<min(start + NeuronLanes.count, end)]
        lanes.start(group)
        return body(&lanes, group)
      }
    }
    return chunks.flatMap { $0 }
  }
}
