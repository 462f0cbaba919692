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

  @inline(__always)
  func values(at p: SIMD3<Double>) -> Lanes {
    constant.addingProduct(x, p.x).addingProduct(y, p.y).addingProduct(z, p.z)
  }

  func form(_ lane: Int) -> AffineForm { [x[lane], y[lane], z[lane], constant[lane]] }
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
  /// What counts as 0 in each; negative in lanes beyond the last neuron.
  var tolerances: [FormLanes.Lanes]

  init(units: Int) {
    let chunks = (units + FormLanes.count - 1) / FormLanes.count
    forms = Array(repeating: FormLanes(), count: chunks)
    tolerances = Array(repeating: FormLanes.Lanes(repeating: -1), count: chunks)
  }

  func form(_ unit: Int) -> AffineForm { forms[unit >> 3].form(unit & 7) }
  func tolerance(_ unit: Int) -> Double { tolerances[unit >> 3][unit & 7] }

  /// Sets what counts as 0: a `distance` from where the form vanishes, or rounding.
  mutating func setTolerances(units: Int, distance: Double, rounding: Double) {
    for k in forms.indices {
      let f = forms[k]
      let slopes = (f.x * f.x + f.y * f.y + f.z * f.z).squareRoot()
      tolerances[k] = slopes * distance + rounding
    }
    let last = forms.count - 1
    for lane in units - FormLanes.count * last..<FormLanes.count { tolerances[last][lane] = -1 }
  }
}
