import Compute
import Networks

/// A network of ReLU or leaky-ReLU layers: a continuous piecewise-affine spline.
///
/// The weights are those of the file, or products of these where affine maps follow one another, and
/// all arithmetic is in `Double`.
///
/// Layers may have linear units beside their neurons, which hand a value on as it is: so a network
/// with connections that skip layers is a plain chain of layers, too. A linear unit is no neuron: it
/// divides nothing, and appears in no count and no pattern.
///
/// - Source: Balestriero and Baraniuk, "A spline theory of deep learning", ICML 2018.
public struct SplineNetwork: Sendable {
  /// One affine map, then for all layers but the last the activations `z ↦ z > 0 ? z : slope · z`.
  struct Layer: Sendable {
    let inputs: Int
    let units: Int
    /// `[units, inputs]`, row by row.
    var weights: [Double]
    var biases: [Double]
    /// `[units]`: 0 for ReLU, 1 for linear units; nil in the last layer.
    let slopes: [Double]?

    /// Whether a unit of a hidden layer is a neuron: it may be on or off.
    func isNeuron(_ unit: Int) -> Bool { slopes.map { $0[unit] != 1 } ?? false }

    /// Whether it matters what sign a unit's pre-activation has.
    func hasSign(_ unit: Int) -> Bool { slopes == nil || isNeuron(unit) }

    /// What the next layer gets from the pre-activations.
    func activated(_ values: [Double]) -> [Double] {
      guard let slopes else { return values }
      return zip(values, slopes).map { $0 > 0 ? $0 : $1 * $0 }
    }
  }

  private(set) var layers: [Layer]
  /// Coordinates of a point.
  public let inputs: Int

  /// - Throws: if an activation is neither ReLU nor leaky ReLU, if there is an encoding, or if a
  ///   number is not finite.
  public init(_ network: Network) throws(SplineNetworkError) {
    guard network.encoding == .none else { throw .encoding(network.encoding.name) }
    var layers: [Layer] = []
    for (k, layer) in network.layers.enumerated() {
      var slope: Double?
      switch layer.activation {
      case nil: slope = nil
      case is ReLU: slope = 0
      case let leaky as LeakyReLU: slope = Double(leaky.slope)
      case .some(let other): throw .notPiecewiseAffine(layer: k, activation: name(of: other))
      }
      let map = layer.maps[0]
      guard map.imaginary == nil, layer.maps.count == 1 else {
        throw .notPiecewiseAffine(layer: k, activation: "complex weights")
      }
      let isFinite =
        map.weight.elements.allSatisfy(\.isFinite) && map.bias.allSatisfy(\.isFinite)
        && slope?.isFinite != false
      guard isFinite else { throw .notFinite(layer: k) }
      layers.append(
        Layer(
          inputs: map.inputs, units: map.outputs, weights: map.weight.elements.map(Double.init),
          biases: map.bias.map(Double.init),
          slopes: slope.map { Array(repeating: $0, count: map.outputs) }))
    }
    self.layers = layers
    inputs = network.inputs
  }

  init(layers: [Layer], inputs: Int) {
    self.layers = layers
    self.inputs = inputs
  }

  /// Values of a point.
  public var outputs: Int { layers[layers.count - 1].units }

  /// The same with memory of its own, for one thread.
  var unshared: SplineNetwork {
    var copy = self
    copy.layers = layers.map { layer in
      Layer(
        inputs: layer.inputs, units: layer.units, weights: layer.weights.map { $0 },
        biases: layer.biases.map { $0 }, slopes: layer.slopes?.map { $0 })
    }
    return copy
  }

  var hiddenLayers: ArraySlice<Layer> { layers.dropLast() }

  /// Neurons of each hidden layer.
  public var hiddenUnits: [Int] {
    hiddenLayers.map { layer in (0..<layer.units).count { layer.isNeuron($0) } }
  }

  /// Linear units of each hidden layer, which carry values through it.
  public var carriedUnits: [Int] { zip(hiddenLayers, hiddenUnits).map { $0.units - $1 } }

  /// The slopes that the neurons of each hidden layer have where they are off, in ascending order.
  public var hiddenSlopes: [[Double]] {
    hiddenLayers.map { layer in Set((layer.slopes ?? []).filter { $0 != 1 }).sorted() }
  }

  /// Neurons of all hidden layers.
  public var neuronCount: Int { hiddenUnits.reduce(0, +) }
}
