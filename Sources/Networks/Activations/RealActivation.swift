import Compute

/// An activation `h = φ(z)` of one real pre-activation.
///
/// If it has a constant, φ depends on `c · z` alone.
public protocol RealActivation: Activation {
  /// `φ(z)` and `φ′(z)`.
  func valueAndSlope(_ z: Vector) -> (value: Vector, slope: Vector)
  /// `φ(z)`, `φ′(z)` and `φ″(z)`, always the true derivatives.
  func valueSlopeAndCurvature(_ z: Vector) -> (value: Vector, slope: Vector, curvature: Vector)
  /// `φ(z)`.
  func value(_ z: Vector) -> Vector
  /// `φ(z + remainder)`, where the remainder is too small to be added to `z`.
  func value(_ z: Vector, remainder: Vector) -> Vector
}

extension RealActivation {
  public static var field: Field { .real }
  public static var mapCount: Int { 1 }

  @inline(__always)
  public func value(_ z: Vector) -> Vector { valueAndSlope(z).value }

  @inline(__always)
  public func value(_ z: Vector, remainder: Vector) -> Vector { value(z) }

  public func forward(
    _ z: Span<Vector>, remainder: Span<Vector>, into h: inout MutableSpan<Vector>,
    shape: TileShape
  ) {
    for i in 0..<shape.vectorCount { h[i] = value(z[i], remainder: remainder[i]) }
  }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, shape: TileShape, purpose: PassPurpose
  ) {
    for unit in 0..<shape.units {
      let bias = Vector(repeating: bias[unit])
      let row = unit * shape.width..<(unit + 1) * shape.width
      switch purpose {
      case .values:
        for i in row { h[i] = value(z[i] + bias) }
      case .gradient:
        for i in row {
          let (value, slope) = valueAndSlope(z[i] + bias)
          h[i] = value
          z[i] = slope
        }
      }
    }
  }

  public func backward(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: inout MutableSpan<Vector>, field: Field,
    biasGradient: inout MutableSpan<Float>, shape: TileShape
  ) -> Float {
    for unit in 0..<shape.units {
      var sum = Vector(repeating: 0)
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let gradient = z[i] * g[i]
        z[i] = gradient
        sum += gradient
      }
      biasGradient[unit] += VectorMath.sum(sum)
    }
    return 0
  }

  public func constantGradients(scale: [Float], envelope: Float) -> [Float] {
    values.map { scale[0] / $0 }
  }
}
