/// Called with each region of the plane.
protocol PlanarVisitor {
  /// - Parameters:
  ///   - polygon: the last one of the walk's stack.
  ///   - hash: of the neurons that are on.
  mutating func visit(
    _ polygon: PolygonStack.Polygon, hash: SIMD2<UInt64>, in walk: borrowing PlanarWalk)
}

/// Cuts a polygon layer by layer into the regions on which a network of two coordinates is affine,
/// depth first: what ``CellWalk`` does, for the plane alone and three times as fast.
///
/// 1. On a polygon with a fixed pattern in the layers before, a layer's pre-activations are affine.
///    Their values at the corners tell which neurons are decided; the others cut it, one after
///    another.
/// 2. The next layer's pre-activations are composed from the decided neurons once for the polygon,
///    and for each of its parts only the few others are added.
/// 3. Sides know the neurons whose lines they lie on, so what vanishes at a corner need not be found
///    out by evaluating all neurons there.
///
/// Neurons have the numbers of their places: eight to a chunk, each layer's chunks after those of the
/// layer before. The domain's sides are −1, −2, ….
struct PlanarWalk {
  let network: PackedNetwork
  let places: NeuronPlaces
  let domain: SplineDomain
  let words: IdentityWords
  private(set) var stack = PolygonStack()
  /// The pre-activations of all layers on the polygon at hand, chunk by chunk.
  private(set) var forms: [PlaneForms]
  /// What biases and decided neurons contribute to them.
  private var bases: [PlaneForms]
  private let biases: [PlaneForms]
  /// Whether neurons of a layer that are off hand something on.
  private let isLeaky: [Bool]
  /// Which neurons are on, a chunk a byte.
  private(set) var bits: [UInt8]
  /// The neurons that may cut the polygons of the layers that the walk is in.
  private var candidates: FixedStack<Candidate>
  private var inputForms: FixedStack<InputForm>
  private(set) var tally = WalkTally()
  /// Whether the walk ended before it was through, for there were too many regions.
  private(set) var isCut = false
  /// Regions after which the walk ends.
  private let limit: Int

  /// A neuron whose line crosses a polygon.
  struct Candidate {
    let unit: Int
    let form: PlaneForm
    let tolerance: Double
  }

  /// What a unit hands on, where that is not 0.
  struct InputForm {
    let unit: Int
    let form: PlaneForm
  }

  init(_ shared: PackedNetwork, _ domain: SplineDomain, limit: Int) {
    let network = shared.unshared
    self.network = network
    self.domain = domain.unshared
    self.limit = limit
    var places = NeuronPlaces(network)
    words = IdentityWords(neuronCount: places.count, sideCount: domain.sides.count)
    places.setHashes(words)
    self.places = places
    biases = network.layers.flatMap { $0.biases.map { PlaneForms(constant: $0) } }
    forms = biases
    bases = biases
    isLeaky = network.layers.map { layer in layer.slopes.contains { $0 != 0 && $0 != 1 } }
    bits = Array(repeating: 0, count: places.firstChunks[network.hiddenCount])
    let none = PlaneForm(x: 0, y: 0, constant: 0)
    candidates = FixedStack(
      Candidate(unit: 0, form: none, tolerance: 0), capacity: places.count)
    inputForms = FixedStack(
      InputForm(unit: 0, form: none),
      capacity: network.layers.reduce(2) { max($0, $1.inputs) })
    setFirstLayer()
  }

  private mutating func setFirstLayer() {
    inputForms.append(InputForm(unit: 0, form: PlaneForm(x: 1, y: 0, constant: 0)))
    inputForms.append(InputForm(unit: 1, form: PlaneForm(x: 0, y: 1, constant: 0)))
    Self.add(inputForms, network.layers[0], to: biases, into: &forms, at: 0)
  }

  /// Walks through a polygon on which some of the first layer's neurons are decided.
  mutating func run<Visitor: PlanarVisitor>(_ item: PlanarItem, visitor: inout Visitor) {
    (tally, isCut) = (WalkTally(), false)
    candidates.removeAll(from: 0)
    let polygon = stack.start(with: item.polygon)
    for (chunk, byte) in item.bits.enumerated() { bits[chunk] = byte }
    enter(polygon, layer: 0, decided: item.decided, hash: .zero, visitor: &visitor)
  }

  private mutating func enter<Visitor: PlanarVisitor>(
    _ polygon: PolygonStack.Polygon, layer: Int, decided: Int = 0, hash: SIMD2<UInt64>,
    visitor: inout Visitor
  ) {
    guard layer < network.hiddenCount else {
      guard tally.leafCount < limit else {
        isCut = true
        return
      }
      tally.leafCount += 1
      return visitor.visit(polygon, hash: hash, in: self)
    }
    let first = candidates.count
    let hash = hash ^ decide(polygon, layer: layer, decided: decided)
    composeBase(layer: layer + 1)
    cut(
      polygon, layer: layer, candidates: first..<candidates.count, from: first, hash: hash,
      visitor: &visitor)
    candidates.removeAll(from: first)
  }

  /// Decides the neurons that do not cut a polygon, lists the others, and collects what the decided
  /// ones hand on.
  ///
  /// - Returns: the words of those that are on.
  private mutating func decide(
    _ polygon: PolygonStack.Polygon, layer: Int, decided: Int
  ) -> SIMD2<UInt64> {
    let packed = network.layers[layer]
    let firstChunk = places.firstChunks[layer]
    inputForms.removeAll(from: 0)
    var hash = SIMD2<UInt64>.zero
    let corners = stack.points
    let points = corners.span.extracting(polygon)
    for chunk in packed.biases.indices {
      let place = firstChunk + chunk
      let f = forms[place]
      let tolerances = f.slopes * domain.tolerance + packed.roundings[chunk]
      let signs = ChunkSigns(f, at: points, tolerances)
      // Those of the frontier.
      let fixed: UInt8 =
        decided > 8 * chunk ? ~UInt8(0) >> UInt8(max(0, 8 * chunk + 8 - decided)) : 0
      let free = places.neuronBits[place] & ~fixed
      let cut = free & signs.hasNegative & signs.hasPositive
      let touching = free & ~cut & signs.touches
      let linear = places.linearBits[place] & ~fixed
      let on = (fixed & bits[place]) | linear | (free & ~cut & signs.isMostlyPositive)
      bits[place] = on
      hash ^= places.hash(of: on, chunk: place)
      collect(layer, chunk, f, cut: cut, on: on, tolerances)
      if touching != 0 { mark(touching: touching, chunk, polygon, layer: layer) }
    }
    return hash
  }

  private mutating func collect(
    _ layer: Int, _ chunk: Int, _ f: PlaneForms, cut: UInt8, on: UInt8,
    _ tolerances: PlaneForms.Lanes
  ) {
    var left = cut
    while left != 0 {
      let lane = left.trailingZeroBitCount
      left &= left - 1
      candidates.append(
        Candidate(unit: 8 * chunk + lane, form: f.form(lane), tolerance: tolerances[lane]))
    }
    left = on
    while left != 0 {
      let lane = left.trailingZeroBitCount
      left &= left - 1
      inputForms.append(InputForm(unit: 8 * chunk + lane, form: f.form(lane)))
    }
    guard isLeaky[layer] else { return }
    let packed = network.layers[layer]
    for unit in 8 * chunk..<min(8 * chunk + 8, packed.units) {
      let lane = unit - 8 * chunk
      guard (cut | on) >> lane & 1 == 0, packed.slopes[unit] != 0 else { continue }
      inputForms.append(InputForm(unit: unit, form: packed.slopes[unit] * f.form(lane)))
    }
  }

  /// Notes at a polygon's corners the neurons that vanish there, though they do not cut it.
  private mutating func mark(
    touching lanes: UInt8, _ chunk: Int, _ polygon: PolygonStack.Polygon, layer: Int
  ) {
    let place = places.firstChunks[layer] + chunk
    let f = forms[place]
    let tolerances = f.slopes * domain.tolerance + network.layers[layer].roundings[chunk]
    for lane in 0..<8 where lanes >> lane & 1 == 1 {
      _ = stack.classify(polygon, by: f.form(lane), tolerance: tolerances[lane])
      stack.markTouching(Int32(8 * place + lane), polygon)
    }
  }

  /// Adds to the biases of a layer what the decided neurons in front of it hand on.
  private mutating func composeBase(layer: Int) {
    Self.add(
      inputForms, network.layers[layer], to: biases, into: &bases,
      at: places.firstChunks[layer])
  }

  /// `sums[chunk] = start[chunk] + Σ weights · forms`, over the chunks of a layer.
  @inline(__always)
  private static func add(
    _ inputs: borrowing FixedStack<InputForm>, _ layer: PackedLayer, to start: [PlaneForms],
    into sums: inout [PlaneForms], at firstChunk: Int
  ) {
    let inputs = inputs.span
    let weights = layer.weights
    var sums = sums.mutableSpan
    let chunks = layer.biases.count
    var chunk = 0
    // Two chunks at once, as a sum alone would wait for its additions.
    while chunk + 1 < chunks {
      var (sum, other) = (start[firstChunk + chunk], start[firstChunk + chunk + 1])
      let row = chunk * layer.inputs
      for k in inputs.indices {
        let input = inputs[k]
        sum.addProduct(weights[row + input.unit], input.form)
        other.addProduct(weights[row + layer.inputs + input.unit], input.form)
      }
      (sums[firstChunk + chunk], sums[firstChunk + chunk + 1]) = (sum, other)
      chunk += 2
    }
    guard chunk < chunks else { return }
    var sum = start[firstChunk + chunk]
    let row = chunk * layer.inputs
    for k in inputs.indices { sum.addProduct(weights[row + inputs[k].unit], inputs[k].form) }
    sums[firstChunk + chunk] = sum
  }

  /// Cuts a polygon by the candidates from number `next` on.
  private mutating func cut<Visitor: PlanarVisitor>(
    _ whole: PolygonStack.Polygon, layer: Int, candidates range: Range<Int>, from next: Int,
    hash: SIMD2<UInt64>, visitor: inout Visitor
  ) {
    var polygon = whole
    var hash = hash
    let firstPlace = 8 * places.firstChunks[layer]
    for number in next..<range.upperBound {
      let candidate = candidates[number]
      let place = firstPlace + candidate.unit
      let found = stack.classify(polygon, by: candidate.form, tolerance: candidate.tolerance)
      guard found.hasBoth else {
        if found.least <= found.tolerance, found.greatest >= -found.tolerance {
          stack.markTouching(Int32(place), polygon)
        }
        set(place, found.hasPositive, &hash)
        continue
      }
      guard let parts = stack.split(polygon, by: Int32(place)) else {
        tally.unresolvedCutCount += 1
        set(place, found.isMostlyPositive, &hash)
        continue
      }
      var positiveHash = hash
      set(place, true, &positiveHash)
      cut(
        parts.positive, layer: layer, candidates: range, from: number + 1, hash: positiveHash,
        visitor: &visitor)
      stack.removeAll(behind: parts.negative)
      set(place, false, &hash)
      polygon = parts.negative
    }
    guard !isCut else { return }
    composeNext(layer: layer, range)
    enter(polygon, layer: layer + 1, hash: hash, visitor: &visitor)
    stack.removeAll(behind: polygon)
  }

  @inline(__always)
  private mutating func set(_ place: Int, _ isOn: Bool, _ hash: inout SIMD2<UInt64>) {
    let bit = UInt8(1) << UInt8(truncatingIfNeeded: place & 7)
    if isOn {
      bits[place >> 3] |= bit
      hash ^= words.active[place]
    } else {
      bits[place >> 3] &= ~bit
    }
  }

  /// The next layer's pre-activations, now that the candidates are decided, too.
  private mutating func composeNext(layer: Int, _ range: Range<Int>) {
    inputForms.removeAll(from: 0)
    let packed = network.layers[layer]
    let firstPlace = 8 * places.firstChunks[layer]
    for number in range {
      let candidate = candidates[number]
      if isOn(firstPlace + candidate.unit) {
        inputForms.append(InputForm(unit: candidate.unit, form: candidate.form))
      } else if packed.slopes[candidate.unit] != 0 {
        inputForms.append(
          InputForm(unit: candidate.unit, form: packed.slopes[candidate.unit] * candidate.form))
      }
    }
    Self.add(
      inputForms, network.layers[layer + 1], to: bases, into: &forms,
      at: places.firstChunks[layer + 1])
  }
}

extension PlanarWalk {
  @inline(__always)
  func isOn(_ place: Int) -> Bool {
    bits[place >> 3] >> UInt8(truncatingIfNeeded: place & 7) & 1 == 1
  }

  /// The identity of a corner of the polygon that is visited.
  @inline(__always)
  func identity(
    of corner: Int, _ polygon: PolygonStack.Polygon, hash: SIMD2<UInt64>
  ) -> SIMD2<UInt64> {
    var identity = hash
    stack.forEachLine(at: corner, of: polygon) { line in
      let place = Int(line)
      if place < 0 {
        identity ^= words.sides[-1 - place]
      } else {
        identity ^= words.vanishing[place]
        if isOn(place) { identity ^= words.active[place] }
      }
    }
    return identity
  }
}
