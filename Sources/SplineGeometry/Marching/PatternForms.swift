/// The pre-activations of all layers as affine functions on the cell of one pattern.
///
/// They are a function of the pattern alone, to the last bit: whatever pattern was set before, the
/// layers behind the first difference are composed anew, and those in front of it are the same.
struct PatternForms {
  let network: PackedNetwork
  let domain: SplineDomain
  let words: IdentityWords
  /// Of the hidden layers, one after another: layer l has the chunks from `firstChunks[l]` on.
  private(set) var hidden: LaneBlock
  /// The only output.
  private(set) var function = AffineForm.zero
  /// 1 in the lanes of neurons that are on, −1 where they are off; 0 in lanes that have no sign.
  private(set) var signs: [FormLanes.Lanes]
  /// Which units of the hidden layers are on, linear ones always.
  private(set) var pattern: ActivationPattern
  /// Of the units that are on.
  private(set) var hash = SIMD2<UInt64>.zero
  private let firstChunks: [Int]
  private var output: LaneBlock
  private var inputForms: InputForms

  /// - Parameter spline: with one output.
  init(_ spline: SplineNetwork, _ domain: SplineDomain) {
    network = PackedNetwork(spline, on: domain)
    self.domain = domain.unshared
    words = IdentityWords(neuronCount: network.neuronCount, sideCount: domain.sides.count)
    var firstChunks = [0]
    for layer in network.layers.dropLast() {
      firstChunks.append(firstChunks[firstChunks.count - 1] + layer.biases.count)
    }
    self.firstChunks = firstChunks
    let chunkCount = firstChunks[firstChunks.count - 1]
    hidden = LaneBlock(units: FormLanes.count * chunkCount)
    output = LaneBlock(units: 1)
    inputForms = InputForms(capacity: network.layers.reduce(0) { max($0, $1.inputs) })
    signs = Array(repeating: .zero, count: chunkCount)
    pattern = ActivationPattern(neuronCount: network.neuronCount)
    for layer in network.layers.indices.dropLast() {
      for unit in 0..<network.layers[layer].units {
        let isNeuron = network.layers[layer].slopes[unit] != 1
        signs[firstChunks[layer] + unit >> 3][unit & 7] = isNeuron ? -1 : 0
        if !isNeuron { pattern[network.firstNeurons[layer] + unit] = true }
      }
    }
    hash = words.hash(of: pattern)
    composeAll()
  }

  /// Goes to the cell of another pattern.
  mutating func set(_ new: ActivationPattern) {
    var firstLayer: Int?
    for word in new.words.indices {
      var difference = new.words[word] ^ pattern.words[word]
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
    pattern = new
    if let firstLayer { compose(behind: firstLayer) }
  }

  private mutating func composeAll() {
    inputForms.setCoordinates(network.inputs)
    compose(layer: 0)
    compose(behind: 0)
  }

  private mutating func compose(behind layer: Int) {
    guard layer < network.hiddenCount else { return }
    for next in layer + 1...network.hiddenCount {
      let (first, signs) = (firstChunks[next - 1], signs)
      inputForms.set(network.layers[next - 1], hidden.forms, from: first) {
        signs[first + $0] .< 0
      }
      compose(layer: next)
    }
  }

  private mutating func compose(layer: Int) {
    let packed = network.layers[layer]
    guard layer < network.hiddenCount else {
      packed.compose(inputForms, into: &output.forms, from: 0)
      function = output.form(0)
      return
    }
    packed.compose(inputForms, into: &hidden.forms, from: firstChunks[layer])
    hidden.setTolerances(packed, distance: domain.tolerance, from: firstChunks[layer])
  }

  /// Whether the output has no more slope than rounding gives it.
  var isFlat: Bool {
    function.slope * domain.extent <= network.layers[network.hiddenCount].rounding
  }

  /// The lane of a chunk for a neuron.
  func place(ofNeuron neuron: Int) -> (chunk: Int, lane: Int) {
    let layer = network.layer(of: neuron)
    let unit = neuron - network.firstNeurons[layer]
    return (firstChunks[layer] + unit >> 3, unit & 7)
  }

  private func neuron(atChunk chunk: Int, lane: Int) -> Int {
    var layer = firstChunks.count - 1
    while firstChunks[layer] > chunk { layer -= 1 }
    return network.firstNeurons[layer] + FormLanes.count * (chunk - firstChunks[layer]) + lane
  }

  /// The identities of points on the closure of the cell, and which neurons vanish there; sides of
  /// the domain have numbers from the neuron count on.
  ///
  /// - Parameter chunks: those with all neurons that may vanish.
  func findIdentities(
    of points: [SIMD3<Double>], among chunks: [Int], _ vertices: inout [Vertex]
  ) {
    while vertices.count < points.count { vertices.append(Vertex()) }
    for k in points.indices { vertices[k].begin(hash) }
    for chunk in chunks {
      let form = hidden.forms[chunk]
      let tolerance = hidden.tolerances[chunk]
      for k in points.indices {
        let values = form.values(at: points[k])
        let vanishes = (values .<= tolerance) .& (-values .<= tolerance)
        guard any(vanishes) else { continue }
        for lane in 0..<FormLanes.count where vanishes[lane] {
          let neuron = neuron(atChunk: chunk, lane: lane)
          vertices[k].append(
            neuron,
            signs[chunk][lane] > 0
              ? words.vanishing[neuron] ^ words.active[neuron] : words.vanishing[neuron])
        }
      }
    }
    for (number, side) in domain.sides.enumerated() {
      for k in points.indices where abs(side.value(at: points[k])) <= domain.tolerance {
        vertices[k].append(network.neuronCount + number, words.sides[number])
      }
    }
  }

  /// A corner of a polygon.
  struct Vertex: Sendable {
    private(set) var identity = VertexIdentity(.zero)
    /// What vanishes there.
    private(set) var zeros: [Int] = []

    fileprivate mutating func begin(_ hash: SIMD2<UInt64>) {
      identity = VertexIdentity(hash)
      zeros.removeAll(keepingCapacity: true)
    }

    fileprivate mutating func append(_ zero: Int, _ word: SIMD2<UInt64>) {
      zeros.append(zero)
      identity = VertexIdentity(identity.words ^ word)
    }
  }
}
