import Compute

// The notes of a unit are both parts of ∂f/∂h, and at last both parts of what the tangents add to
// the gradient for z.
extension ComplexActivation {
  public static var noteCount: Int { 2 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, notes: inout MutableSpan<Vector>, shape: TileShape
  ) {
    forward(&z, field: field, bias: bias, into: &h, shape: shape, purpose: .gradient)
  }

  public func pullBack(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into u: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) {
    let planes = ProductPlanes(plane: shape.vectorCount)
    for i in 0..<planes.plane {
      let g = planes.adjointProduct(g, i)
      (notes[i], notes[planes.plane + i]) = (g.real, g.imaginary)
      let imaginary = field == .real ? Vector(repeating: 0) : z[planes.plane + i]
      let (gradient, _) = gradient(
        g, value: ComplexVector(h[i], h[planes.plane + i]), ComplexVector(z[i], imaginary))
      if field == .real {
        u[i] = gradient.real
      } else {
        planes.storeGradient(gradient, &u, i)
      }
    }
  }

  public func pushForward(
    _ t: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into tangents: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) -> Float {
    let planes = ProductPlanes(plane: shape.vectorCount)
    let zero = Vector(repeating: 0)
    var envelopes = zero
    for i in 0..<planes.plane {
      let isReal = field == .real
      let point = ComplexVector(z[i], isReal ? zero : z[planes.plane + i])
      let zTangent = isReal ? ComplexVector(t[i], zero) : planes.product(t, i)
      let value = ComplexVector(h[i], h[planes.plane + i])
      let tangent = tangent(zTangent, value: value, point)
      planes.storeValue(tangent, &tangents, i)
      let (gradient, envelope) = gradientTangent(
        ComplexVector(notes[i], notes[planes.plane + i]), value: value, tangent: tangent, point,
        zTangent: zTangent)
      (notes[i], notes[planes.plane + i]) = (gradient.real, gradient.imaginary)
      envelopes += envelope
    }
    return VectorMath.sum(envelopes)
  }
}
