import Foundation

/// A number that carries its derivatives with respect to up to eight others, so that a formula
/// written once yields its value and its exact derivatives.
public struct Dual: Sendable, Equatable {
  public var value: Double
  public var slopes: SIMD8<Double>

  public init(_ value: Double, slopes: SIMD8<Double> = .zero) {
    self.value = value
    self.slopes = slopes
  }

  /// The number that the derivatives in `lane` are with respect to.
  public init(_ value: Double, lane: Int) {
    self.init(value)
    slopes[lane] = 1
  }

  /// The same number, taken for a constant.
  public var detached: Dual { Dual(value) }

  public static func + (a: Dual, b: Dual) -> Dual {
    Dual(a.value + b.value, slopes: a.slopes + b.slopes)
  }
  public static func - (a: Dual, b: Dual) -> Dual {
    Dual(a.value - b.value, slopes: a.slopes - b.slopes)
  }
  public static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, slopes: a.slopes * b.value + b.slopes * a.value)
  }
  public static func + (a: Dual, b: Double) -> Dual { a + Dual(b) }
  public static prefix func - (a: Dual) -> Dual { Dual(0) - a }

  public var magnitude: Dual { value < 0 ? -self : self }
}

public func exp(_ x: Dual) -> Dual {
  Dual(Foundation.exp(x.value), slopes: x.slopes * Foundation.exp(x.value))
}

public func sigmoid(_ x: Dual) -> Dual {
  let value = 1 / (1 + Foundation.exp(-x.value))
  return Dual(value, slopes: x.slopes * (value * (1 - value)))
}

public func sin(_ x: Dual) -> Dual {
  Dual(Foundation.sin(x.value), slopes: x.slopes * Foundation.cos(x.value))
}

public func cos(_ x: Dual) -> Dual {
  Dual(Foundation.cos(x.value), slopes: x.slopes * -Foundation.sin(x.value))
}

/// `real + i imaginary`.
public struct ComplexDual: Sendable, Equatable {
  public var real: Dual
  public var imaginary: Dual

  public init(_ real: Dual, _ imaginary: Dual = Dual(0)) {
    self.real = real
    self.imaginary = imaginary
  }

  public static func + (a: ComplexDual, b: ComplexDual) -> ComplexDual {
    ComplexDual(a.real + b.real, a.imaginary + b.imaginary)
  }
  public static func - (a: ComplexDual, b: ComplexDual) -> ComplexDual {
    ComplexDual(a.real - b.real, a.imaginary - b.imaginary)
  }
  public static func * (a: ComplexDual, b: ComplexDual) -> ComplexDual {
    ComplexDual(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  /// `|z|²`.
  public var squaredMagnitude: Dual { real * real + imaginary * imaginary }
}

public func exp(_ z: ComplexDual) -> ComplexDual {
  let modulus = exp(z.real)
  return ComplexDual(modulus * cos(z.imaginary), modulus * sin(z.imaginary))
}
