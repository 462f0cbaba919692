/// Bounds of a network's only output on cells, to leave out those that miss its zero set.
///
/// The pre-activations of the layer that the walk is in are affine on the cell. From there on each
/// neuron lies between two lines (``Relaxation``), which depend on the range of its pre-activation:
///
/// 1. The ranges are known from a larger cell around this one. The bound of the output is carried
///    backwards, from the output's weights through the lines, each time through that line which the
///    sign of the weight asks for; what comes out is an affine function, whose least value on a convex
///    cell is at a vertex.
/// 2. If that does not leave the cell out, the ranges are found anew: carried forwards, each
///    pre-activation lies between two affine functions, whose extremes are at vertices. Then comes
///    step 1 again.
/// 3. The affine bounds of the output hold in all parts of the cell, too: each part into which it is
///    cut is tried with them, which costs next to nothing.
///
/// - Source: Zhang et al., CROWN, arXiv:1811.00866, section 3; here with vertices in the place of a
///   box.
struct LevelBounds {
  typealias Lanes = FormLanes.Lanes

  private let network: PackedNetwork
  /// The positive and the negative parts of the weights of each layer, packed like those.
  private let positive: [[Lanes]]
  private let negative: [[Lanes]]
  private let rows: [WeightRows]
  /// Far more than rounding and the tolerance of vertices at the level.
  private let slack: Double
  /// The bounds of each layer's pre-activations.
  private var lowerBlocks: [LaneBlock]
  private var upperBlocks: [LaneBlock]
  /// For cells at each layer, the lines of the neurons from that layer on.
  private var relaxations: [[[Relaxation]]]
  /// For cells at each layer, at which layer the lines of the layers behind it were found.
  private var sources: [Int]
  /// For cells at each layer, bounds of the output.
  private var outputBounds: [(lower: AffineForm, upper: AffineForm)]
  /// Of the units of the last layer that the bounds have come to: those that are one affine function,
  /// and the bounds of the others.
  private var exact: InputForms
  private var lower: InputForms
  private var upper: InputForms
  /// Of the units that the bounds have come to, backwards.
  private var coefficients: [Pair]
  private var nextCoefficients: [Pair]
  private var attempts: [Int]
  private var successes: [Int]

  init(_ network: PackedNetwork) {
    self.network = network
    slack = 1e-9 * network.layers[network.hiddenCount].scale
    positive = network.layers.map { $0.weights.map { greater($0, .zero) } }
    negative = network.layers.map { $0.weights.map { lesser($0, .zero) } }
    rows = network.layers.map { WeightRows($0) }
    lowerBlocks = network.layers.map { LaneBlock(units: $0.units) }
    upperBlocks = lowerBlocks
    let lines = network.layers.map { Array(repeating: Relaxation(), count: $0.biases.count) }
    relaxations = Array(repeating: lines, count: network.layers.count)
    sources = Array(repeating: 0, count: network.layers.count)
    let unknown = AffineForm(0, 0, 0, .infinity)
    outputBounds = Array(repeating: (-1 * unknown, unknown), count: network.layers.count)
    let widest = network.layers.reduce(0) { max($0, $1.inputs) }
    exact = InputForms(capacity: widest)
    lower = exact
    upper = exact
    coefficients = Array(repeating: Pair(), count: widest / FormLanes.count + 1)
    nextCoefficients = coefficients
    attempts = Array(repeating: 0, count: network.layers.count)
    successes = attempts
  }

  /// Forgets how often new ranges have helped, so that the next cells do not depend on those before.
  mutating func startAnew() {
    for layer in attempts.indices { (attempts[layer], successes[layer]) = (0, 0) }
  }

  /// Whether a part of the cell that has come to a layer misses the zero set, by bounds of that cell.
  func exclude(part vertices: Span<SIMD3<Double>>, layer: Int) -> Bool {
    let (lower, upper) = outputBounds[layer]
    var (isAbove, isBelow) = (true, true)
    for k in vertices.indices {
      if !(lower.value(at: vertices[k]) > slack) { isAbove = false }
      if !(upper.value(at: vertices[k]) < -slack) { isBelow = false }
      if !isAbove, !isBelow { return false }
    }
    return true
  }

  /// Whether a cell provably misses the zero set.
  ///
  /// - Parameters:
  ///   - block: the pre-activations of `layer` on the cell, and `least`, `greatest` their extremes.
  mutating func exclude(
    vertices: Span<SIMD3<Double>>, layer: Int, block: LaneBlock, least: [Lanes], greatest: [Lanes]
  ) -> Bool {
    for chunk in least.indices {
      relaxations[layer][layer][chunk] = Relaxation(
        least[chunk], greatest[chunk], slopes: network.layers[layer].slopeLanes[chunk])
    }
    if layer > 0 {
      sources[layer] = sources[layer - 1]
      outputBounds[layer] = backwardBounds(to: layer, block)
      if exclude(part: vertices, layer: layer) { return true }
    }
    guard layer == 0 || isWorthTrying(layer) else { return false }
    findRelaxations(vertices, layer: layer, block: block)
    outputBounds[layer] = backwardBounds(to: layer, block)
    let misses = exclude(part: vertices, layer: layer)
    note(layer, didExclude: misses)
    return misses
  }

  /// Where new ranges hardly ever help they are tried on one cell in eight.
  private mutating func isWorthTrying(_ layer: Int) -> Bool {
    attempts[layer] += 1
    return attempts[layer] < 64 || 20 * successes[layer] > attempts[layer]
      || attempts[layer] & 7 == 0
  }

  private mutating func note(_ layer: Int, didExclude: Bool) {
    guard didExclude else { return }
    // Successes of every eighth cell stand for eight.
    successes[layer] += attempts[layer] < 64 || 20 * successes[layer] > attempts[layer] ? 1 : 8
  }

  /// Finds the ranges of the layers behind `layer` on a cell, and the lines that follow from them.
  private mutating func findRelaxations(
    _ vertices: Span<SIMD3<Double>>, layer: Int, block: LaneBlock
  ) {
    sources[layer] = layer
    collect(layer, at: layer, lowerBlock: block, upperBlock: block, isExact: true)
    for next in layer + 1..<max(layer + 1, network.hiddenCount) {
      propagate(to: next)
      let isExact = lower.count == 0
      for chunk in relaxations[layer][next].indices {
        relaxations[layer][next][chunk] = Relaxation(
          extreme(of: lowerBlocks[next].forms[chunk], vertices, lesser),
          extreme(of: upperBlocks[next].forms[chunk], vertices, greater),
          slopes: network.layers[next].slopeLanes[chunk])
      }
      guard next < network.hiddenCount - 1 else { break }
      collect(
        next, at: layer, lowerBlock: lowerBlocks[next], upperBlock: upperBlocks[next],
        isExact: isExact)
    }
  }

  /// The extreme values of eight forms at a cell's vertices.
  @inline(__always)
  private func extreme(
    of forms: FormLanes, _ vertices: Span<SIMD3<Double>>, _ choice: (Lanes, Lanes) -> Lanes
  ) -> Lanes {
    var extreme = forms.values(at: vertices[0])
    for k in 1..<vertices.count { extreme = choice(extreme, forms.values(at: vertices[k])) }
    return extreme
  }

  /// Bounds of a layer's values, from those of its pre-activations.
  private mutating func collect(
    _ layer: Int, at current: Int, lowerBlock: LaneBlock, upperBlock: LaneBlock, isExact: Bool
  ) {
    exact.removeAll()
    lower.removeAll()
    upper.removeAll()
    for chunk in relaxations[current][layer].indices {
      let relaxation = relaxations[current][layer][chunk]
      let (low, high) = (lowerBlock.forms[chunk], upperBlock.forms[chunk])
      let below = low.scaled(
        by: relaxation.lowerSlopes, or: high, plus: relaxation.lowerConstants
      ).transposed
      let above = high.scaled(
        by: relaxation.upperSlopes, or: low, plus: relaxation.upperConstants
      ).transposed
      let first = FormLanes.count * chunk
      for lane in 0..<min(FormLanes.count, network.layers[layer].units - first) {
        if isExact, !relaxation.isBetween[lane] {
          if relaxation.lowerSlopes[lane] != 0 { exact.append(first + lane, below[lane]) }
        } else if relaxation.isBetween[lane] || relaxation.lowerSlopes[lane] != 0 {
          lower.append(first + lane, below[lane])
          upper.append(first + lane, above[lane])
        }
      }
    }
  }

  /// Bounds of a layer's pre-activations from those of its inputs.
  private mutating func propagate(to layer: Int) {
    Self.propagate(
      network.layers[layer], positive[layer], negative[layer], exact: exact, lower: lower,
      upper: upper, &lowerBlocks[layer].forms, &upperBlocks[layer].forms)
  }

  private static func propagate(
    _ layer: PackedLayer, _ positive: [Lanes], _ negative: [Lanes], exact: InputForms,
    lower: InputForms, upper: InputForms, _ lowerForms: inout [FormLanes],
    _ upperForms: inout [FormLanes]
  ) {
    let exact = exact.elements.span.extracting(first: exact.count)
    let (lowerCount, lower) = (lower.count, lower.elements.span)
    let upper = upper.elements.span
    for chunk in layer.biases.indices {
      let first = chunk * layer.inputs
      var shared = FormLanes()
      shared.constant = layer.biases[chunk]
      for k in exact.indices {
        shared.addProduct(layer.weights[first + exact[k].input], exact[k].form)
      }
      var (low, high) = (shared, shared)
      for k in 0..<lowerCount {
        let input = first + lower[k].input
        let (up, down) = (positive[input], negative[input])
        low.addProduct(up, lower[k].form)
        low.addProduct(down, upper[k].form)
        high.addProduct(up, upper[k].form)
        high.addProduct(down, lower[k].form)
      }
      lowerForms[chunk] = low
      upperForms[chunk] = high
    }
  }

  /// Bounds of the output on the cell, through the lines of all layers from `layer` on.
  private mutating func backwardBounds(to layer: Int, _ block: LaneBlock)
    -> (lower: AffineForm, upper: AffineForm)
  {
    let last = network.hiddenCount
    let bias = network.layers[last].biases[0][0]
    var constants = (Lanes.zero, Lanes.zero)
    for chunk in 0..<rows[last].chunks {
      let row = rows[last].lanes[chunk]
      coefficients[chunk] = Pair(lower: row, upper: row)
    }
    for current in (layer..<last).reversed() {
      let lines = relaxations[current == layer ? layer : sources[layer]][current]
      for chunk in lines.indices {
        coefficients[chunk].pass(lines[chunk], &constants)
      }
      guard current > layer else { break }
      let biases = network.layers[current].biases
      for chunk in biases.indices {
        constants.0.addProduct(coefficients[chunk].lower, biases[chunk])
        constants.1.addProduct(coefficients[chunk].upper, biases[chunk])
      }
      rows[current].multiply(coefficients, into: &nextCoefficients)
      swap(&coefficients, &nextCoefficients)
    }
    var (lower, upper) = (FormLanes(), FormLanes())
    for chunk in block.forms.indices {
      lower.addProduct(coefficients[chunk].lower, block.forms[chunk])
      upper.addProduct(coefficients[chunk].upper, block.forms[chunk])
    }
    lower.constant += constants.0
    upper.constant += constants.1
    return (lower.sum + AffineForm(0, 0, 0, bias), upper.sum + AffineForm(0, 0, 0, bias))
  }
}

/// The weights that eight units have in the bounds of the output.
private struct Pair {
  var lower = FormLanes.Lanes.zero
  var upper = FormLanes.Lanes.zero

  /// Goes from values to pre-activations, through the line that the sign of the weight asks for.
  @inline(__always)
  mutating func pass(
    _ lines: Relaxation, _ constants: inout (FormLanes.Lanes, FormLanes.Lanes)
  ) {
    let isNegative = lower .< 0
    constants.0.addProduct(
      lower, lines.lowerConstants.replacing(with: lines.upperConstants, where: isNegative))
    lower *= lines.lowerSlopes.replacing(with: lines.upperSlopes, where: isNegative)
    let isPositive = upper .> 0
    constants.1.addProduct(
      upper, lines.lowerConstants.replacing(with: lines.upperConstants, where: isPositive))
    upper *= lines.lowerSlopes.replacing(with: lines.upperSlopes, where: isPositive)
  }
}

/// Lines below and above the activations of eight units, where their pre-activations have certain
/// ranges: the value is at least `lowerSlopes · z + lowerConstants`, and at most the same of the
/// upper ones.
///
/// Of a neuron that may be on or off, the chord of its activation is one of them, and the other that
/// of the lines through 0 with one of its two slopes which leaves less between.
private struct Relaxation {
  typealias Lanes = FormLanes.Lanes

  private(set) var lowerSlopes = Lanes.zero
  private(set) var lowerConstants = Lanes.zero
  private(set) var upperSlopes = Lanes.zero
  private(set) var upperConstants = Lanes.zero
  /// Where the two are not the same line.
  private(set) var isBetween = SIMDMask<SIMD8<Int64>>(repeating: false)

  init() {}

  /// - Parameter slopes: of the activations below 0.
  init(_ least: Lanes, _ greatest: Lanes, slopes: Lanes) {
    let isUndecided = (least .< 0) .& (greatest .> 0) .& (slopes .!= 1)
    isBetween = isUndecided
    let fixed = slopes.replacing(with: 1, where: least .>= 0)
    let chord = ((greatest - slopes * least) / (greatest - least)).replacing(
      with: fixed, where: .!isUndecided)
    let chordConstants = ((1 - chord) * greatest).replacing(with: 0, where: .!isUndecided)
    let line = fixed.replacing(with: 1, where: isUndecided .& (greatest .> -least))
    // With a slope above 1 the activation bends down, and the chord is below it.
    let bendsDown = slopes .> 1
    lowerSlopes = line.replacing(with: chord, where: bendsDown)
    lowerConstants = Lanes.zero.replacing(with: chordConstants, where: bendsDown)
    upperSlopes = chord.replacing(with: line, where: bendsDown)
    upperConstants = chordConstants.replacing(with: 0, where: bendsDown)
  }
}

/// A layer's weights `[units, inputs]`, eight inputs side by side.
private struct WeightRows {
  /// Of each row.
  let chunks: Int
  let lanes: [FormLanes.Lanes]
  private let units: Int

  init(_ layer: PackedLayer) {
    units = layer.units
    chunks = (layer.inputs + FormLanes.count - 1) / FormLanes.count
    var lanes = [FormLanes.Lanes](repeating: .zero, count: chunks * layer.units)
    for unit in 0..<layer.units {
      for input in 0..<layer.inputs {
        lanes[unit * chunks + input >> 3][input & 7] =
          layer.weights[(unit >> 3) * layer.inputs + input][unit & 7]
      }
    }
    self.lanes = lanes
  }

  /// The transposed weights times vectors `[units]`.
  func multiply(_ vectors: [Pair], into result: inout [Pair]) {
    var result = result.mutableSpan
    let (lanes, vectors) = (lanes.span, vectors.span)
    // Two chunks at a time, so that no sum waits for itself.
    for chunk in stride(from: 0, to: chunks, by: 2) {
      let next = min(chunk + 1, chunks - 1)
      var (first, second) = (Pair(), Pair())
      for unit in 0..<units {
        let pair = vectors[unit >> 3]
        let (lower, upper) = (pair.lower[unit & 7], pair.upper[unit & 7])
        let (a, b) = (lanes[unit * chunks + chunk], lanes[unit * chunks + next])
        first.lower.addProduct(a, lower)
        first.upper.addProduct(a, upper)
        second.lower.addProduct(b, lower)
        second.upper.addProduct(b, upper)
      }
      result[chunk] = first
      result[next] = second
    }
  }
}
