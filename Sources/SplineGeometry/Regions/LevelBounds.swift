/// Bounds of a network's only output on a cell, to leave out cells that miss its zero set.
///
/// The pre-activations of the layer that the walk is in are affine on the cell. From there on each
/// neuron lies between two affine functions, whose extremes on a convex cell are at its vertices: of
/// a neuron that may be on or off, the chord of its activation bounds one side, and a line through
/// the origin the other. The walk goes on unless the bounds of the output have the same sign.
///
/// - Source: Zhang et al., CROWN, arXiv:1811.00866, section 3; here forwards and with vertices in
///   the place of a box.
struct LevelBounds {
  private let network: PackedNetwork
  /// The positive and the negative parts of the weights of each layer, packed like those.
  private let positive: [[FormLanes.Lanes]]
  private let negative: [[FormLanes.Lanes]]
  /// The bounds of each layer's pre-activations.
  private var lowerBlocks: [LaneBlock]
  private var upperBlocks: [LaneBlock]
  /// Neurons that are one affine function, and those that lie between two.
  private var exact: [(input: Int, form: AffineForm)] = []
  private var between: [(input: Int, lower: AffineForm, upper: AffineForm)] = []
  private var attempts: [Int]
  private var successes: [Int]

  init(_ network: PackedNetwork) {
    self.network = network
    positive = network.layers.map { $0.weights.map { pointwiseMax($0, .zero) } }
    negative = network.layers.map { $0.weights.map { pointwiseMin($0, .zero) } }
    lowerBlocks = network.layers.map { LaneBlock(units: $0.units) }
    upperBlocks = lowerBlocks
    attempts = Array(repeating: 0, count: network.layers.count)
    successes = attempts
  }

  /// Where bounds hardly ever help they are tried on one cell in eight.
  mutating func isWorthTrying(_ layer: Int) -> Bool {
    attempts[layer] += 1
    return attempts[layer] < 64 || 20 * successes[layer] > attempts[layer]
      || attempts[layer] & 7 == 0
  }

  mutating func note(_ layer: Int, didExclude: Bool) {
    guard didExclude else { return }
    // Successes of every eighth cell stand for eight.
    successes[layer] += attempts[layer] < 64 || 20 * successes[layer] > attempts[layer] ? 1 : 8
  }

  /// Whether a cell provably misses the zero set.
  ///
  /// - Parameters:
  ///   - block: the pre-activations of `layer` on the cell, and `lower`, `upper` their extremes.
  mutating func exclude(
    vertices: Span<SIMD3<Double>>, layer: Int, block: LaneBlock, lower: [FormLanes.Lanes],
    upper: [FormLanes.Lanes]
  ) -> Bool {
    let last = network.hiddenCount
    relax(layer, lowerBlock: block, upperBlock: block, lower: lower, upper: upper)
    for next in layer + 1...last {
      propagate(to: next)
      if next < last {
        relax(
          next, lowerBlock: lowerBlocks[next], upperBlock: upperBlocks[next],
          lower: extremes(of: lowerBlocks[next], vertices, .least),
          upper: extremes(of: upperBlocks[next], vertices, .greatest))
      }
    }
    // Far more than rounding and the tolerance of vertices at the level.
    let slack = 1e-9 * network.layers[last].scale
    let (low, high) = (lowerBlocks[last].form(0), upperBlocks[last].form(0))
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for k in vertices.indices {
      least = min(least, low.value(at: vertices[k]))
      greatest = max(greatest, high.value(at: vertices[k]))
    }
    return least > slack || greatest < -slack
  }

  /// The least values of the forms at a cell's vertices, or their greatest.
  private func extremes(
    of block: LaneBlock, _ vertices: Span<SIMD3<Double>>, _ side: Side
  ) -> [FormLanes.Lanes] {
    block.forms.map { form in
      var extreme = form.values(at: vertices[0])
      for k in 1..<vertices.count {
        let values = form.values(at: vertices[k])
        extreme = side == .least ? lesser(extreme, values) : greater(extreme, values)
      }
      return extreme
    }
  }

  private enum Side { case least, greatest }

  /// Bounds of a layer's values from those of its pre-activations.
  private mutating func relax(
    _ layer: Int, lowerBlock: LaneBlock, upperBlock: LaneBlock, lower: [FormLanes.Lanes],
    upper: [FormLanes.Lanes]
  ) {
    let slopes = network.layers[layer].slopes
    exact.removeAll(keepingCapacity: true)
    between.removeAll(keepingCapacity: true)
    for unit in 0..<network.layers[layer].units {
      let slope = slopes[unit]
      let (least, greatest) = (lower[unit >> 3][unit & 7], upper[unit >> 3][unit & 7])
      if slope == 0, greatest <= 0 { continue }
      let (low, high) = (lowerBlock.form(unit), upperBlock.form(unit))
      if slope == 1 || least >= 0 || greatest <= 0 {
        let factor = least >= 0 ? 1 : slope
        if low == high {
          exact.append((unit, factor * low))
        } else {
          let bounds = factor > 0 ? (low, high) : (high, low)
          between.append((unit, factor * bounds.0, factor * bounds.1))
        }
        continue
      }
      // The chord between the ends, and the line through 0 nearer to the activation.
      let chordSlope = (greatest - slope * least) / (greatest - least)
      var chord =
        chordSlope * (chordSlope >= 0 ? (slope <= 1 ? high : low) : (slope <= 1 ? low : high))
      chord.w += (1 - chordSlope) * greatest
      let lineSlope = greatest > -least ? 1 : slope
      let line =
        lineSlope * (lineSlope >= 0 ? (slope <= 1 ? low : high) : (slope <= 1 ? high : low))
      between.append(slope <= 1 ? (unit, line, chord) : (unit, chord, line))
    }
  }

  /// Bounds of a layer's pre-activations from those of its inputs.
  private mutating func propagate(to layer: Int) {
    let packed = network.layers[layer]
    let (positive, negative) = (positive[layer], negative[layer])
    for chunk in packed.biases.indices {
      let first = chunk * packed.inputs
      var shared = FormLanes()
      shared.constant = packed.biases[chunk]
      for (input, form) in exact { shared.addProduct(packed.weights[first + input], form) }
      var (low, high) = (shared, shared)
      for (input, lower, upper) in between {
        let (up, down) = (positive[first + input], negative[first + input])
        low.addProduct(up, lower)
        low.addProduct(down, upper)
        high.addProduct(up, upper)
        high.addProduct(down, lower)
      }
      lowerBlocks[layer].forms[chunk] = low
      upperBlocks[layer].forms[chunk] = high
    }
  }
}
