import Compute

// The notes of a unit are φ's three second derivatives, then their products with ∂f/∂h, and at last
// the products of that symmetric matrix with the tangents, one for z and one for y.
extension RealPairActivation {
  public static var noteCount: Int { 3 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, notes: inout MutableSpan<Vector>, shape: TileShape
  ) {
    let second = shape.vectorCount
    for unit in 0..<shape.units {
      let zBias = Vector(repeating: bias[unit])
      let yBias = Vector(repeating: bias[shape.units + unit])
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let (value, slopes, curvatures) = valueSlopesAndCurvatures(
          z[i] + zBias, z[second + i] + yBias)
        h[i] = value
        (z[i], z[second + i]) = slopes
        (notes[i], notes[second + i], notes[2 * second + i]) = curvatures
      }
    }
  }

  public func pullBack(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into u: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) {
    let second = shape.vectorCount
    for i in 0..<second {
      (u[i], u[second + i]) = (z[i] * g[i], z[second + i] * g[i])
      notes[i] *= g[i]
      notes[second + i] *= g[i]
      notes[2 * second + i] *= g[i]
    }
  }

  public func pushForward(
    _ t: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into tangents: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) -> Float {
    let second = shape.vectorCount
    for i in 0..<second {
      let (zTangent, yTangent) = (t[i], t[second + i])
      tangents[i] = (z[i] * zTangent).addingProduct(z[second + i], yTangent)
      let (zz, zy, yy) = (notes[i], notes[second + i], notes[2 * second + i])
      notes[i] = (zz * zTangent).addingProduct(zy, yTangent)
      notes[second + i] = (zy * zTangent).addingProduct(yy, yTangent)
    }
    return 0
  }
}
