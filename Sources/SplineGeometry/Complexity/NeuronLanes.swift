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
  /// What the next layer gets, `[columns, inputs]`.
  private var inputs: [Lanes]
  /// Pre-activations of the layer last evaluated, `[columns, units]`.
  private(set) var outputs: [Lanes]
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
    inputs = Array(repeating: .zero, count: widest * columnCount)
    outputs = inputs
  }

  var hiddenCount: Int { layers.count - 1 }

  /// Begins with at most eight points.
  mutating func start(_ points: ArraySlice<[Double]>) {
    for axis in 0..<layers[0].inputs {
      var lanes = Lanes.zero
      for (lane, point) in points.enumerated() { lanes[lane] = point[axis] }
      inputs[axis] = lanes
    }
    inputSlope = Lanes(repeating: Double(layers[0].inputs).squareRoot())
  }

  /// Evaluates a layer; all before it have been.
  mutating func evaluate(layer number: Int) {
    let layer = layers[number]
    for unit in 0..<layer.units { outputs[unit] = Lanes(repeating: layer.biases[unit]) }
    Self.add(layer, times: inputs, column: 0, to: &outputs)
    for column in 1..<max(columnCount, 1) {
      for unit in 0..<layer.units {
        // The coordinates' derivatives are the identity.
        outputs[column * layer.units + unit] =
          number == 0 ? Lanes(repeating: layer.weights[unit * layer.inputs + column - 1]) : .zero
      }
      if number > 0 { Self.add(layer, times: inputs, column: column, to: &outputs) }
    }
  }

  /// Hands the layer last evaluated on to the next one.
  mutating func activate(layer number: Int) {
    let layer = layers[number]
    guard let slopes = layer.slopes else { return }
    var squares = Lanes.zero
    for unit in 0..<layer.units {
      let isOff = outputs[unit] .<= 0
      for column in 0..<columnCount {
        let place = column * layer.units + unit
        inputs[place] = outputs[place].replacing(with: outputs[place] * slopes[unit], where: isOff)
        if column > 0 { squares.addProduct(inputs[place], inputs[place]) }
      }
    }
    inputSlope = squares.squareRoot()
  }

  /// The length of a unit's derivatives, or 0 where they are no more than what rounding leaves of terms
  /// that cancel.
  func slope(of unit: Int, layer: Int) -> Lanes {
    let units = layers[layer].units
    var sum = Lanes.zero
    for column in 1..<columnCount {
      let derivative = outputs[column * units + unit]
      sum.addProduct(derivative, derivative)
    }
    let slope = sum.squareRoot()
    let rounding = (1e-15 * rowLengths[layer][unit]) * inputSlope
    return slope.replacing(with: 0, where: slope .<= rounding)
  }

  /// `sum += W v` for a column v of the inputs.
  private static func add(
    _ layer: SplineNetwork.Layer, times values: [Lanes], column: Int, to sum: inout [Lanes]
  ) {
    let (count, units) = (layer.inputs, layer.units)
    let weights = layer.weights.span
    let values = values.span.extracting(column * count..<(column + 1) * count)
    var sum = sum.mutableSpan
    let start = column * units
    var unit = 0
    // Four sums at a time, so that none waits for itself.
    while unit + 4 <= units {
      var (a, b) = (sum[start + unit], sum[start + unit + 1])
      var (c, d) = (sum[start + unit + 2], sum[start + unit + 3])
      let first = unit * count
      for i in 0..<count {
        let value = values[i]
        a.addProduct(value, weights[first + i])
        b.addProduct(value, weights[first + count + i])
        c.addProduct(value, weights[first + 2 * count + i])
        d.addProduct(value, weights[first + 3 * count + i])
      }
      (sum[start + unit], sum[start + unit + 1]) = (a, b)
      (sum[start + unit + 2], sum[start + unit + 3]) = (c, d)
      unit += 4
    }
    while unit < units {
      for i in 0..<count { sum[start + unit].addProduct(values[i], weights[unit * count + i]) }
      unit += 1
    }
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
