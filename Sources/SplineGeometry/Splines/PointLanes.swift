/// Evaluates a network at eight points at a time.
struct PointLanes {
  typealias Lanes = FormLanes.Lanes
  static let count = FormLanes.count

  private let network: SplineNetwork
  private var inputs: [Lanes]
  private var outputs: [Lanes]

  init(_ network: SplineNetwork) {
    self.network = network
    let widest = network.layers.reduce(4) { max($0, $1.units, $1.inputs) }
    inputs = Array(repeating: .zero, count: widest)
    outputs = inputs
  }

  /// The values of the first output.
  mutating func values(x: Lanes, y: Lanes, z: Lanes) -> Lanes {
    forEachLayer(x: x, y: y, z: z) { _, _ in }
    return outputs[0]
  }

  /// Which units of the hidden layers are on, linear ones always: 64 units a word, the first in the
  /// lowest bit.
  mutating func patterns(x: Lanes, y: Lanes, z: Lanes) -> [SIMD8<UInt64>] {
    let layers = network.layers
    let unitCount = network.hiddenLayers.reduce(0) { $0 + $1.units }
    var patterns = [SIMD8<UInt64>](repeating: .zero, count: (unitCount + 63) / 64)
    var number = 0
    forEachLayer(x: x, y: y, z: z) { k, preactivations in
      guard k < layers.count - 1 else { return }
      for unit in 0..<layers[k].units {
        let isOn = preactivations[unit] .> 0 .| SIMDMask(repeating: !layers[k].isNeuron(unit))
        let bits = SIMD8<UInt64>(repeating: 1 << UInt64(number & 63))
        patterns[number >> 6] |= bits.replacing(with: 0, where: .!isOn)
        number += 1
      }
    }
    return patterns
  }

  /// The values of at most eight points of any number of coordinates.
  mutating func values(at points: ArraySlice<[Double]>) -> [[Double]] {
    for axis in 0..<network.inputs {
      var lanes = Lanes.zero
      for (lane, point) in points.enumerated() { lanes[lane] = point[axis] }
      inputs[axis] = lanes
    }
    forEachLayer { _, _ in }
    return points.indices.map { point in
      (0..<network.outputs).map { outputs[$0][point - points.startIndex] }
    }
  }

  private mutating func forEachLayer(
    x: Lanes, y: Lanes, z: Lanes, _ body: (_ layer: Int, _ preactivations: [Lanes]) -> Void
  ) {
    inputs[0] = x
    inputs[1] = y
    inputs[2] = z
    forEachLayer(body)
  }

  /// From the inputs that are set.
  private mutating func forEachLayer(_ body: (_ layer: Int, _ preactivations: [Lanes]) -> Void) {
    for (k, layer) in network.layers.enumerated() {
      Self.apply(layer, to: inputs, into: &outputs)
      body(k, outputs)
      guard let slopes = layer.slopes else { return }
      for unit in 0..<layer.units {
        let z = outputs[unit]
        inputs[unit] = z.replacing(with: z * slopes[unit], where: z .< 0)
      }
    }
  }

  static func apply(
    _ layer: SplineNetwork.Layer, to values: [Lanes], into outputs: inout [Lanes]
  ) {
    LaneProduct.multiply(
      layer.weights, rows: layer.units, by: values, plus: layer.biases, into: &outputs)
  }
}
