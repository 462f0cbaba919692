/// An affine map `x ↦ G x + c`.
///
/// - Shapes: gradients `[outputs, inputs]`, row by row; constants `[outputs]`.
public struct AffineMap: Sendable, Equatable {
  public let inputs: Int
  public let gradients: [Double]
  public let constants: [Double]

  public init(inputs: Int, gradients: [Double], constants: [Double]) {
    precondition(
      gradients.count == inputs * constants.count,
      "\(gradients.count) gradient entries do not fit \(constants.count) outputs of \(inputs) inputs"
    )
    self.inputs = inputs
    self.gradients = gradients
    self.constants = constants
  }

  public var outputs: Int { constants.count }

  /// ∂ output / ∂x.
  public func gradient(ofOutput output: Int) -> ArraySlice<Double> {
    gradients[output * inputs..<(output + 1) * inputs]
  }

  public func callAsFunction(_ point: [Double]) -> [Double] {
    precondition(point.count == inputs, "the point has \(point.count) coordinates, not \(inputs)")
    return (0..<outputs).map { output in
      var sum = constants[output]
      for i in 0..<inputs { sum += gradients[output * inputs + i] * point[i] }
      return sum
    }
  }
}
