import Compute

/// An activation of two complex linear maps of the same input, with complex values.
///
/// Gradients are ∂L/∂Re + i ∂L/∂Im throughout.
public protocol ComplexPairActivation: Activation {
  /// `ψ(z, y)`.
  func value(_ z: ComplexVector, _ y: ComplexVector) -> ComplexVector
  /// ∂L/∂z and ∂L/∂y from `g` = ∂L/∂ψ, and a term to be summed for the constants' gradients.
  func gradient(
    _ g: ComplexVector, value: ComplexVector, _ z: ComplexVector, _ y: ComplexVector
  ) -> (z: ComplexVector, y: ComplexVector, envelope: Vector)
  /// The tangent of the value, from those of `z` and `y`.
  func tangent(
    _ zTangent: ComplexVector, _ yTangent: ComplexVector, value: ComplexVector,
    _ z: ComplexVector, _ y: ComplexVector
  ) -> ComplexVector
  /// The tangent of ``gradient(_:value:_:_:)`` where `g` is constant.
  func gradientTangent(
    _ g: ComplexVector, value: ComplexVector, tangent: ComplexVector, _ z: ComplexVector,
    _ y: ComplexVector, zTangent: ComplexVector, yTangent: ComplexVector
  ) -> (z: ComplexVector, y: ComplexVector, envelope: Vector)
}

extension ComplexPairActivation {
  public static var field: Field { .complex }
  public static var mapCount: Int { 2 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, shape: TileShape, purpose: PassPurpose
  ) {
    let (units, second) = (shape.units, shape.vectorCount)
    let values = ProductPlanes(plane: second)
    let products = ProductPlanes(plane: 2 * second)
    let zero = Vector(repeating: 0)
    for unit in 0..<units {
      let zBias = Vector(repeating: bias[unit])
      let yBias = Vector(repeating: bias[units + unit])
      let row = unit * shape.width..<(unit + 1) * shape.width
      switch field {
      case .real:
        for i in row {
          z[i] += zBias
          z[second + i] += yBias
          let value = value(ComplexVector(z[i], zero), ComplexVector(z[second + i], zero))
          values.storeValue(value, &h, i)
        }
      case .complex:
        let imaginaryBiases = (bias[2 * units + unit], bias[3 * units + unit])
        for i in row {
          var first = products.product(z, i)
          first.real += zBias
          first.imaginary += Vector(repeating: imaginaryBiases.0)
          var other = products.product(z, second + i)
          other.real += yBias
          other.imaginary += Vector(repeating: imaginaryBiases.1)
          (z[i], z[products.plane + i]) = (first.real, first.imaginary)
          (z[second + i], z[products.plane + second + i]) = (other.real, other.imaginary)
          values.storeValue(value(first, other), &h, i)
        }
      }
    }
  }

  public func backward(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: inout MutableSpan<Vector>, field: Field,
    biasGradient: inout MutableSpan<Float>, shape: TileShape
  ) -> Float {
    let (units, second) = (shape.units, shape.vectorCount)
    let values = ProductPlanes(plane: second)
    let products = ProductPlanes(plane: 2 * second)
    let zero = Vector(repeating: 0)
    var envelopes = zero
    for unit in 0..<units {
      var sums = (ComplexVector.zero, ComplexVector.zero)
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let isReal = field == .real
        let (gradient, otherGradient, envelope) = gradient(
          values.adjointProduct(g, i), value: ComplexVector(h[i], h[second + i]),
          ComplexVector(z[i], isReal ? zero : z[products.plane + i]),
          ComplexVector(z[second + i], isReal ? zero : z[products.plane + second + i]))
        envelopes += envelope
        sums.0.real += gradient.real
        sums.0.imaginary += gradient.imaginary
        sums.1.real += otherGradient.real
        sums.1.imaginary += otherGradient.imaginary
        if isReal {
          (z[i], z[second + i]) = (gradient.real, otherGradient.real)
        } else {
          products.storeGradient(gradient, &z, i)
          products.storeGradient(otherGradient, &z, second + i)
        }
      }
      biasGradient[unit] += VectorMath.sum(sums.0.real)
      biasGradient[units + unit] += VectorMath.sum(sums.1.real)
      if field == .complex {
        biasGradient[2 * units + unit] += VectorMath.sum(sums.0.imaginary)
        biasGradient[3 * units + unit] += VectorMath.sum(sums.1.imaginary)
      }
    }
    return VectorMath.sum(envelopes)
  }
}
