/// A layer's weights as the walk reads them: eight neurons side by side.
struct PackedLayer: Sendable {
  let inputs: Int
  let units: Int
  /// Of neurons that are off; nil in the last layer.
  let slope: Double?
  /// `[chunks of eight units][inputs]`.
  let weights: [FormLanes.Lanes]
  let biases: [FormLanes.Lanes]
  /// The largest sum of the sizes of the terms that a pre-activation has at samples of the domain.
  let scale: Double

  init(_ layer: SplineNetwork.Layer, scale: Double) {
    (inputs, units, slope) = (layer.inputs, layer.units, layer.slope)
    self.scale = scale
    let chunks = (layer.units + FormLanes.count - 1) / FormLanes.count
    var weights = [FormLanes.Lanes](repeating: .zero, count: chunks * layer.inputs)
    var biases = [FormLanes.Lanes](repeating: .zero, count: chunks)
    for j in 0..<layer.units {
      let (chunk, lane) = j.quotientAndRemainder(dividingBy: FormLanes.count)
      biases[chunk][lane] = layer.biases[j]
      for i in 0..<layer.inputs {
        weights[chunk * layer.inputs + i][lane] = layer.weights[j * layer.inputs + i]
      }
    }
    self.weights = weights
    self.biases = biases
  }

  /// What rounding may do to a pre-activation at a vertex, which has been through several cuts.
  var rounding: Double { 4e-16 * scale }

  /// The pre-activations' forms, from those of the inputs that are not 0.
  func compose(_ inputForms: [(input: Int, form: AffineForm)], into block: inout LaneBlock) {
    for chunk in biases.indices {
      var sum = FormLanes()
      sum.constant = biases[chunk]
      let first = chunk * inputs
      for (input, form) in inputForms { sum.addProduct(weights[first + input], form) }
      block.forms[chunk] = sum
    }
  }
}

/// The packed layers of a network, with the scales that they have on a domain.
struct PackedNetwork: Sendable {
  let layers: [PackedLayer]
  /// The first neuron of each layer, counted through all of them.
  let firstNeurons: [Int]
  let neuronCount: Int
  let inputs: Int

  init(_ network: SplineNetwork, on domain: SplineDomain) {
    var scales = [Double](repeating: 0, count: network.layers.count)
    for sample in domain.samples {
      var inputs = (0..<network.inputs).map { sample[$0] }
      network.forEachLayer(at: inputs) { k, values in
        let layer = network.layers[k]
        for j in 0..<layer.units {
          var size = abs(layer.biases[j])
          for i in inputs.indices {
            size += abs(layer.weights[j * layer.inputs + i] * inputs[i])
          }
          scales[k] = max(scales[k], size)
        }
        if let slope = layer.slope { inputs = values.map { $0 > 0 ? $0 : slope * $0 } }
      }
    }
    layers = zip(network.layers, scales).map { PackedLayer($0, scale: $1) }
    var firstNeurons: [Int] = []
    var count = 0
    for layer in network.hiddenLayers {
      firstNeurons.append(count)
      count += layer.units
    }
    self.firstNeurons = firstNeurons
    neuronCount = count
    inputs = network.inputs
  }

  var hiddenCount: Int { layers.count - 1 }
}
