import Foundation
import SplineGeometry

/// What `inr info` says of a network that is no plain chain of layers in its file.
struct ImportRecord: Encodable {
  struct LayerRecord: Encodable {
    let neurons: Int
    /// Units that hand on values that later layers need.
    let carried: Int
    let activation: String
  }

  let network: String
  let inputs: Int
  let outputs: Int
  let neurons: Int
  /// In the file.
  let parameters: Int
  /// The hidden layers, as a chain.
  let layers: [LayerRecord]
  let metadata: [String: String]
  let ignoredTensors: [String]

  init(_ imported: ImportedNetwork) {
    let spline = imported.network
    layers = spline.hiddenUnits.indices.map { k in
      LayerRecord(
        neurons: spline.hiddenUnits[k], carried: spline.carriedUnits[k],
        activation: Self.name(ofSlopes: spline.hiddenSlopes[k]))
    }
    let sizes = [spline.inputs] + spline.hiddenUnits + [spline.outputs]
    network = "piecewise affine " + sizes.map { "\($0)" }.joined(separator: "-")
    inputs = spline.inputs
    outputs = spline.outputs
    neurons = spline.neuronCount
    parameters = imported.parameterCount
    metadata = imported.metadata
    ignoredTensors = imported.ignoredTensors
  }

  private static func name(ofSlopes slopes: [Double]) -> String {
    switch slopes {
    case [0]: "relu"
    case [-1]: "absolute value"
    default:
      "slopes "
        + slopes.map { shortText(Double(Float($0).description) ?? $0) }.joined(separator: ", ")
    }
  }

  var text: String {
    var lines = ["network     \(network)", "parameters  \(parameters)", "neurons     \(neurons)"]
    lines.append(
      "input       \(counted(inputs, "coordinate")), output \(counted(outputs, "value"))")
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "\(key.padding(toLength: max(key.count, 11), withPad: " ", startingAt: 0)) \(value)")
    }
    for (k, layer) in layers.enumerated() {
      let carried = layer.carried == 0 ? "" : ", \(counted(layer.carried, "value")) carried through"
      lines.append(
        "layer \(k)     \(counted(layer.neurons, "neuron")), \(layer.activation)\(carried)")
    }
    if !ignoredTensors.isEmpty {
      lines.append("not used    \(ignoredTensors.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
