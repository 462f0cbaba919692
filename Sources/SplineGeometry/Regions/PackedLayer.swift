/// The inputs of a layer that are not 0, as affine functions on a cell.
struct InputForms {
  struct Element {
    let input: Int
    let form: AffineForm
  }

  /// Those in use are the first `count`.
  private(set) var elements: [Element]
  private(set) var count = 0

  /// - Parameter capacity: the most inputs that a layer has.
  init(capacity: Int) {
    elements = Array(repeating: Element(input: 0, form: .zero), count: capacity)
  }

  /// The coordinates.
  mutating func setCoordinates(_ axes: Int) {
    for axis in 0..<axes {
      var form = AffineForm.zero
      form[axis] = 1
      elements[axis] = Element(input: axis, form: form)
    }
    count = axes
  }

  mutating func removeAll() { count = 0 }

  mutating func append(_ input: Int, _ form: AffineForm) {
    elements[count] = Element(input: input, form: form)
    count += 1
  }

  /// Appends what a unit hands on, where that is not 0.
  @inline(__always)
  mutating func append(_ layer: PackedLayer, unit: Int, _ form: AffineForm, isOn: Bool) {
    if isOn {
      append(unit, form)
    } else if layer.slopes[unit] != 0 {
      append(unit, layer.slopes[unit] * form)
    }
  }
}

/// A layer's weights as the walk reads them: eight neurons side by side.
///
/// It is a class because a struct's arrays would be retained one by one each time a layer is used,
/// which took a twentieth of the walk's time.
final class PackedLayer: Sendable {
  let inputs: Int
  let units: Int
  /// `[units]`: the factors of negative pre-activations; 1 for linear units, and in the last layer.
  let slopes: [Double]
  /// The slopes, eight units side by side.
  let slopeLanes: [FormLanes.Lanes]
  /// What rounding may do to a pre-activation at a vertex, which has been through several cuts; −∞
  /// in the lanes of linear units and in those behind the last unit.
  let roundings: [FormLanes.Lanes]
  /// `[chunks of eight units][inputs]`.
  let weights: [FormLanes.Lanes]
  let biases: [FormLanes.Lanes]
  /// The largest sum of the sizes of the terms that the pre-activation of a unit with a sign has at
  /// samples of the domain.
  let scale: Double

  init(_ layer: SplineNetwork.Layer, scale: Double) {
    (inputs, units) = (layer.inputs, layer.units)
    slopes = layer.slopes ?? Array(repeating: 1, count: layer.units)
    self.scale = scale
    let chunks = (layer.units + FormLanes.count - 1) / FormLanes.count
    var weights = [FormLanes.Lanes](repeating: .zero, count: chunks * layer.inputs)
    var biases = [FormLanes.Lanes](repeating: .zero, count: chunks)
    var roundings = [FormLanes.Lanes](repeating: .init(repeating: -.infinity), count: chunks)
    var slopeLanes = [FormLanes.Lanes](repeating: .init(repeating: 1), count: chunks)
    for j in 0..<layer.units {
      let (chunk, lane) = j.quotientAndRemainder(dividingBy: FormLanes.count)
      biases[chunk][lane] = layer.biases[j]
      slopeLanes[chunk][lane] = slopes[j]
      if layer.hasSign(j) { roundings[chunk][lane] = Self.rounding(scale) }
      for i in 0..<layer.inputs {
        weights[chunk * layer.inputs + i][lane] = layer.weights[j * layer.inputs + i]
      }
    }
    self.weights = weights
    self.biases = biases
    self.roundings = roundings
    self.slopeLanes = slopeLanes
  }

  /// A copy with memory of its own.
  init(copying layer: PackedLayer) {
    (inputs, units, scale) = (layer.inputs, layer.units, layer.scale)
    slopes = layer.slopes.map { $0 }
    slopeLanes = layer.slopeLanes.map { $0 }
    roundings = layer.roundings.map { $0 }
    weights = layer.weights.map { $0 }
    biases = layer.biases.map { $0 }
  }

  /// What rounding may do to the pre-activation of a unit with a sign.
  var rounding: Double { Self.rounding(scale) }

  static func rounding(_ scale: Double) -> Double { 4e-16 * scale }

  /// The pre-activations' forms, from those of the inputs that are not 0.
  func compose(_ inputForms: InputForms, into forms: inout [FormLanes]) {
    for chunk in biases.indices {
      forms[chunk] = FormLanes()
      forms[chunk].constant = biases[chunk]
    }
    addProducts(inputForms, to: &forms)
  }

  /// The pre-activations' forms, from those of some inputs and what all others contribute.
  func compose(
    _ inputForms: InputForms, onto others: [FormLanes], into forms: inout [FormLanes]
  ) {
    for chunk in biases.indices { forms[chunk] = others[chunk] }
    addProducts(inputForms, to: &forms)
  }

  private func addProducts(_ inputForms: InputForms, to forms: inout [FormLanes]) {
    let inputForms = inputForms.elements.span.extracting(first: inputForms.count)
    for chunk in biases.indices {
      var sum = forms[chunk]
      let first = chunk * inputs
      for k in inputForms.indices {
        sum.addProduct(weights[first + inputForms[k].input], inputForms[k].form)
      }
      forms[chunk] = sum
    }
  }

  /// The pre-activations' forms, from those of some inputs; the others are 0.
  ///
  /// - Parameters:
  ///   - values: of all inputs, eight side by side.
  ///   - start: where in `forms` the layer's chunks begin.
  func compose(
    _ inputs: [Int], _ count: Int, _ values: [FormLanes], into forms: inout [FormLanes],
    from start: Int
  ) {
    let inputs = inputs.span.extracting(first: count)
    // Spans of a class's own arrays would escape.
    let (ownWeights, ownBiases) = (weights, biases)
    let weights = ownWeights.span
    let biases = ownBiases.span
    let values = values.span
    var forms = forms.mutableSpan
    var chunk = 0
    // Four chunks at a time, so that a value is read once for all of them.
    while chunk + 4 <= biases.count {
      var (a, b, c, d) = (FormLanes(), FormLanes(), FormLanes(), FormLanes())
      (a.constant, b.constant) = (biases[chunk], biases[chunk + 1])
      (c.constant, d.constant) = (biases[chunk + 2], biases[chunk + 3])
      let first = chunk * self.inputs
      for k in inputs.indices {
        let input = inputs[k]
        let form = values[input >> 3].form(input & 7)
        a.addProduct(weights[first + input], form)
        b.addProduct(weights[first + self.inputs + input], form)
        c.addProduct(weights[first + 2 * self.inputs + input], form)
        d.addProduct(weights[first + 3 * self.inputs + input], form)
      }
      forms[start + chunk] = a
      forms[start + chunk + 1] = b
      forms[start + chunk + 2] = c
      forms[start + chunk + 3] = d
      chunk += 4
    }
    while chunk < biases.count {
      var sum = FormLanes()
      sum.constant = biases[chunk]
      for k in inputs.indices {
        let input = inputs[k]
        sum.addProduct(
          weights[chunk * self.inputs + input], values[input >> 3].form(input & 7))
      }
      forms[start + chunk] = sum
      chunk += 1
    }
  }
}

/// The packed layers of a network, with the scales that they have on a domain.
///
/// All units of hidden layers are numbered as neurons here; linear ones are always on.
struct PackedNetwork: Sendable {
  let layers: [PackedLayer]
  /// The first neuron of each layer, counted through all of them.
  let firstNeurons: [Int]
  let neuronCount: Int
  /// The numbers of those that are neurons indeed.
  let neurons: [Int]
  let inputs: Int

  init(_ network: SplineNetwork, on domain: SplineDomain) {
    self.init(network, scales: Self.scales(of: network, on: domain))
  }

  /// What ``PackedLayer/scale`` is of each layer.
  static func scales(of network: SplineNetwork, on domain: SplineDomain) -> [Double] {
    var scales = [Double](repeating: 0, count: network.layers.count)
    for sample in domain.samples {
      var inputs = (0..<network.inputs).map { sample[$0] }
      for (k, layer) in network.layers.enumerated() {
        var values = layer.biases
        for j in 0..<layer.units {
          var (value, size) = (values[j], abs(values[j]))
          for i in inputs.indices {
            let term = layer.weights[j * layer.inputs + i] * inputs[i]
            value += term
            size += abs(term)
          }
          values[j] = value
          if layer.hasSign(j) { scales[k] = max(scales[k], size) }
        }
        inputs = layer.activated(values)
      }
    }
    return scales
  }

  init(_ network: SplineNetwork, scales: [Double]) {
    layers = zip(network.layers, scales).map { PackedLayer($0, scale: $1) }
    var firstNeurons: [Int] = []
    var neurons: [Int] = []
    var count = 0
    for layer in network.hiddenLayers {
      firstNeurons.append(count)
      neurons += (0..<layer.units).filter(layer.isNeuron).map { count + $0 }
      count += layer.units
    }
    self.firstNeurons = firstNeurons
    self.neurons = neurons
    neuronCount = count
    inputs = network.inputs
  }

  private init(copying network: PackedNetwork) {
    layers = network.layers.map { PackedLayer(copying: $0) }
    firstNeurons = network.firstNeurons.map { $0 }
    neurons = network.neurons.map { $0 }
    (neuronCount, inputs) = (network.neuronCount, network.inputs)
  }

  /// The same with memory of its own, for one thread.
  var unshared: PackedNetwork { PackedNetwork(copying: self) }

  var hiddenCount: Int { layers.count - 1 }

  /// The layer of a neuron.
  func layer(of neuron: Int) -> Int {
    var layer = firstNeurons.count - 1
    while firstNeurons[layer] > neuron { layer -= 1 }
    return layer
  }
}
