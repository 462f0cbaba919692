import Compute

extension SplineNetwork {
  /// The values at a point, `[outputs]`.
  public func values(at point: [Double]) -> [Double] {
    var values: [Double] = []
    forEachLayer(at: point) { _, preactivations in values = preactivations }
    return values
  }

  /// The values at some points, `[points][outputs]`; the same for any number of workers.
  public func values(at points: [[Double]], workers: Workers = Workers()) -> [[Double]] {
    for point in points {
      precondition(
        point.count == inputs, "a point has \(point.count) coordinates, not \(inputs)")
    }
    let pointsAtOnce = PointLanes.count * 32
    let chunks = workers.map((points.count + pointsAtOnce - 1) / pointsAtOnce) { _, chunk in
      var lanes = PointLanes(self)
      let end = min((chunk + 1) * pointsAtOnce, points.count)
      return stride(from: chunk * pointsAtOnce, to: end, by: PointLanes.count).flatMap { start in
        lanes.values(at: points[start..<min(start + PointLanes.count, end)])
      }
    }
    return chunks.flatMap { $0 }
  }

  /// What the neurons' activations get at a point, layer by layer.
  public func preactivations(at point: [Double]) -> [[Double]] {
    var found: [[Double]] = []
    forEachLayer(at: point) { layer, preactivations in
      guard let slopes = layers[layer].slopes else { return }
      found.append(zip(preactivations, slopes).compactMap { $1 == 1 ? nil : $0 })
    }
    return found
  }

  /// Which neurons are on at a point.
  public func pattern(at point: [Double]) -> ActivationPattern {
    var pattern = ActivationPattern(neuronCount: neuronCount)
    var neuron = 0
    for z in preactivations(at: point).joined() {
      if z > 0 { pattern[neuron] = true }
      neuron += 1
    }
    return pattern
  }

  /// The affine map that the network is where `pattern` holds.
  public func affineMap(of pattern: ActivationPattern) -> AffineMap {
    precondition(
      pattern.neuronCount == neuronCount,
      "the pattern has \(pattern.neuronCount) neurons, the network \(neuronCount)")
    // Columns: the coordinates, then the constant.
    let columns = inputs + 1
    var map = [Double](repeating: 0, count: inputs * columns)
    for i in 0..<inputs { map[i * columns + i] = 1 }
    var neuron = 0
    for layer in layers {
      var next = [Double](repeating: 0, count: layer.units * columns)
      for j in 0..<layer.units {
        var factor = 1.0
        if let slopes = layer.slopes, layer.isNeuron(j) {
          if !pattern[neuron] { factor = slopes[j] }
          neuron += 1
        }
        guard factor != 0 else { continue }
        next[j * columns + inputs] = factor * layer.biases[j]
        for k in 0..<layer.inputs {
          let weight = factor * layer.weights[j * layer.inputs + k]
          for column in 0..<columns {
            next[j * columns + column] += weight * map[k * columns + column]
          }
        }
      }
      map = next
    }
    return AffineMap(
      inputs: inputs,
      gradients: (0..<outputs).flatMap { map[$0 * columns..<$0 * columns + inputs] },
      constants: (0..<outputs).map { map[$0 * columns + inputs] })
  }

  /// Calls `body` with the pre-activations of each layer in turn; the last are the values.
  func forEachLayer(at point: [Double], _ body: (_ layer: Int, _ preactivations: [Double]) -> Void)
  {
    precondition(point.count == inputs, "the point has \(point.count) coordinates, not \(inputs)")
    var values = point
    for (k, layer) in layers.enumerated() {
      var next = layer.biases
      for j in 0..<layer.units {
        for i in 0..<layer.inputs { next[j] += layer.weights[j * layer.inputs + i] * values[i] }
      }
      body(k, next)
      values = layer.activated(next)
    }
  }
}
