import Compute

// The notes of a unit are both parts of ∂f/∂h, and at last what the tangents add to the gradients:
// real parts for z and y, then imaginary ones.
extension ComplexPairActivation {
  public static var noteCount: Int { 4 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, notes: inout MutableSpan<Vector>, shape: TileShape
  ) {
    forward(&z, field: field, bias: bias, into: &h, shape: shape, purpose: .gradient)
  }

  /// Both pre-activations at one place.
  @inline(__always)
  private func points(_ z: Span<Vector>, _ i: Int, field: Field, second: Int)
    -> (z: ComplexVector, y: ComplexVector)
  {
    guard field == .complex else {
      let zero = Vector(repeating: 0)
      return (ComplexVector(z[i], zero), ComplexVector(z[second + i], zero))
    }
    return (ComplexVector(z[i], z[2 * second + i]), ComplexVector(z[second + i], z[3 * second + i]))
  }

  public func pullBack(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into u: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) {
    let second = shape.vectorCount
    let values = ProductPlanes(plane: second)
    let products = ProductPlanes(plane: 2 * second)
    for i in 0..<second {
      let g = values.adjointProduct(g, i)
      (notes[i], notes[second + i]) = (g.real, g.imaginary)
      let points = points(z, i, field: field, second: second)
      let (gradient, otherGradient, _) = gradient(
        g, value: ComplexVector(h[i], h[second + i]), points.z, points.y)
      if field == .real {
        (u[i], u[second + i]) = (gradient.real, otherGradient.real)
      } else {
        products.storeGradient(gradient, &u, i)
        products.storeGradient(otherGradient, &u, second + i)
      }
    }
  }

  public func pushForward(
    _ t: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into tangents: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) -> Float {
    let second = shape.vectorCount
    let values = ProductPlanes(plane: second)
    let products = ProductPlanes(plane: 2 * second)
    let zero = Vector(repeating: 0)
    var envelopes = zero
    for i in 0..<second {
      let isReal = field == .real
      let zTangent = isReal ? ComplexVector(t[i], zero) : products.product(t, i)
      let yTangent = isReal ? ComplexVector(t[second + i], zero) : products.product(t, second + i)
      let points = points(z, i, field: field, second: second)
      let value = ComplexVector(h[i], h[second + i])
      let tangent = tangent(zTangent, yTangent, value: value, points.z, points.y)
      values.storeValue(tangent, &tangents, i)
      let (gradient, otherGradient, envelope) = gradientTangent(
        ComplexVector(notes[i], notes[second + i]), value: value, tangent: tangent, points.z,
        points.y, zTangent: zTangent, yTangent: yTangent)
      (notes[i], notes[second + i]) = (gradient.real, otherGradient.real)
      (notes[2 * second + i], notes[3 * second + i]) = (
        gradient.imaginary, otherGradient.imaginary
      )
      envelopes += envelope
    }
    return VectorMath.sum(envelopes)
  }
}
