/// Ranges of the pre-activations behind a layer on a cell, found by affine arithmetic.
///
/// At a point p of the cell a value is
///
///     g · p + c + Σ rₖ eₖ,    with errors eₖ in −1…1,
///
/// up to what rounding does, which is carried along. The errors depend on p, but all values have the
/// same ones; so they cancel where the network lets them cancel. Weights take such sums to such sums.
/// The activation of an undecided neuron lies between its chord and the line of the same slope through
/// 0, so it is the line in the middle plus a new error: of undecided neurons alone is anything lost.
///
/// - Source: Singh et al., Fast and effective robustness certification, NeurIPS 2018 (there
///   on boxes); Comba and Stolfi, Affine arithmetic and its applications to computer graphics, 1993.
struct ZonotopePass {
  typealias Lanes = FormLanes.Lanes

  /// A unit whose value is not 0.
  private struct Input {
    let unit: Int
    /// Bounds of the errors that have no column, and of what rounding has done.
    var rest: Double
    let rounding: Double
  }

  /// Columns of coefficients stand in groups of four: g and c first, then the errors. Neurons that
  /// find no column any more add up to a rest, which does not cancel.
  private static let mostGroups = 24

  /// The largest sizes of coordinates in the domain.
  private let reach: SIMD3<Double>
  /// A bound of the rounding of a value, as a share of the sizes of the terms that it comes from.
  private let share: Double

  /// Of the layer that the pass has come to, `[chunks of eight units][groups]`.
  private var forms: [FormLanes]
  /// The largest sums of its errors, and what rounding has done.
  private var radii: [Lanes]
  private var roundings: [Lanes]
  private var rests: [Lanes]
  private var hasRest = false
  private var groups = 1
  private var columns = 4
  /// The values of the layer before, `[chunks of eight units][groups]`.
  private var values: [FormLanes]
  private var inputs: [Input] = []

  init(_ network: PackedNetwork, _ domain: SplineDomain) {
    var reach = SIMD3<Double>.zero
    for p in domain.cell.positions {
      for axis in 0..<3 { reach[axis] = max(reach[axis], abs(p[axis])) }
    }
    self.reach = reach
    let chunks = network.layers.reduce(0) { max($0, $1.biases.count) }
    share = Double(chunks * FormLanes.count + 32) * Double.ulpOfOne
    forms = Array(repeating: FormLanes(), count: chunks * Self.mostGroups)
    values = forms
    radii = Array(repeating: .zero, count: chunks)
    roundings = radii
    rests = radii
  }

  /// Begins with a layer whose pre-activations are affine on the cell.
  mutating func start(_ layer: PackedLayer, _ block: LaneBlock) {
    (groups, columns, hasRest) = (1, 4, false)
    for chunk in rests.indices { rests[chunk] = .zero }
    for chunk in block.forms.indices {
      forms[chunk] = block.forms[chunk]
      radii[chunk] = .zero
      roundings[chunk] = Lanes(repeating: layer.rounding)
    }
  }

  /// Goes on from a layer's pre-activations, whose ranges are known, to those of the next.
  mutating func advance(from layer: PackedLayer, _ relaxations: [Relaxation], to next: PackedLayer)
  {
    let undecided = relaxations.reduce(0) { $0 + $1.betweenCount }
    let width = min((columns + undecided + 3) / 4, Self.mostGroups)
    inputs.removeAll(keepingCapacity: true)
    for chunk in relaxations.indices {
      activate(chunk, relaxations[chunk], units: layer.units, width: width)
    }
    groups = width
    Self.propagate(to: next, inputs, values, groups, &forms, &radii)
    Self.addUp(to: next, inputs, { $0.rounding }, &roundings)
    for chunk in next.biases.indices { roundings[chunk] += share * size(next.biases[chunk]) }
    guard hasRest else { return }
    Self.addUp(to: next, inputs, { $0.rest }, &rests)
    for chunk in next.biases.indices { radii[chunk] += rests[chunk] }
  }

  /// The lines of eight activations, from the ranges of their pre-activations on a cell.
  func relaxation(_ chunk: Int, on vertices: Span<SIMD3<Double>>, slopes: Lanes) -> Relaxation {
    let form = forms[chunk * groups]
    var least = form.values(at: vertices[0])
    var greatest = least
    for k in 1..<vertices.count {
      let values = form.values(at: vertices[k])
      least = lesser(least, values)
      greatest = greater(greatest, values)
    }
    let radius = radii[chunk] + roundings[chunk]
    return Relaxation(
      least - radius, greatest + radius, slopes: slopes, roundings: roundings[chunk])
  }

  /// Bounds of the only output, once the pass has come to it.
  var output: (lower: AffineForm, upper: AffineForm) {
    let form = forms[0].form(0)
    let radius = AffineForm(0, 0, 0, radii[0][0] + roundings[0][0])
    return (form - radius, form + radius)
  }
}

extension ZonotopePass {
  /// Finds the values of eight units.
  ///
  /// - Parameter width: the groups of columns that the values have.
  private mutating func activate(_ chunk: Int, _ relaxation: Relaxation, units: Int, width: Int) {
    let slopes = relaxation.chordSlopes
    let middles = 0.5 * relaxation.chordConstants
    let own = size(middles)
    let (first, start) = (chunk * width, chunk * groups)
    for group in 0..<groups { values[first + group] = forms[start + group].scaled(by: slopes) }
    for group in groups..<max(groups, width) { values[first + group] = FormLanes() }
    values[first].constant += middles
    let form = values[first]
    let sizes =
      reach.x * size(form.x) + reach.y * size(form.y) + reach.z * size(form.z)
      + size(form.constant) + size(slopes) * radii[chunk] + own
    let roundings = size(slopes) * roundings[chunk] + share * sizes
    let rests = size(slopes) * rests[chunk]
    for lane in 0..<min(FormLanes.count, units - FormLanes.count * chunk) {
      guard slopes[lane] != 0 || relaxation.isBetween[lane] else { continue }
      var input = Input(
        unit: FormLanes.count * chunk + lane, rest: rests[lane], rounding: roundings[lane])
      if relaxation.isBetween[lane] {
        if columns < 4 * width {
          values[first + columns >> 2].set(column: columns & 3, of: lane, to: own[lane])
          columns += 1
        } else {
          input.rest += own[lane]
          hasRest = true
        }
      }
      inputs.append(input)
    }
  }

  /// A layer's pre-activations, and the largest sums of the errors in their columns.
  private static func propagate(
    to layer: PackedLayer, _ inputs: [Input], _ values: [FormLanes], _ groups: Int,
    _ forms: inout [FormLanes], _ radii: inout [Lanes]
  ) {
    let (values, inputs) = (values.span, inputs.span)
    for chunk in layer.biases.indices {
      let first = chunk * layer.inputs
      var radius = Lanes.zero
      // Two groups at a time, so that no sum waits for itself.
      for group in stride(from: 0, to: groups, by: 2) {
        let other = min(group + 1, groups - 1)
        var (sum, otherSum) = (FormLanes(), FormLanes())
        for k in inputs.indices {
          let unit = inputs[k].unit
          let weights = layer.weights[first + unit]
          let place = (unit >> 3) * groups
          sum.addProduct(weights, values[place + group], unit & 7)
          otherSum.addProduct(weights, values[place + other], unit & 7)
        }
        if group > 0 { radius += sum.sizes }
        if other > group { radius += otherSum.sizes }
        forms[chunk * groups + group] = sum
        forms[chunk * groups + other] = otherSum
      }
      forms[chunk * groups].constant += layer.biases[chunk]
      radii[chunk] = radius
    }
  }

  /// What does not cancel.
  private static func addUp(
    to layer: PackedLayer, _ inputs: [Input], _ term: (Input) -> Double, _ sums: inout [Lanes]
  ) {
    let inputs = inputs.span
    for chunk in layer.biases.indices {
      var sum = Lanes.zero
      for k in inputs.indices {
        let input = inputs[k]
        sum.addProduct(size(layer.weights[chunk * layer.inputs + input.unit]), term(input))
      }
      sums[chunk] = sum
    }
  }
}

@inline(__always)
private func size(_ a: FormLanes.Lanes) -> FormLanes.Lanes { greater(a, -a) }

extension FormLanes {
  /// The sums of the sizes of four columns.
  @inline(__always)
  fileprivate var sizes: Lanes { (size(x) + size(y)) + (size(z) + size(constant)) }

  /// Adds the columns that one unit has, with a weight for each of eight others.
  @inline(__always)
  fileprivate mutating func addProduct(_ weights: Lanes, _ forms: FormLanes, _ lane: Int) {
    x.addProduct(weights, forms.x[lane])
    y.addProduct(weights, forms.y[lane])
    z.addProduct(weights, forms.z[lane])
    constant.addProduct(weights, forms.constant[lane])
  }

  @inline(__always)
  fileprivate func scaled(by factors: Lanes) -> FormLanes {
    var result = self
    result.x *= factors
    result.y *= factors
    result.z *= factors
    result.constant *= factors
    return result
  }

  fileprivate mutating func set(column: Int, of lane: Int, to value: Double) {
    switch column {
    case 0: x[lane] = value
    case 1: y[lane] = value
    case 2: z[lane] = value
    default: constant[lane] = value
    }
  }
}
