/// The pre-activations of all layers as affine functions on the cell of one pattern.
///
/// They are a function of the pattern alone, to the last bit: whatever pattern was set before, the
/// layers behind the first difference are composed anew, and those in front of it are the same.
struct PatternForms {
  let network: PackedNetwork
  let domain: SplineDomain
  let words: IdentityWords
  /// Of the hidden layers, one after another: layer l has the chunks from `firstChunks[l]` on. Behind
  /// them stand the domain's sides, positive inside.
  private(set) var forms: [FormLanes]
  /// 1 in the lanes of neurons that are on, −1 where they are off; 0 in lanes that have no sign.
  private(set) var signs: [FormLanes.Lanes]
  /// The only output.
  private(set) var function = AffineForm.zero
  /// Which units of the hidden layers are on, linear ones always.
  private(set) var pattern: [UInt64]
  /// Of the units that are on.
  private(set) var hash = SIMD2<UInt64>.zero
  /// Units that hand something on even where they are off, those with a slope.
  private let passing: [UInt64]
  private let firstChunks: [Int]
  /// Of each chunk the number of what stands in its first lane: neurons, then sides.
  private let firstNumbers: [Int]
  /// What rounding may do to the forms of each chunk.
  let roundings: [Double]
  /// What the next layer gets from the units of one layer.
  private var values: [FormLanes]
  /// Those of them that are not 0.
  private var inputs: [Int]
  private var output = [FormLanes()]

  /// - Parameters:
  ///   - spline: with one output.
  ///   - scales: of its layers on the domain.
  init(_ spline: SplineNetwork, _ domain: SplineDomain, scales: [Double]) {
    network = PackedNetwork(spline, scales: scales)
    self.domain = domain.unshared
    words = IdentityWords(neuronCount: network.neuronCount, sideCount: domain.sides.count)
    var firstChunks: [Int] = []
    var firstNumbers: [Int] = []
    var roundings: [Double] = []
    var passing = ActivationPattern(neuronCount: network.neuronCount)
    for (layer, first) in zip(network.layers, network.firstNeurons) {
      firstChunks.append(firstNumbers.count)
      for chunk in layer.biases.indices {
        firstNumbers.append(first + FormLanes.count * chunk)
        roundings.append(layer.rounding)
      }
      for unit in 0..<layer.units where layer.slopes[unit] != 0 { passing[first + unit] = true }
    }
    firstChunks.append(firstNumbers.count)
    for first in stride(from: 0, to: domain.sides.count, by: FormLanes.count) {
      firstNumbers.append(network.neuronCount + first)
      roundings.append(0)
    }
    self.passing = passing.words
    self.firstChunks = firstChunks
    self.firstNumbers = firstNumbers
    self.roundings = roundings
    forms = Array(repeating: FormLanes(), count: firstNumbers.count)
    signs = Array(repeating: .zero, count: firstNumbers.count)
    let widest = network.layers.reduce(0) { max($0, $1.inputs, $1.units) }
    values = LaneBlock(units: widest).forms
    inputs = Array(repeating: 0, count: widest)
    pattern = ActivationPattern(neuronCount: network.neuronCount).words
    setSigns()
    setSides(from: firstChunks[network.hiddenCount])
    composeAll()
  }

  /// All neurons off.
  private mutating func setSigns() {
    for (layer, first) in zip(network.layers.indices, network.firstNeurons) {
      for unit in 0..<network.layers[layer].units {
        let isNeuron = network.layers[layer].slopes[unit] != 1
        signs[firstChunks[layer] + unit >> 3][unit & 7] = isNeuron ? -1 : 0
        guard !isNeuron else { continue }
        pattern[(first + unit) >> 6] |= 1 << UInt64((first + unit) & 63)
        hash ^= words.active[first + unit]
      }
    }
  }

  private mutating func setSides(from start: Int) {
    for (number, side) in domain.sides.enumerated() {
      // Sides are 0 on the boundary and negative inside.
      let (chunk, lane) = (start + number >> 3, number & 7)
      forms[chunk].x[lane] = -side.x
      forms[chunk].y[lane] = -side.y
      forms[chunk].z[lane] = -side.z
      forms[chunk].constant[lane] = -side.w
      signs[chunk][lane] = 1
    }
  }

  /// Goes to the cell of another pattern, which stands in `patterns` from `start` on.
  mutating func set(_ patterns: [UInt64], from start: Int) {
    var firstLayer: Int?
    for word in pattern.indices {
      var difference = patterns[start + word] ^ pattern[word]
      pattern[word] ^= difference
      while difference != 0 {
        let neuron = 64 * word + difference.trailingZeroBitCount
        difference &= difference - 1
        let layer = network.layer(of: neuron)
        let unit = neuron - network.firstNeurons[layer]
        signs[firstChunks[layer] + unit >> 3][unit & 7] *= -1
        hash ^= words.active[neuron]
        firstLayer = firstLayer ?? layer
      }
    }
    if let firstLayer { compose(behind: firstLayer) }
  }

  private mutating func composeAll() {
    var inputForms = InputForms(capacity: network.inputs)
    inputForms.setCoordinates(network.inputs)
    guard network.hiddenCount > 0 else {
      network.layers[0].compose(inputForms, into: &output)
      function = output[0].form(0)
      return
    }
    network.layers[0].compose(inputForms, into: &forms)
    compose(behind: 0)
  }

  private mutating func compose(behind layer: Int) {
    guard layer < network.hiddenCount else { return }
    for next in layer + 1...network.hiddenCount {
      let count = activate(layer: next - 1)
      if next < network.hiddenCount {
        network.layers[next].compose(
          inputs, count, values, into: &forms, from: firstChunks[next])
      } else {
        network.layers[next].compose(inputs, count, values, into: &output, from: 0)
        function = output[0].form(0)
      }
    }
  }

  /// Finds the values of a layer, and which of them are not 0.
  ///
  /// - Returns: how many are not.
  private mutating func activate(layer: Int) -> Int {
    let packed = network.layers[layer]
    let first = firstChunks[layer]
    for chunk in packed.biases.indices {
      let factors = packed.slopeLanes[chunk].replacing(with: 1, where: signs[first + chunk] .>= 0)
      values[chunk].setProduct(factors, forms[first + chunk])
    }
    let neurons = network.firstNeurons[layer]..<network.firstNeurons[layer] + packed.units
    var count = 0
    for word in neurons.lowerBound >> 6...(neurons.upperBound - 1) >> 6 {
      var units = pattern[word] | passing[word]
      if 64 * word < neurons.lowerBound { units &= ~0 << UInt64(neurons.lowerBound & 63) }
      if 64 * word + 64 > neurons.upperBound { units &= ~(~0 << UInt64(neurons.upperBound & 63)) }
      while units != 0 {
        inputs[count] = 64 * word + units.trailingZeroBitCount - neurons.lowerBound
        units &= units - 1
        count += 1
      }
    }
    return count
  }

  /// Whether the output has no more slope than rounding gives it.
  var isFlat: Bool {
    function.slope * domain.extent <= network.layers[network.hiddenCount].rounding
  }

  /// The number of a neuron or, from the neuron count on, of a side.
  func number(atChunk chunk: Int, lane: Int) -> Int { firstNumbers[chunk] + lane }

  /// What a neuron or a side adds to the identity of a point where it vanishes.
  func word(ofVanishing number: Int) -> SIMD2<UInt64> {
    guard number < network.neuronCount else { return words.sides[number - network.neuronCount] }
    let isOn = pattern[number >> 6] >> UInt64(number & 63) & 1 == 1
    return isOn ? words.vanishing[number] ^ words.active[number] : words.vanishing[number]
  }
}
