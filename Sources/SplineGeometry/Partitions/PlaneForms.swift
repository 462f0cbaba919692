/// Affine forms in the plane, of eight neurons side by side.
struct PlaneForms {
  typealias Lanes = FormLanes.Lanes

  var x = Lanes.zero
  var y = Lanes.zero
  var constant = Lanes.zero

  init() {}

  init(constant: Lanes) { self.constant = constant }

  @inline(__always)
  mutating func addProduct(_ weights: Lanes, _ form: PlaneForm) {
    x.addProduct(weights, form.x)
    y.addProduct(weights, form.y)
    constant.addProduct(weights, form.constant)
  }

  @inline(__always)
  func values(at p: SIMD2<Double>) -> Lanes {
    constant.addingProduct(x, p.x).addingProduct(y, p.y)
  }

  /// The lengths of the gradients.
  @inline(__always)
  var slopes: Lanes { (x * x + y * y).squareRoot() }

  @inline(__always)
  func form(_ lane: Int) -> PlaneForm {
    PlaneForm(x: x[lane], y: y[lane], constant: constant[lane])
  }
}

/// `x p.x + y p.y + constant`.
struct PlaneForm {
  var x: Double
  var y: Double
  var constant: Double

  @inline(__always)
  func value(at p: SIMD2<Double>) -> Double {
    constant.addingProduct(x, p.x).addingProduct(y, p.y)
  }

  static func * (factor: Double, form: PlaneForm) -> PlaneForm {
    PlaneForm(x: factor * form.x, y: factor * form.y, constant: factor * form.constant)
  }
}
