import Compute

/// An activation of one complex pre-activation with complex values.
///
/// Gradients are ∂L/∂Re + i ∂L/∂Im throughout.
public protocol ComplexActivation: Activation {
  /// `ψ(z)`.
  func value(_ z: ComplexVector) -> ComplexVector
  /// ∂L/∂z from `g` = ∂L/∂ψ, and a term to be summed for the constants' gradients.
  func gradient(_ g: ComplexVector, value: ComplexVector, _ z: ComplexVector)
    -> (z: ComplexVector, envelope: Vector)
  /// The tangent of the value, from the tangent of `z`.
  func tangent(_ zTangent: ComplexVector, value: ComplexVector, _ z: ComplexVector)
    -> ComplexVector
  /// The tangent of ``gradient(_:value:_:)`` where `g` is constant.
  func gradientTangent(
    _ g: ComplexVector, value: ComplexVector, tangent: ComplexVector, _ z: ComplexVector,
    zTangent: ComplexVector
  ) -> (z: ComplexVector, envelope: Vector)
}

/// The three products of a complex matrix product, before they are combined: with `A + iB` the
/// matrix and `x + iy` the operand, `A·x`, `B·y` and `(A+B)·(x+y)` (for the adjoint `(x−y)`).
struct ProductPlanes {
  let plane: Int

  /// `(A + iB)(x + iy)` at one place of the planes.
  @inline(__always)
  func product(_ planes: borrowing MutableSpan<Vector>, _ i: Int) -> ComplexVector {
    let (p, q, r) = (planes[i], planes[plane + i], planes[2 * plane + i])
    return ComplexVector(p - q, r - p - q)
  }

  /// `(A + iB)(x + iy)` at one place of the planes.
  @inline(__always)
  func product(_ planes: Span<Vector>, _ i: Int) -> ComplexVector {
    let (p, q, r) = (planes[i], planes[plane + i], planes[2 * plane + i])
    return ComplexVector(p - q, r - p - q)
  }

  /// `(A − iB)ᵀ(x + iy)` at one place of the planes.
  @inline(__always)
  func adjointProduct(_ planes: Span<Vector>, _ i: Int) -> ComplexVector {
    let (p, q, r) = (planes[i], planes[plane + i], planes[2 * plane + i])
    return ComplexVector(p + q, p - q - r)
  }

  /// Stores a value the way the next product reads it: both parts and their sum.
  @inline(__always)
  func storeValue(_ value: ComplexVector, _ planes: inout MutableSpan<Vector>, _ i: Int) {
    planes[i] = value.real
    planes[plane + i] = value.imaginary
    planes[2 * plane + i] = value.real + value.imaginary
  }

  /// Stores a gradient the way the adjoint product reads it: both parts and their difference.
  @inline(__always)
  func storeGradient(_ value: ComplexVector, _ planes: inout MutableSpan<Vector>, _ i: Int) {
    planes[i] = value.real
    planes[plane + i] = value.imaginary
    planes[2 * plane + i] = value.real - value.imaginary
  }
}

extension ComplexActivation {
  public static var field: Field { .complex }
  public static var mapCount: Int { 1 }

  public func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, shape: TileShape, purpose: PassPurpose
  ) {
    let planes = ProductPlanes(plane: shape.vectorCount)
    for unit in 0..<shape.units {
      let realBias = Vector(repeating: bias[unit])
      let row = unit * shape.width..<(unit + 1) * shape.width
      switch field {
      case .real:
        for i in row {
          z[i] += realBias
          planes.storeValue(value(ComplexVector(z[i], Vector(repeating: 0))), &h, i)
        }
      case .complex:
        let imaginaryBias = Vector(repeating: bias[shape.units + unit])
        for i in row {
          var point = planes.product(z, i)
          point.real += realBias
          point.imaginary += imaginaryBias
          (z[i], z[planes.plane + i]) = (point.real, point.imaginary)
          planes.storeValue(value(point), &h, i)
        }
      }
    }
  }

  public func backward(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: inout MutableSpan<Vector>, field: Field,
    biasGradient: inout MutableSpan<Float>, shape: TileShape
  ) -> Float {
    let planes = ProductPlanes(plane: shape.vectorCount)
    var envelopes = Vector(repeating: 0)
    for unit in 0..<shape.units {
      var sum = ComplexVector.zero
      for i in unit * shape.width..<(unit + 1) * shape.width {
        let imaginary = field == .real ? Vector(repeating: 0) : z[planes.plane + i]
        let (gradient, envelope) = gradient(
          planes.adjointProduct(g, i), value: ComplexVector(h[i], h[planes.plane + i]),
          ComplexVector(z[i], imaginary))
        envelopes += envelope
        sum.real += gradient.real
        sum.imaginary += gradient.imaginary
        if field == .real {
          z[i] = gradient.real
        } else {
          planes.storeGradient(gradient, &z, i)
        }
      }
      biasGradient[unit] += VectorMath.sum(sum.real)
      if field == .complex { biasGradient[shape.units + unit] += VectorMath.sum(sum.imaginary) }
    }
    return VectorMath.sum(envelopes)
  }
}
