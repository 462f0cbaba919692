/// Bounds of a network's only output on cells, to leave out those that miss its zero set.
///
/// The pre-activations of the layer that the walk is in are affine on the cell. From there on each
/// neuron lies between two lines (``Relaxation``), which depend on the range of its pre-activation:
///
/// 1. The ranges are known from a larger cell around this one. The bound of the output is carried
///    backwards, from the output's weights through the lines, each time through that line which the
///    sign of the weight asks for; what comes out is an affine function, whose least value on a convex
///    cell is at a vertex.
/// 2. If that does not leave the cell out, the ranges are found anew, forwards (``ZonotopePass``),
///    which bounds the output, too.
/// 3. The affine bounds of the output hold in all parts of the cell, too: each part into which it is
///    cut is tried with them, which costs next to nothing.
///
/// At layers where a step hardly ever helps it is tried on one cell in eight.
///
/// What rounding may do is counted along with it, and taken off the bounds.
///
/// - Source: Zhang et al., CROWN, arXiv:1811.00866, section 3; here with vertices in the place of a
///   box.
struct LevelBounds {
  typealias Lanes = FormLanes.Lanes

  private let network: PackedNetwork
  private let rows: [WeightRows]
  /// Far more than the tolerance of vertices at the level.
  private let slack: Double
  /// For cells at each layer, the lines of the neurons from that layer on.
  private var relaxations: [[[Relaxation]]]
  /// For cells at each layer, at which layer the lines of the layers behind it were found.
  private var sources: [Int]
  /// For cells at each layer, bounds of the output; a cell on which the lower one is positive or the
  /// upper one negative misses the level.
  private var outputBounds: [(lower: AffineForm, upper: AffineForm)]
  private var pass: ZonotopePass
  /// Of the units that the bounds have come to, backwards.
  private var coefficients: [Pair]
  private var nextCoefficients: [Pair]
  /// How often bounds have helped at each layer: with lines of a larger cell, and with new ones.
  private var inherited: [Trials]
  private var renewed: [Trials]

  init(_ network: PackedNetwork, _ domain: SplineDomain) {
    self.network = network
    slack = 1e-9 * network.layers[network.hiddenCount].scale
    rows = network.layers.map { WeightRows($0) }
    let lines = network.layers.map { Array(repeating: Relaxation(), count: $0.biases.count) }
    relaxations = Array(repeating: lines, count: network.layers.count)
    sources = Array(repeating: 0, count: network.layers.count)
    let unknown = AffineForm(0, 0, 0, .infinity)
    outputBounds = Array(repeating: (-1 * unknown, unknown), count: network.layers.count)
    let widest = network.layers.reduce(0) { max($0, $1.inputs) }
    pass = ZonotopePass(network, domain)
    coefficients = Array(repeating: Pair(), count: widest / FormLanes.count + 1)
    nextCoefficients = coefficients
    inherited = Array(repeating: Trials(), count: network.layers.count)
    renewed = inherited
  }

  /// Forgets how often bounds have helped, so that the next cells do not depend on those before.
  mutating func startAnew() {
    for layer in inherited.indices { (inherited[layer], renewed[layer]) = (Trials(), Trials()) }
  }

  /// Whether a part of the cell that has come to a layer misses the zero set, by bounds of that cell.
  func exclude(part vertices: Span<SIMD3<Double>>, layer: Int) -> Bool {
    let (lower, upper) = outputBounds[layer]
    var (isAbove, isBelow) = (true, true)
    for k in vertices.indices {
      if !(lower.value(at: vertices[k]) > 0) { isAbove = false }
      if !(upper.value(at: vertices[k]) < 0) { isBelow = false }
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
    let roundings = Lanes(repeating: network.layers[layer].rounding)
    for chunk in least.indices {
      relaxations[layer][layer][chunk] = Relaxation(
        least[chunk] - roundings, greatest[chunk] + roundings,
        slopes: network.layers[layer].slopeLanes[chunk], roundings: roundings)
    }
    if layer > 0 {
      // What is known of the cell around this one.
      outputBounds[layer] = outputBounds[layer - 1]
      sources[layer] = sources[layer - 1]
      if inherited[layer].isWorthTrying(if: 20) {
        setBounds(layer, backwardBounds(to: layer, block))
        if exclude(part: vertices, layer: layer) {
          inherited[layer].succeed()
          return true
        }
      }
    }
    // Behind the last hidden layer there are no ranges to be found.
    guard layer == 0 || (layer < network.hiddenCount - 1 && renewed[layer].isWorthTrying(if: 5))
    else { return false }
    findRelaxations(vertices, layer: layer, block: block)
    guard exclude(part: vertices, layer: layer) else { return false }
    renewed[layer].succeed()
    return true
  }

  private mutating func setBounds(_ layer: Int, _ bounds: (lower: AffineForm, upper: AffineForm)) {
    let slack = AffineForm(0, 0, 0, slack)
    outputBounds[layer] = (bounds.lower - slack, bounds.upper + slack)
  }

  /// Finds the ranges of the layers behind `layer` on a cell, the lines that follow from them, and
  /// bounds of the output.
  private mutating func findRelaxations(
    _ vertices: Span<SIMD3<Double>>, layer: Int, block: LaneBlock
  ) {
    sources[layer] = layer
    pass.start(network.layers[layer], block)
    for next in layer + 1...network.hiddenCount {
      pass.advance(
        from: network.layers[next - 1], relaxations[layer][next - 1], to: network.layers[next])
      guard next < network.hiddenCount else { break }
      for chunk in relaxations[layer][next].indices {
        relaxations[layer][next][chunk] = pass.relaxation(
          chunk, on: vertices, slopes: network.layers[next].slopeLanes[chunk])
      }
    }
    setBounds(layer, pass.output)
  }

  /// Bounds of the output on the cell, through the lines of all layers from `layer` on.
  private mutating func backwardBounds(to layer: Int, _ block: LaneBlock)
    -> (lower: AffineForm, upper: AffineForm)
  {
    let last = network.hiddenCount
    let bias = network.layers[last].biases[0][0]
    var constants = (Lanes.zero, Lanes.zero)
    var roundings = Lanes.zero
    for chunk in 0..<rows[last].chunks {
      let row = rows[last].lanes[chunk]
      coefficients[chunk] = Pair(lower: row, upper: row)
    }
    for current in (layer..<last).reversed() {
      let lines = relaxations[current == layer ? layer : sources[layer]][current]
      for chunk in lines.indices {
        coefficients[chunk].pass(lines[chunk], &constants)
        roundings.addProduct(coefficients[chunk].size, lines[chunk].roundings)
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
    let rounding = roundings.sum()
    return (
      lower.sum + AffineForm(0, 0, 0, bias - rounding),
      upper.sum + AffineForm(0, 0, 0, bias + rounding)
    )
  }
}

/// How often something has been tried, and how often it has helped.
private struct Trials {
  private var attempts = 0
  private var successes = 0
  /// How many times the current one counts.
  private var weight = 1

  /// What helps less than once in `count` times is tried once in eight.
  mutating func isWorthTrying(if count: Int) -> Bool {
    attempts += 1
    weight = attempts < 64 || count * successes > attempts ? 1 : 8
    return weight == 1 || attempts & 7 == 0
  }

  mutating func succeed() { successes += weight }
}

/// The weights that eight units have in the bounds of the output.
private struct Pair {
  var lower = FormLanes.Lanes.zero
  var upper = FormLanes.Lanes.zero

  /// The larger of the two, without their signs.
  @inline(__always)
  var size: FormLanes.Lanes { greater(greater(lower, -lower), greater(upper, -upper)) }

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
