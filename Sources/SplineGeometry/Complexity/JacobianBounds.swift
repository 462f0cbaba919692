/// Bounds of a network's derivatives on a convex cell of the plane or of space, on which all layers in
/// front of some layer are decided.
///
/// From that layer on, whose pre-activations are affine on the cell, each derivative of each unit lies in
/// an interval, a middle and a radius. An affine map carries middles along by its weights and radii by
/// their absolute values. By the mean value theorem a pre-activation differs from that at the cell's
/// centre c by at most `M · (x − c) ± R · |x − c|`, which is extreme at vertices; where that tells the
/// sign, the neuron is on or off on the whole cell, and otherwise its slope may be anything between that
/// and 1.
///
/// - Source: Zhang, Zhang, Hsieh, "RecurJac: an efficient recursive algorithm for bounding Jacobian
///   matrix of neural networks", AAAI 2019, arXiv:1810.11783; here with vertices in the place of a ball.
struct JacobianBounds: Sendable {
  private let layers: [SplineNetwork.Layer]
  /// Of each unit of the layer at hand: its derivatives' middles, and in `w` its value at the centre.
  private var middles: [AffineForm]
  private var radii: [AffineForm]
  private var inputMiddles: [AffineForm]
  private var inputRadii: [AffineForm]
  private var offsets: [AffineForm] = []

  init(_ network: SplineNetwork) {
    layers = network.unshared.layers
    let widest = layers.reduce(0) { max($0, $1.units, $1.inputs) }
    middles = Array(repeating: .zero, count: widest)
    radii = middles
    inputMiddles = middles
    inputRadii = middles
  }

  /// Of each output a bound of the absolute value of each derivative, in x, y, z; 0 in `w`.
  ///
  /// - Parameter block: the pre-activations of `layer` on the cell.
  mutating func bounds(
    on vertices: Span<SIMD3<Double>>, layer first: Int, block: borrowing LaneBlock
  ) -> [AffineForm] {
    var center = SIMD3<Double>.zero
    for k in vertices.indices { center += vertices[k] }
    center /= Double(vertices.count)
    offsets.removeAll(keepingCapacity: true)
    for k in vertices.indices { offsets.append(AffineForm(vertices[k] - center, 0)) }
    for unit in 0..<layers[first].units {
      var form = block.form(unit)
      form.w = form.value(at: center)
      middles[unit] = form
      radii[unit] = .zero
    }
    for number in first..<layers.count {
      if number > first {
        Self.carry(layers[number], inputMiddles, inputRadii, &middles, &radii)
      }
      if let slopes = layers[number].slopes { activate(slopes) }
    }
    return (0..<layers[layers.count - 1].units).map { output in
      var bound = Self.size(middles[output]) + radii[output]
      bound.w = 0
      return bound
    }
  }

  private static func size(_ form: AffineForm) -> AffineForm {
    form.replacing(with: -form, where: form .< 0)
  }

  private static func carry(
    _ layer: SplineNetwork.Layer, _ inputMiddles: [AffineForm], _ inputRadii: [AffineForm],
    _ middles: inout [AffineForm], _ radii: inout [AffineForm]
  ) {
    let (weights, inputs) = (layer.weights.span, layer.inputs)
    let (inputMiddles, inputRadii) = (inputMiddles.span, inputRadii.span)
    for unit in 0..<layer.units {
      var middle = AffineForm(0, 0, 0, layer.biases[unit])
      var radius = AffineForm.zero
      for i in 0..<inputs {
        let weight = weights[unit * inputs + i]
        middle.addProduct(inputMiddles[i], weight)
        radius.addProduct(inputRadii[i], abs(weight))
      }
      middles[unit] = middle
      radii[unit] = radius
    }
  }

  private mutating func activate(_ slopes: [Double]) {
    for (unit, slope) in slopes.enumerated() {
      let (middle, radius) = (middles[unit], radii[unit])
      inputMiddles[unit] = middle
      inputRadii[unit] = radius
      guard slope != 1 else { continue }
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for offset in offsets {
        let (change, error) = ((middle * offset).sum(), (radius * Self.size(offset)).sum())
        least = min(least, change - error)
        greatest = max(greatest, change + error)
      }
      // A neuron that vanishes on a facet of the cell does not cut it.
      let rounding = 1e-12 * (greatest - least)
      if middle.w + least > -rounding { continue }
      if middle.w + greatest < rounding {
        inputMiddles[unit] = slope * middle
        inputRadii[unit] = abs(slope) * radius
        continue
      }
      // The least interval that has the derivatives times `slope` and times 1.
      let (low, high) = (middle - radius, middle + radius)
      let (a, b) = (slope * low, slope * high)
      let lower = pointwiseMin(pointwiseMin(low, high), pointwiseMin(a, b))
      let upper = pointwiseMax(pointwiseMax(low, high), pointwiseMax(a, b))
      inputMiddles[unit] = (lower + upper) / 2
      inputRadii[unit] = (upper - lower) / 2
      inputMiddles[unit].w = middle.w > 0 ? middle.w : slope * middle.w
      inputRadii[unit].w = 0
    }
  }
}
