/// Evaluates a network at sixteen points at a time, in single precision.
struct FloatLanes {
  typealias Lanes = SIMD16<Float>
  static let count = 16
  /// Units at a time, so that no sum waits for itself and an input is read once for all of them.
  private static let block = 8

  private struct Layer {
    let inputs: Int
    let units: Int
    /// `[blocks of eight units][inputs][eight]`, 0 behind the last unit.
    let weights: [Float]
    let biases: [Float]
    let slopes: [Float]?
  }

  private let layers: [Layer]
  private var inputs: [Lanes]
  private var outputs: [Lanes]

  init(_ network: SplineNetwork) {
    layers = network.layers.map { layer in
      let blocks = (layer.units + Self.block - 1) / Self.block
      var weights = [Float](repeating: 0, count: blocks * layer.inputs * Self.block)
      for unit in 0..<layer.units {
        for i in 0..<layer.inputs {
          let place = (unit / Self.block * layer.inputs + i) * Self.block + unit % Self.block
          weights[place] = Float(layer.weights[unit * layer.inputs + i])
        }
      }
      let rest = [Float](repeating: 0, count: blocks * Self.block - layer.units)
      return Layer(
        inputs: layer.inputs, units: layer.units, weights: weights,
        biases: layer.biases.map { Float($0) } + rest,
        slopes: layer.slopes.map { $0.map { Float($0) } + rest })
    }
    let widest = layers.reduce(0) { max($0, $1.inputs, $1.biases.count) }
    inputs = Array(repeating: .zero, count: widest)
    outputs = inputs
  }

  /// The values of the first output.
  mutating func values(x: Lanes, y: Lanes, z: Lanes) -> Lanes {
    (inputs[0], inputs[1], inputs[2]) = (x, y, z)
    for layer in layers {
      Self.apply(layer, to: inputs, into: &outputs)
      guard let slopes = layer.slopes else { break }
      Self.activate(outputs, slopes, into: &inputs)
    }
    return outputs[0]
  }

  private static func activate(_ values: [Lanes], _ slopes: [Float], into results: inout [Lanes]) {
    var results = results.mutableSpan
    for unit in slopes.indices {
      let z = values[unit]
      results[unit] = z.replacing(with: z * slopes[unit], where: z .< 0)
    }
  }

  private static func apply(_ layer: Layer, to values: [Lanes], into outputs: inout [Lanes]) {
    let inputs = values.span.extracting(first: layer.inputs)
    let weights = layer.weights.span
    let biases = layer.biases.span
    var outputs = outputs.mutableSpan
    for unit in stride(from: 0, to: layer.units, by: block) {
      var (a, b) = (Lanes(repeating: biases[unit]), Lanes(repeating: biases[unit + 1]))
      var (c, d) = (Lanes(repeating: biases[unit + 2]), Lanes(repeating: biases[unit + 3]))
      var (e, f) = (Lanes(repeating: biases[unit + 4]), Lanes(repeating: biases[unit + 5]))
      var (g, h) = (Lanes(repeating: biases[unit + 6]), Lanes(repeating: biases[unit + 7]))
      var place = unit * layer.inputs
      for i in inputs.indices {
        let input = inputs[i]
        a.addProduct(input, weights[place])
        b.addProduct(input, weights[place + 1])
        c.addProduct(input, weights[place + 2])
        d.addProduct(input, weights[place + 3])
        e.addProduct(input, weights[place + 4])
        f.addProduct(input, weights[place + 5])
        g.addProduct(input, weights[place + 6])
        h.addProduct(input, weights[place + 7])
        place += block
      }
      (outputs[unit], outputs[unit + 1], outputs[unit + 2], outputs[unit + 3]) = (a, b, c, d)
      (outputs[unit + 4], outputs[unit + 5], outputs[unit + 6], outputs[unit + 7]) = (e, f, g, h)
    }
  }
}
