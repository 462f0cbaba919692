/// The forms of eight neurons side by side.
struct FormLanes {
  static let count = 8
  typealias Lanes = SIMD8<Double>

  var x = Lanes.zero
  var y = Lanes.zero
  var z = Lanes.zero
  var constant = Lanes.zero

  @inline(__always)
  mutating func addProduct(_ weights: Lanes, _ form: AffineForm) {
    x.addProduct(weights, form.x)
    y.addProduct(weights, form.y)
    z.addProduct(weights, form.z)
    constant.addProduct(weights, form.w)
  }

  /// Adds eight forms with a factor each.
  @inline(__always)
  mutating func addProduct(_ factors: Lanes, _ forms: FormLanes) {
    x.addProduct(factors, forms.x)
    y.addProduct(factors, forms.y)
    z.addProduct(factors, forms.z)
    constant.addProduct(factors, forms.constant)
  }

  /// Becomes each of some forms times a factor.
  @inline(__always)
  mutating func setProduct(_ factors: Lanes, _ forms: FormLanes) {
    x = factors * forms.x
    y = factors * forms.y
    z = factors * forms.z
    constant = factors * forms.constant
  }

  @inline(__always)
  func values(at p: SIMD3<Double>) -> Lanes {
    constant.addingProduct(x, p.x).addingProduct(y, p.y).addingProduct(z, p.z)
  }

  func form(_ lane: Int) -> AffineForm { AffineForm(x[lane], y[lane], z[lane], constant[lane]) }

  /// The sum of the forms.
  var sum: AffineForm { AffineForm(x.sum(), y.sum(), z.sum(), constant.sum()) }

  /// The form of each lane.
  @inline(__always)
  var transposed: [8 of AffineForm] {
    [
      AffineForm(x[0], y[0], z[0], constant[0]), AffineForm(x[1], y[1], z[1], constant[1]),
      AffineForm(x[2], y[2], z[2], constant[2]), AffineForm(x[3], y[3], z[3], constant[3]),
      AffineForm(x[4], y[4], z[4], constant[4]), AffineForm(x[5], y[5], z[5], constant[5]),
      AffineForm(x[6], y[6], z[6], constant[6]), AffineForm(x[7], y[7], z[7], constant[7]),
    ]
  }
}

extension SIMDMask where Storage == SIMD8<Int64> {
  /// A bit for each lane, the first in the lowest.
  @inline(__always)
  var bits: Int {
    let places = SIMD8<Int64>(1, 2, 4, 8, 16, 32, 64, 128)
    return Int(places.replacing(with: 0, where: .!self).wrappedSum())
  }
}

/// Lane by lane the smaller numbers. The standard library's `pointwiseMin` is a call that compares
/// one lane after another, which took a quarter of the walk's time.
@inline(__always)
func lesser(_ a: FormLanes.Lanes, _ b: FormLanes.Lanes) -> FormLanes.Lanes {
  a.replacing(with: b, where: b .< a)
}

/// Lane by lane the larger numbers.
@inline(__always)
func greater(_ a: FormLanes.Lanes, _ b: FormLanes.Lanes) -> FormLanes.Lanes {
  a.replacing(with: b, where: b .> a)
}

/// The pre-activations of a layer as affine functions on a cell.
struct LaneBlock {
  var forms: [FormLanes]
  /// What counts as 0 in each; negative in lanes that have no sign.
  var tolerances: [FormLanes.Lanes]

  init(units: Int) {
    let chunks = (units + FormLanes.count - 1) / FormLanes.count
    forms = Array(repeating: FormLanes(), count: chunks)
    tolerances = Array(repeating: FormLanes.Lanes(repeating: -1), count: chunks)
  }

  func form(_ unit: Int) -> AffineForm { forms[unit >> 3].form(unit & 7) }
  func tolerance(_ unit: Int) -> Double { tolerances[unit >> 3][unit & 7] }

  /// Sets what counts as 0 in a layer's pre-activations: a `distance` from where the form
  /// vanishes, or rounding.
  ///
  /// - Parameter start: the first chunk of the layer.
  mutating func setTolerances(_ layer: PackedLayer, distance: Double, from start: Int = 0) {
    for k in layer.roundings.indices {
      let f = forms[start + k]
      let slopes = (f.x * f.x + f.y * f.y + f.z * f.z).squareRoot()
      tolerances[start + k] = slopes * distance + layer.roundings[k]
    }
  }
}
