import Compute

/// An affine map `W x + b`, real or complex.
///
/// - Shapes: weights are `[outputs, inputs]`, biases have `outputs` elements.
public struct LinearMap: Sendable, Equatable {
  public var weight: Matrix
  public var bias: [Float]
  /// Present in complex maps only, and then both are.
  public var imaginary: ImaginaryPart?

  public struct ImaginaryPart: Sendable, Equatable {
    public var weight: Matrix
    public var bias: [Float]

    public init(weight: Matrix, bias: [Float]) {
      self.weight = weight
      self.bias = bias
    }
  }

  public init(weight: Matrix, bias: [Float], imaginary: ImaginaryPart? = nil) {
    precondition(
      weight.rows == bias.count,
      "a map with \(weight.rows) outputs cannot have \(bias.count) biases")
    if let imaginary {
      precondition(
        imaginary.weight.rows == weight.rows && imaginary.weight.columns == weight.columns
          && imaginary.bias.count == bias.count,
        "the real and imaginary parts of a map must have one shape")
    }
    self.weight = weight
    self.bias = bias
    self.imaginary = imaginary
  }

  public var inputs: Int { weight.columns }
  public var outputs: Int { weight.rows }
  public var field: Field { imaginary == nil ? .real : .complex }
}
