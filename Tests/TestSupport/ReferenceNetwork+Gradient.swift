import Compute
import Networks

extension ReferenceNetwork {
  /// The mean squared error over points and channels.
  public func loss(at points: Matrix, targets: Matrix) -> Double {
    let values = values(at: points)
    return zip(values, targets.elements).reduce(0) { sum, pair in
      sum + (pair.0 - Double(pair.1)) * (pair.0 - Double(pair.1))
    } / Double(values.count)
  }

  /// The gradient of the mean squared error, shaped as the network.
  public func lossGradient(
    at points: Matrix, targets: Matrix, _ derivative: ReferenceActivation.Derivative = .training
  ) -> ReferenceNetwork {
    let scale = 2 / Double(targets.elements.count)
    return gradient(at: points, derivative) { values, row in
      zip(values, targets.row(row)).map { scale * ($0 - $1) }
    }
  }

  /// The gradient of any loss, from its derivatives with respect to the values of each point.
  public func gradient(
    at points: Matrix, _ derivative: ReferenceActivation.Derivative = .training,
    slopes: (_ values: [Double], _ row: Int) -> [Double]
  ) -> ReferenceNetwork {
    var result = self
    result.setParameters(parameters.map { NamedTensor($0.name, $0.values.map { _ in 0 }) })
    for row in 0..<points.rows {
      let trace = trace(points.row(row), derivative)
      let slopes = slopes(trace.outputs.map(\.real), row)
      addGradient(trace, slopes, to: &result)
    }
    return result
  }

  private func addGradient(_ trace: Trace, _ slopes: [Double], to result: inout ReferenceNetwork) {
    var g = slopes.map { Complex($0) }
    for k in layers.indices.reversed() {
      var z = [g]
      if let activation = layers[k].activation {
        z = preactivationGradients(trace.values[k], g, maps: layers[k].maps.count)
        for c in activation.constants.indices {
          let lane = ReferenceActivation.firstConstantLane + c
          result.layers[k].activation?.constants[c] += zip(trace.values[k], g).reduce(0) {
            $0 + slope($1.0, $1.1, lane)
          }
        }
      }
      let inputs = trace.inputs[k]
      g = inputs.map { _ in Complex(0) }
      for (m, map) in layers[k].maps.enumerated() {
        for o in 0..<map.outputs {
          result.layers[k].maps[m].addToBias(o, z[m][o])
          for i in 0..<map.inputs {
            result.layers[k].maps[m].addToWeight(o, i, z[m][o] * inputs[i].conjugate)
          }
        }
        g = zip(g, map.applyAdjoint(z[m])).map { $0 + $1 }
      }
    }
  }

  private func preactivationGradients(_ values: [ComplexDual], _ g: [Complex], maps: Int)
    -> [[Complex]]
  {
    (0..<maps).map { m in
      zip(values, g).map { Complex(slope($0, $1, 2 * m), slope($0, $1, 2 * m + 1)) }
    }
  }

  /// ∂L/∂(the number that `lane` stands for), from ∂L/∂value.
  private func slope(_ value: ComplexDual, _ g: Complex, _ lane: Int) -> Double {
    g.real * value.real.slopes[lane] + g.imaginary * value.imaginary.slopes[lane]
  }

  /// Derivatives of the values with respect to the coordinates: `[outputs, inputs]`, row by row.
  ///
  /// They run forward through the network, unlike the engine's.
  public func jacobian(
    at x: [Double], _ derivative: ReferenceActivation.Derivative = .exact
  ) -> [Double] {
    let trace = trace(x, derivative)
    let columns = x.indices.map { d in
      var tangent = features(x).map { Complex($0.slopes[d]) }
      for (k, layer) in layers.enumerated() {
        let z = layer.maps.map { $0.apply(tangent) }
        guard layer.activation != nil else { return z[0].map(\.real) }
        tangent = trace.values[k].enumerated().map { unit, value in
          let directions = z.flatMap { [$0[unit].real, $0[unit].imaginary] }
          return directions.enumerated().reduce(Complex(0)) { sum, direction in
            let (lane, length) = direction
            return sum
              + Complex(value.real.slopes[lane] * length, value.imaginary.slopes[lane] * length)
          }
        }
      }
      preconditionFailure("the last layer has an activation")
    }
    return (0..<outputs).flatMap { o in columns.map { $0[o] } }
  }

  /// Derivatives at points given one a row.
  public func jacobian(
    at points: Matrix, _ derivative: ReferenceActivation.Derivative = .exact
  ) -> [Double] {
    (0..<points.rows).flatMap { jacobian(at: points.row($0), derivative) }
  }
}

extension ReferenceNetwork.Map {
  // The imaginary part of a real parameter does not exist.
  mutating func addToBias(_ o: Int, _ g: Complex) {
    bias[o] += field == .real ? Complex(g.real) : g
  }
  mutating func addToWeight(_ o: Int, _ i: Int, _ g: Complex) {
    weight[o * inputs + i] += field == .real ? Complex(g.real) : g
  }
}
