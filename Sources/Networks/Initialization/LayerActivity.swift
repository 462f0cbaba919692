import Compute

/// How much of an activation layer is alive at some points.
///
/// WIRE's wavelet `exp(i ω₀ z − σ₀² |z|²)` vanishes, with all its derivatives, where σ₀ |z| is a few
/// units large: a layer whose pre-activations are of that size passes nothing on and learns nothing.
package struct LayerActivity: Sendable, Equatable {
  /// The root of the mean square of `|z|`, over units, maps and points.
  package let preActivation: Double
  /// The root of the mean square of `|h|`.
  package let value: Double
  /// The share of all pairs of a unit and a point with |h| of at least a tenth.
  package let liveShare: Double
}

extension Network {
  /// The activity of each layer but the last, which has no activation.
  package func activities(at points: Matrix) -> [LayerActivity] {
    (0..<layers.count - 1).map { k in
      let maps = layers[k].maps.map { magnitudes(ofLayers: layers[..<k] + [Layer($0)], points) }
      let values = magnitudes(ofLayers: layers[...k] + [.identity(layers[k + 1])], points)
      return LayerActivity(
        preActivation: rootMeanSquare(maps.flatMap { $0 }), value: rootMeanSquare(values),
        liveShare: Double(values.count { $0 >= 0.1 }) / Double(max(values.count, 1)))
    }
  }

  /// |z| of the last, linear layer: of its real part, and of its imaginary one where it is complex.
  private func magnitudes(ofLayers layers: ArraySlice<Layer>, _ points: Matrix) -> [Double] {
    let last = layers[layers.endIndex - 1].maps[0]
    let parts = last.imaginary == nil ? [last] : [last, last.timesMinusI]
    let values = parts.map { part in
      let probe = Layer(part)
      guard
        let network = try? Network(
          inputs: inputs, encoding: encoding, layers: Array(layers.dropLast()) + [probe])
      else { preconditionFailure("layers of a network do not fit one another") }
      return network.values(at: points).elements
    }
    return values[0].indices.map { i in
      values.reduce(0) { $0 + Double($1[i]) * Double($1[i]) }.squareRoot()
    }
  }
}

private func rootMeanSquare(_ values: [Double]) -> Double {
  (values.reduce(0) { $0 + $1 * $1 } / Double(max(values.count, 1))).squareRoot()
}

extension LinearMap {
  /// The map whose real part is this one's imaginary part.
  fileprivate var timesMinusI: LinearMap {
    guard let imaginary else { return self }
    func negated(_ numbers: [Float]) -> [Float] { numbers.map { -$0 } }
    let weight = Matrix(
      rows: weight.rows, columns: weight.columns, elements: negated(weight.elements))
    return LinearMap(
      weight: imaginary.weight, bias: imaginary.bias,
      imaginary: ImaginaryPart(weight: weight, bias: negated(bias)))
  }
}

extension Layer {
  /// A linear layer that returns its inputs, of the field of `next`, whose inputs they are.
  fileprivate static func identity(_ next: Layer) -> Layer {
    let count = next.inputs
    var weight = Matrix(
      rows: count, columns: count, elements: [Float](repeating: 0, count: count * count))
    for i in 0..<count { weight.elements[i * count + i] = 1 }
    let zeros = [Float](repeating: 0, count: count)
    guard next.field == .complex else { return Layer(LinearMap(weight: weight, bias: zeros)) }
    let none = Matrix(
      rows: count, columns: count, elements: [Float](repeating: 0, count: count * count))
    return Layer(
      LinearMap(
        weight: weight, bias: zeros,
        imaginary: LinearMap.ImaginaryPart(weight: none, bias: zeros)))
  }
}
