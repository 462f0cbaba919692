import Compute
import Networks

/// A network of ReLU or leaky-ReLU layers: a continuous piecewise-affine spline.
///
/// The weights are those of the file, `Float`, and all arithmetic is in `Double`.
///
/// - Source: Balestriero and Baraniuk, "A spline theory of deep learning", ICML 2018.
public struct SplineNetwork: Sendable {
  /// One affine map, then for all layers but the last the activation `z ↦ z > 0 ? z : slope · z`.
  struct Layer: Sendable {
    let inputs: Int
    let units: Int
    /// `[units, inputs]`, row by row.
    var weights: [Double]
    var biases: [Double]
    /// 0 for ReLU; nil in the last layer.
    let slope: Double?
  }

  let layers: [Layer]
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
          biases: map.bias.map(Double.init), slope: slope))
    }
    self.layers = layers
    inputs = network.inputs
  }

  /// Values of a point.
  public var outputs: Int { layers[layers.count - 1].units }

  var hiddenLayers: ArraySlice<Layer> { layers.dropLast() }

  /// Units of each hidden layer.
  public var hiddenUnits: [Int] { hiddenLayers.map(\.units) }

  /// Hidden neurons of all layers.
  public var neuronCount: Int { hiddenUnits.reduce(0, +) }
}
