/// Called with each cell on which the network is affine.
protocol LeafVisitor {
  /// `cell` is the last one of the walk's stack.
  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk)
  /// Whether a cell is left out, with all that is in it; the walk has come to a hidden layer, and all
  /// before it are decided.
  mutating func excludes(_ cell: CellStack.Cell, layer: Int, in walk: borrowing CellWalk) -> Bool
}

extension LeafVisitor {
  mutating func excludes(_ cell: CellStack.Cell, layer: Int, in walk: borrowing CellWalk) -> Bool {
    false
  }
}

/// Cuts a cell layer by layer into the cells on which a network is affine, depth first.
///
/// 1. On a cell with a fixed pattern in the layers before, a layer's pre-activations are affine.
///    Their values at the vertices tell which neurons are on or off on the whole cell; the others
///    cut it, one after another.
/// 2. Parts on which all neurons of the layer are decided go on to the next layer, whose
///    pre-activations are composed for them.
/// 3. If only a level is asked for, bounds of the layers to come may show that a cell misses it.
///
/// A neuron cuts a cell only if vertices lie on both sides of it by more than the tolerance; so
/// neurons that coincide cut once, and those through a vertex or an edge leave that where it is.
/// Both cells at a facet see the same vertices on it and treat them alike.
struct CellWalk {
  let network: PackedNetwork
  let domain: SplineDomain
  let words: IdentityWords
  var stack: CellStack
  /// Of the layers up to the one that the walk is in.
  private(set) var blocks: [LaneBlock]
  /// Which neurons are on, through all layers.
  private(set) var isActive: [Bool]
  /// Of the neurons that are on, through the layers that are decided; one element more than layers.
  private var hashes: [SIMD2<UInt64>]
  /// The neurons that may cut the cell with which the walk entered a layer.
  private var candidates: [[Int32]]
  private var inputForms: InputForms
  /// Of each layer, what those neurons of the layer before hand on that do not cut the cell with which
  /// the walk entered that.
  private var decidedForms: [DecidedForms]
  private var lower: [FormLanes.Lanes] = []
  private var upper: [FormLanes.Lanes] = []
  /// Cells that may be left out; nil if all are wanted.
  private var bounds: LevelBounds?
  private let purpose: Purpose

  private(set) var tally = WalkTally()

  init(_ spline: SplineNetwork, _ domain: SplineDomain, purpose: Purpose) {
    network = PackedNetwork(spline, on: domain)
    self.domain = domain.unshared
    words = IdentityWords(neuronCount: network.neuronCount, sideCount: domain.sides.count)
    stack = CellStack(dimension: domain.dimension)
    blocks = network.layers.map { LaneBlock(units: $0.units) }
    // Linear units stay on, neurons are decided.
    isActive = Array(repeating: true, count: network.neuronCount)
    hashes = Array(repeating: .zero, count: network.layers.count + 1)
    decidedForms = network.layers.map { layer in
      DecidedForms(forms: LaneBlock(units: layer.units).forms)
    }
    inputForms = InputForms(capacity: network.layers.reduce(0) { max($0, $1.inputs) })
    candidates = Array(repeating: [], count: network.layers.count)
    self.purpose = purpose
    bounds = purpose == .zeroSet ? LevelBounds(network, domain) : nil
  }

  private struct DecidedForms {
    /// With the biases.
    var forms: [FormLanes]
    /// Of the neurons that are on, through all layers in front.
    var hash = SIMD2<UInt64>.zero
    var isComposed = false
  }

  enum Purpose {
    case allCells
    /// Only cells that may meet the zero set of the only output.
    case zeroSet
    /// Only cells that have a facet on a side of the domain.
    case sides
  }

  /// Walks through a cell on which the first layer's neurons in front of `firstNeuron` are decided.
  mutating func run<Visitor: LeafVisitor>(_ item: WalkItem, visitor: inout Visitor) {
    tally = WalkTally()
    bounds?.startAnew()
    let cell = stack.start(with: item.cell)
    for (neuron, isOn) in item.decided.enumerated() { isActive[neuron] = isOn }
    inputForms.setCoordinates(network.inputs)
    enter(cell, layer: 0, decided: item.decided.count, visitor: &visitor)
  }

  /// Decides a layer's neurons for a cell.
  private mutating func enter<Visitor: LeafVisitor>(
    _ cell: CellStack.Cell, layer: Int, decided: Int = 0, visitor: inout Visitor
  ) {
    if purpose == .sides, !stack.touchesSide(cell, of: domain) { return }
    if layer == 0 { network.layers[0].compose(inputForms, into: &blocks[0].forms) }
    blocks[layer].setTolerances(network.layers[layer], distance: domain.tolerance)
    guard layer < network.hiddenCount else {
      tally.leafCount += 1
      return visitor.visit(cell, in: &self)
    }
    findRanges(cell, layer: layer)
    if bounds != nil, missesLevel(cell, layer: layer) {
      tally.discardedCount += 1
      return
    }
    if visitor.excludes(cell, layer: layer, in: self) {
      tally.discardedCount += 1
      return
    }
    decideByRanges(layer: layer, from: decided)
    decidedForms[layer + 1].isComposed = false
    cut(cell, layer: layer, from: 0, visitor: &visitor)
  }

  /// The least and greatest pre-activations at a cell's vertices.
  private mutating func findRanges(_ cell: CellStack.Cell, layer: Int) {
    lower.removeAll(keepingCapacity: true)
    upper.removeAll(keepingCapacity: true)
    for chunk in blocks[layer].forms.indices {
      let range = stack.range(of: blocks[layer].forms[chunk], on: cell)
      lower.append(range.least)
      upper.append(range.greatest)
    }
  }

  private mutating func missesLevel(_ cell: CellStack.Cell, layer: Int) -> Bool {
    // Taken out, so that it is not copied.
    guard var bounds = bounds.take() else { return false }
    defer { self.bounds = bounds }
    return bounds.exclude(
      vertices: stack.positions.span.extracting(cell.vertices), layer: layer,
      block: blocks[layer], least: lower, greatest: upper)
  }

  private mutating func partMissesLevel(_ part: CellStack.Cell, layer: Int) -> Bool {
    guard
      bounds?.exclude(part: stack.positions.span.extracting(part.vertices), layer: layer) ?? false
    else { return false }
    tally.discardedCount += 1
    return true
  }

  private mutating func decideByRanges(layer: Int, from first: Int) {
    candidates[layer].removeAll(keepingCapacity: true)
    let firstNeuron = network.firstNeurons[layer]
    for unit in first..<network.layers[layer].units {
      let (chunk, lane) = (unit >> 3, unit & 7)
      let (least, greatest) = (lower[chunk][lane], upper[chunk][lane])
      let tolerance = blocks[layer].tolerances[chunk][lane]
      // A linear unit.
      if tolerance < 0 { continue }
      if least < -tolerance, greatest > tolerance {
        candidates[layer].append(Int32(unit))
      } else {
        isActive[firstNeuron + unit] = greatest > -least
      }
    }
  }

  /// Cuts a cell by the candidates from number `first` on.
  private mutating func cut<Visitor: LeafVisitor>(
    _ whole: CellStack.Cell, layer: Int, from first: Int, visitor: inout Visitor
  ) {
    var cell = whole
    let firstNeuron = network.firstNeurons[layer]
    for number in first..<candidates[layer].count {
      let unit = Int(candidates[layer][number])
      let found = stack.classify(
        cell, by: blocks[layer].form(unit), tolerance: blocks[layer].tolerance(unit))
      guard found.hasBoth else {
        isActive[firstNeuron + unit] = found.hasPositive
        continue
      }
      guard let parts = stack.split(cell) else {
        tally.unresolvedCutCount += 1
        isActive[firstNeuron + unit] = found.isMostlyPositive
        continue
      }
      isActive[firstNeuron + unit] = true
      if !partMissesLevel(parts.positive, layer: layer) {
        cut(parts.positive, layer: layer, from: number + 1, visitor: &visitor)
      }
      stack.removeAll(behind: parts.negative)
      if partMissesLevel(parts.negative, layer: layer) { return }
      isActive[firstNeuron + unit] = false
      cell = parts.negative
    }
    tally.cellCount += 1
    finish(layer: layer)
    enter(cell, layer: layer + 1, visitor: &visitor)
    stack.removeAll(behind: cell)
  }

  /// Composes the next layer: what the neurons hand on that the ranges decide, once for all parts of
  /// the cell that entered this one, and the candidates.
  private mutating func finish(layer: Int) {
    let packed = network.layers[layer]
    let firstNeuron = network.firstNeurons[layer]
    if !decidedForms[layer + 1].isComposed { composeDecided(layer: layer) }
    var hash = decidedForms[layer + 1].hash
    inputForms.removeAll()
    for candidate in candidates[layer] {
      let unit = Int(candidate)
      let isOn = isActive[firstNeuron + unit]
      if isOn { hash ^= words.active[firstNeuron + unit] }
      inputForms.append(packed, unit: unit, blocks[layer].form(unit), isOn: isOn)
    }
    hashes[layer + 1] = hash
    network.layers[layer + 1].compose(
      inputForms, onto: decidedForms[layer + 1].forms, into: &blocks[layer + 1].forms)
  }

  private mutating func composeDecided(layer: Int) {
    let packed = network.layers[layer]
    let firstNeuron = network.firstNeurons[layer]
    var hash = hashes[layer]
    var candidate = 0
    inputForms.removeAll()
    for chunk in packed.biases.indices {
      let rows = blocks[layer].forms[chunk].transposed
      let first = FormLanes.count * chunk
      for lane in 0..<min(FormLanes.count, packed.units - first) {
        let unit = first + lane
        if candidate < candidates[layer].count, candidates[layer][candidate] == unit {
          candidate += 1
          continue
        }
        let isOn = isActive[firstNeuron + unit]
        if isOn { hash ^= words.active[firstNeuron + unit] }
        inputForms.append(packed, unit: unit, rows[lane], isOn: isOn)
      }
    }
    decidedForms[layer + 1].hash = hash
    decidedForms[layer + 1].isComposed = true
    network.layers[layer + 1].compose(inputForms, into: &decidedForms[layer + 1].forms)
  }
}

/// What a walk met.
struct WalkTally: Sendable {
  /// Cells on which the network is affine, and that were looked at.
  var leafCount = 0
  /// Cells of all layers.
  var cellCount = 0
  /// Cells that provably miss the level.
  var discardedCount = 0
  /// Cuts of cells thinner than the tolerance that were left out.
  var unresolvedCutCount = 0

  static func + (a: WalkTally, b: WalkTally) -> WalkTally {
    WalkTally(
      leafCount: a.leafCount + b.leafCount, cellCount: a.cellCount + b.cellCount,
      discardedCount: a.discardedCount + b.discardedCount,
      unresolvedCutCount: a.unresolvedCutCount + b.unresolvedCutCount)
  }
}

extension CellWalk {
  /// The identity of a point on the closure of the cell that is visited.
  func identity(of point: SIMD3<Double>) -> VertexIdentity {
    var hash = hashes[network.hiddenCount]
    for layer in 0..<network.hiddenCount {
      let block = blocks[layer]
      let (forms, tolerances) = (block.forms, block.tolerances)
      for chunk in forms.indices {
        let values = forms[chunk].values(at: point)
        let tolerance = tolerances[chunk]
        let vanishes = (values .<= tolerance) .& (-values .<= tolerance)
        guard any(vanishes) else { continue }
        for lane in 0..<FormLanes.count where vanishes[lane] {
          let neuron = network.firstNeurons[layer] + FormLanes.count * chunk + lane
          if isActive[neuron] { hash ^= words.active[neuron] }
          hash ^= words.vanishing[neuron]
        }
      }
    }
    for (k, side) in domain.sides.enumerated()
    where abs(side.value(at: point)) <= domain.tolerance {
      hash ^= words.sides[k]
    }
    return VertexIdentity(hash)
  }

  var pattern: ActivationPattern {
    var pattern = ActivationPattern(neuronCount: network.neurons.count)
    for (k, neuron) in network.neurons.enumerated() where isActive[neuron] { pattern[k] = true }
    return pattern
  }

  /// The network's affine map on the cell that is visited.
  var affineMap: AffineMap {
    let layer = network.hiddenCount
    let forms = (0..<network.layers[layer].units).map { blocks[layer].form($0) }
    return AffineMap(
      inputs: network.inputs,
      gradients: forms.flatMap { form in (0..<network.inputs).map { form[$0] } },
      constants: forms.map(\.w))
  }
}
