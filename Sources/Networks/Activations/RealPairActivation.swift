import Compute

/// An activation `h = φ(z, y)` of two real linear maps of the same input.
///
/// Unless it says otherwise in ``constantGradients(scale:envelope:)``, its two constants scale the two
/// maps: φ depends on `c₀ · z` and `c₁ · y` alone.
public protocol RealPairActivation: Activation {
  /// `φ`, `∂φ/∂z` and `∂φ/∂y`.
  func valueAndSlopes(_ z: Vector, _ y: Vector) -> (value: Vector, slopes: (Vector, Vector))
  /// The same with `∂²φ/∂z²`, `∂²φ/∂z∂y` and `∂²φ/∂y²`.
  func valueSlopesAndCurvatures(_ z: Vector, _ y: Vector)
    -> (value: Vector, slopes: (Vector, Vector), curvatures: (Vector, Vector, Vector))
}

extension RealPairActivation {
  public static var field: Field { .real }
  public static var mapCount: Int { 2 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, shape: TileShape, purpose: PassPurpose
  ) {
    let second = shape.vectorCount
    for unit in 0..<shape.units {
      let zBias = Vector(repeating: bias[unit])
      let yBias = Vector(repeating: bias[shape.units + unit])
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let (value, slopes) = valueAndSlopes(z[i] + zBias, z[second + i] + yBias)
        h[i] = value
        if purpose == .gradient { (z[i], z[second + i]) = slopes }
      }
    }
  }

  public func backward(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: inout MutableSpan<Vector>, field: Field,
    biasGradient: inout MutableSpan<Float>, shape: TileShape
  ) -> Float {
    let second = shape.vectorCount
    for unit in 0..<shape.units {
      var sums = (Vector(repeating: 0), Vector(repeating: 0))
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let gradients = (z[i] * g[i], z[second + i] * g[i])
        (z[i], z[second + i]) = gradients
        sums.0 += gradients.0
        sums.1 += gradients.1
      }
      biasGradient[unit] += VectorMath.sum(sums.0)
      biasGradient[shape.units + unit] += VectorMath.sum(sums.1)
    }
    return 0
  }

  public func constantGradients(scale: [Float], envelope: Float) -> [Float] {
    zip(scale, values).map { $0 / $1 }
  }
}
