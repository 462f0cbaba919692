import Compute

/// Sixteen complex numbers.
public struct ComplexVector: Sendable, Equatable {
  public var real: Vector
  public var imaginary: Vector

  @inlinable @inline(__always)
  public init(_ real: Vector, _ imaginary: Vector) {
    self.real = real
    self.imaginary = imaginary
  }

  @inlinable @inline(__always)
  public static var zero: ComplexVector { .init(Vector(repeating: 0), Vector(repeating: 0)) }

  /// `|z|²`.
  @inlinable @inline(__always)
  public var squaredMagnitude: Vector { (real * real).addingProduct(imaginary, imaginary) }

  /// `Re(conj(self) · other)`: the scalar product in the plane.
  @inlinable @inline(__always)
  public func dot(_ other: ComplexVector) -> Vector {
    (real * other.real).addingProduct(imaginary, other.imaginary)
  }

  /// `self + factor · other`.
  @inlinable @inline(__always)
  public func adding(_ factor: Vector, times other: ComplexVector) -> ComplexVector {
    ComplexVector(
      real.addingProduct(factor, other.real), imaginary.addingProduct(factor, other.imaginary))
  }

  /// `conj(self) · other`.
  @inlinable @inline(__always)
  public func conjugate(times other: ComplexVector) -> ComplexVector {
    ComplexVector(
      (real * other.real).addingProduct(imaginary, other.imaginary),
      (real * other.imaginary) - imaginary * other.real)
  }
}
