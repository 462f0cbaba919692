/// Cuts lines through the input space layer by layer into the pieces on which a network is affine.
///
/// On an interval with a fixed pattern in the layers before, a layer's pre-activations are affine in
/// t. Their roots inside divide the interval; each part goes on to the next layer, the lower one
/// first, so pieces come in the order of t.
///
/// A neuron divides an interval if its values at the two ends have different signs and are larger
/// than what an error of `tolerance` in t and rounding do to them. Roots nearer to each other than
/// that are one.
struct LineWalk {
  typealias Lanes = FormLanes.Lanes

  private let network: SplineNetwork
  /// The layers after the first.
  private let packed: [PackedLayer]
  /// Of each layer: the greatest size of a bias, and of the sum of a unit's weights.
  private let scales: [(bias: Double, weights: Double)]
  private let places: LinePlaces
  /// Which lanes of the hidden layers' chunks are neurons.
  private let isNeuron: [SIMDMask<Lanes.MaskStorage>]
  /// The pre-activations of all layers on the interval at hand.
  private var forms: [LineForms]
  /// What the units that are not 0 there hand on to the next layer.
  private var handedOn: [HandedOn] = []
  /// Roots of the layers that the walk is in.
  private var roots: [Root] = []
  private var bits: [UInt8]
  private var tolerance = 0.0
  private var firstRounding = 0.0
  private var pieces: LinePieces

  private struct HandedOn {
    let unit: Int
    let slope: Double
    let constant: Double

    func size(_ t: Double) -> Double { abs(constant + slope * t) }
  }

  private struct Root {
    let t: Double
    /// Others that are nearer are the same.
    let reach: Double
  }

  init(_ network: SplineNetwork) {
    self.network = network
    packed = network.layers.dropFirst().map { PackedLayer($0, scale: 0) }
    scales = network.layers.map { layer in
      let rows = (0..<layer.units).map { unit in
        layer.weights[unit * layer.inputs..<(unit + 1) * layer.inputs].reduce(0) { $0 + abs($1) }
      }
      return (layer.biases.reduce(0) { max($0, abs($1)) }, rows.max() ?? 0)
    }
    places = LinePlaces(network)
    var isNeuron = [SIMDMask<Lanes.MaskStorage>](
      repeating: SIMDMask(repeating: false), count: places.hiddenChunks)
    for place in places.neurons { isNeuron[place >> 3][place & 7] = true }
    self.isNeuron = isNeuron
    forms = Array(repeating: LineForms(), count: places.firstChunks[network.layers.count])
    bits = Array(repeating: 0, count: places.hiddenChunks)
    pieces = LinePieces(start: 0, outputs: network.outputs, places: places)
  }

  /// The pieces of a line, its slice's first coordinate being t.
  mutating func pieces(of line: AffineSlice, in range: ClosedRange<Double>) -> LinePieces {
    pieces = LinePieces(start: range.lowerBound, outputs: network.outputs, places: places)
    tolerance =
      1e-13
      * max(
        range.upperBound - range.lowerBound, abs(range.lowerBound), abs(range.upperBound))
    setFirstLayer(line, range)
    enter(layer: 0, from: range.lowerBound, to: range.upperBound)
    return pieces
  }

  private mutating func setFirstLayer(_ line: AffineSlice, _ range: ClosedRange<Double>) {
    let layer = network.layers[0]
    let (origin, direction) = (line.origin, line.directions[0])
    let reach = max(abs(range.lowerBound), abs(range.upperBound))
    var scale = 0.0
    for unit in 0..<layer.units {
      var (slope, constant, size) = (0.0, layer.biases[unit], abs(layer.biases[unit]))
      for i in 0..<layer.inputs {
        let weight = layer.weights[unit * layer.inputs + i]
        slope += weight * direction[i]
        constant += weight * origin[i]
        size += abs(weight) * (abs(origin[i]) + abs(direction[i]) * reach)
      }
      forms[unit >> 3].slope[unit & 7] = slope
      forms[unit >> 3].constant[unit & 7] = constant
      scale = max(scale, size)
    }
    firstRounding = Self.rounding(scale)
  }

  /// What rounding may do to a sum of terms of some size, as in ``PackedLayer``.
  private static func rounding(_ scale: Double) -> Double { 4e-16 * scale }

  private mutating func enter(layer: Int, from a: Double, to b: Double) {
    var rounding = firstRounding
    if layer > 0 {
      Self.compose(packed[layer - 1], handedOn, into: &forms, from: places.firstChunks[layer])
      let reach = handedOn.reduce(0) { max($0, $1.size(a), $1.size(b)) }
      rounding = Self.rounding(scales[layer].bias + scales[layer].weights * reach)
    }
    guard layer < network.layers.count - 1 else {
      return pieces.append(end: b, bits: bits, forms: forms, rounding: rounding)
    }
    let first = roots.count
    findRoots(layer, from: a, to: b, rounding: rounding)
    roots[first...].sort { ($0.t, $0.reach) < ($1.t, $1.reach) }
    var (start, reach) = (a, 0.0)
    for k in first..<roots.count where roots[k].t - start > max(roots[k].reach, reach) {
      handOn(layer, at: (start + roots[k].t) / 2)
      enter(layer: layer + 1, from: start, to: roots[k].t)
      (start, reach) = (roots[k].t, roots[k].reach)
    }
    handOn(layer, at: (start + b) / 2)
    enter(layer: layer + 1, from: start, to: b)
    roots.removeSubrange(first...)
  }

  private static func compose(
    _ layer: PackedLayer, _ handedOn: [HandedOn], into forms: inout [LineForms], from start: Int
  ) {
    let rows = layer.weights
    let (weights, inputs) = (rows.span, handedOn.span)
    for chunk in layer.biases.indices {
      var form = LineForms(constant: layer.biases[chunk])
      let row = chunk * layer.inputs
      for k in inputs.indices {
        let column = weights[row + inputs[k].unit]
        form.slope.addProduct(column, inputs[k].slope)
        form.constant.addProduct(column, inputs[k].constant)
      }
      forms[start + chunk] = form
    }
  }

  /// Lists the roots of a layer's neurons inside an interval.
  private mutating func findRoots(
    _ layer: Int, from a: Double, to b: Double, rounding: Double
  ) {
    for chunk in places.firstChunks[layer]..<places.firstChunks[layer + 1] {
      let form = forms[chunk]
      let (start, end) = (form.values(at: a), form.values(at: b))
      let size = form.slope.replacing(with: -form.slope, where: form.slope .< 0)
      let bound = Lanes(repeating: rounding) + tolerance * size
      let crosses =
        ((start .> bound) .& (end .< -bound)) .| ((start .< -bound) .& (end .> bound))
        .& isNeuron[chunk]
      guard any(crosses) else { continue }
      for lane in 0..<FormLanes.count where crosses[lane] {
        let t = -form.constant[lane] / form.slope[lane]
        roots.append(Root(t: min(max(t, a), b), reach: bound[lane] / size[lane]))
      }
    }
  }

  /// Decides the neurons of a layer by their signs at t, and collects what its units hand on.
  private mutating func handOn(_ layer: Int, at t: Double) {
    handedOn.removeAll(keepingCapacity: true)
    let slopes = network.layers[layer].slopes ?? []
    for chunk in places.firstChunks[layer]..<places.firstChunks[layer + 1] {
      let form = forms[chunk]
      let isOn = form.values(at: t) .> 0
      let first = FormLanes.count * (chunk - places.firstChunks[layer])
      var byte: UInt8 = 0
      for lane in 0..<min(FormLanes.count, slopes.count - first) {
        var factor = slopes[first + lane]
        if isOn[lane] {
          byte |= 1 << UInt8(lane)
          factor = 1
        }
        guard factor != 0 else { continue }
        handedOn.append(
          HandedOn(
            unit: first + lane, slope: factor * form.slope[lane],
            constant: factor * form.constant[lane]))
      }
      bits[chunk] = byte
    }
  }
}

/// Affine functions of t, of eight units side by side.
struct LineForms {
  typealias Lanes = FormLanes.Lanes

  var slope = Lanes.zero
  var constant = Lanes.zero

  @inline(__always)
  func values(at t: Double) -> Lanes { constant.addingProduct(slope, t) }
}
