import Compute

// The note of a unit is φ″, then u φ″ with u = ∂f/∂h, and at last u φ″ z′.
extension RealActivation {
  public static var noteCount: Int { 1 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, notes: inout MutableSpan<Vector>, shape: TileShape
  ) {
    for unit in 0..<shape.units {
      let bias = Vector(repeating: bias[unit])
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let (value, slope, curvature) = valueSlopeAndCurvature(z[i] + bias)
        h[i] = value
        z[i] = slope
        notes[i] = curvature
      }
    }
  }

  public func pullBack(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into u: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) {
    for i in 0..<shape.vectorCount {
      u[i] = z[i] * g[i]
      notes[i] *= g[i]
    }
  }

  public func pushForward(
    _ t: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into tangents: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) -> Float {
    for i in 0..<shape.vectorCount {
      tangents[i] = z[i] * t[i]
      notes[i] *= t[i]
    }
    return 0
  }
}
