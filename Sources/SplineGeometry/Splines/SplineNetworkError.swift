/// Why a network is no continuous piecewise-affine spline, or has no exact geometry here.
public enum SplineNetworkError: Error, Equatable, CustomStringConvertible {
  /// `layer` counts from 0.
  case notPiecewiseAffine(layer: Int, activation: String)
  case encoding(String)
  case notFinite(layer: Int)
  case inputCount(found: Int, expected: Int)
  case noOutput(found: Int, outputs: Int)
  case level(Double)
  case emptyDomain(String)
  case slice(String)
  case latentCode(found: Int, inputs: Int)
  /// `layer` counts from 0.
  case linearUnits(layer: Int, count: Int)

  public var description: String {
    switch self {
    case .notPiecewiseAffine(let layer, let activation):
      "layer \(layer) has the activation \(activation), so the network is not piecewise affine; "
        + "exact geometry needs relu or leaky-relu in every hidden layer: use marching cubes"
    case .encoding(let name):
      "the network stands behind a \(name) encoding, so it is not piecewise affine; exact "
        + "geometry needs plain coordinates: use marching cubes"
    case .notFinite(let layer):
      "layer \(layer) has weights, biases or slopes that are not finite"
    case .inputCount(let found, let expected):
      "the network has \(found) inputs, expected \(expected)"
    case .noOutput(let found, let outputs):
      "there is no output \(found); the network has \(outputs), counted from 0"
    case .level(let level):
      "the level is \(level), expected a finite number"
    case .latentCode(let found, let inputs):
      "the latent code has \(found) numbers, expected fewer than the network's \(inputs) inputs, "
        + "the last of which are the coordinates"
    case .linearUnits(let layer, let count):
      "layer \(layer) has \(count) linear units, which carry values past it: the weights of such a "
        + "network, compiled from one whose connections skip layers, are no parameters of their own; "
        + "measures of parameters (Fisher-Rao norm, tangent sensitivity, neural tangent kernel) need "
        + "plain layers, while regions, affine maps, distances and norms can be measured all the same"
    case .slice(let problem):
      "the slice \(problem)"
    case .emptyDomain(let problem):
      "the domain \(problem)"
    }
  }
}
