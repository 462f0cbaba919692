/// Where the units of a network stand: eight to a chunk, each layer's chunks after those of the layer
/// before.
struct NeuronPlaces: Sendable {
  /// The first chunk of each layer, and behind the last the number of them all.
  let firstChunks: [Int]
  /// The lanes of each chunk that are neurons, and those that are linear units.
  let neuronBits: [UInt8]
  let linearBits: [UInt8]
  /// The places of the hidden neurons.
  let neurons: [Int]
  /// `[chunks][halves][16]`: the words of the neurons that are on in half a chunk, XORed.
  private var hashes: [SIMD2<UInt64>] = []

  init(_ network: PackedNetwork) {
    var firstChunks = [0]
    var neuronBits: [UInt8] = []
    var linearBits: [UInt8] = []
    for (k, layer) in network.layers.enumerated() {
      firstChunks.append(firstChunks[k] + layer.biases.count)
      for chunk in layer.biases.indices {
        var (neurons, linear): (UInt8, UInt8) = (0, 0)
        for lane in 0..<8 where 8 * chunk + lane < layer.units {
          if layer.roundings[chunk][lane] < 0 { linear |= 1 << lane } else { neurons |= 1 << lane }
        }
        neuronBits.append(neurons)
        linearBits.append(linear)
      }
    }
    self.firstChunks = firstChunks
    self.neuronBits = neuronBits
    self.linearBits = linearBits
    neurons = (0..<8 * firstChunks[network.hiddenCount]).filter {
      neuronBits[$0 >> 3] >> ($0 & 7) & 1 == 1
    }
  }

  /// Places of hidden units, those that stay empty included.
  var count: Int { 8 * firstChunks[firstChunks.count - 2] }

  /// The layer of a place.
  func layer(of place: Int) -> Int {
    var layer = 0
    while 8 * firstChunks[layer + 1] <= place { layer += 1 }
    return layer
  }

  mutating func setHashes(_ words: IdentityWords) {
    hashes = []
    for half in 0..<count / 4 {
      for bits in 0..<16 {
        var sum = SIMD2<UInt64>.zero
        for k in 0..<4 where bits >> k & 1 == 1 { sum ^= words.active[4 * half + k] }
        hashes.append(sum)
      }
    }
  }

  /// The words of the neurons that are on in a chunk, XORed.
  @inline(__always)
  func hash(of bits: UInt8, chunk: Int) -> SIMD2<UInt64> {
    hashes[32 * chunk + Int(bits & 15)] ^ hashes[32 * chunk + 16 + Int(bits >> 4)]
  }
}

/// The signs that the forms of a chunk have at some points, a bit a lane.
struct ChunkSigns {
  let hasNegative: UInt8
  let hasPositive: UInt8
  /// Whether it is within its tolerance of 0 somewhere, if it does not have both signs.
  let touches: UInt8
  let isMostlyPositive: UInt8

  @inline(__always)
  init(_ forms: PlaneForms, at points: Span<SIMD2<Double>>, _ tolerances: PlaneForms.Lanes) {
    var least = forms.values(at: points[0])
    var greatest = least
    for k in 1..<points.count {
      let values = forms.values(at: points[k])
      least = lesser(least, values)
      greatest = greater(greatest, values)
    }
    // A byte for each question, and a bit of it for each lane.
    let lanes = SIMD8<UInt64>(1, 2, 4, 8, 16, 32, 64, 128)
    let none = SIMD8<UInt64>.zero
    let answers =
      none.replacing(with: lanes, where: least .< -tolerances)
      | none.replacing(with: lanes &<< 8, where: greatest .> tolerances)
      | none.replacing(with: lanes &<< 16, where: least .<= tolerances)
      | none.replacing(with: lanes &<< 24, where: greatest .>= -tolerances)
      | none.replacing(with: lanes &<< 32, where: greatest .> -least)
    let four = answers.lowHalf | answers.highHalf
    let two = four.lowHalf | four.highHalf
    let bits = two.x | two.y
    hasNegative = UInt8(truncatingIfNeeded: bits)
    hasPositive = UInt8(truncatingIfNeeded: bits >> 8)
    touches = UInt8(truncatingIfNeeded: bits >> 16) & UInt8(truncatingIfNeeded: bits >> 24)
    isMostlyPositive = UInt8(truncatingIfNeeded: bits >> 32)
  }
}

/// A stack in memory of its own, which never grows.
struct FixedStack<Element: Sendable>: Sendable {
  private var elements: [Element]
  private(set) var count = 0

  init(_ filling: Element, capacity: Int) {
    elements = Array(repeating: filling, count: capacity)
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    elements[count] = element
    count += 1
  }

  mutating func removeAll(from start: Int) { count = start }

  @inline(__always)
  subscript(number: Int) -> Element { elements[number] }

  var span: Span<Element> {
    @_lifetime(borrow self)
    get { elements.span.extracting(first: count) }
  }
}
