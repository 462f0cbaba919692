import Compute
import Networks

/// Piecewise-affine models for the commands that look at their regions.
extension Workspace {
  /// A model of |x| + |y| − ½.
  func writeDiamond(
    to name: String = "model.safetensors", constant: Float = -0.5,
    activation: any Activation = ReLU()
  ) throws {
    let hidden = LinearMap(
      weight: Matrix(rows: 4, columns: 2, elements: [1, 0, -1, 0, 0, 1, 0, -1]),
      bias: [0, 0, 0, 0])
    let output = LinearMap(
      weight: Matrix(rows: 1, columns: 4, elements: [1, 1, 1, 1]), bias: [constant])
    let network = try Network(
      inputs: 2, layers: [Layer(hidden, activation: activation), Layer(output)])
    try Model(network: network).write(to: file(name))
  }

  /// A ReLU network with random weights.
  @discardableResult
  func writeRandom(
    _ sizes: [Int], seed: UInt64, to name: String = "model.safetensors"
  ) throws -> Network {
    var random = SplitMix64(seed: seed)
    var layers = zip(sizes, sizes.dropFirst()).map { inputs, units in
      let weights = (0..<units * inputs).map { _ in Float(random.nextNormal()) }
      let bias = (0..<units).map { _ in Float(0.5 * random.nextNormal()) }
      return Layer(
        LinearMap(weight: Matrix(rows: units, columns: inputs, elements: weights), bias: bias),
        activation: ReLU())
    }
    layers[layers.count - 1].activation = nil
    let network = try Network(inputs: sizes[0], layers: layers)
    try Model(network: network).write(to: file(name))
    return network
  }
}
