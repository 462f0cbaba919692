/// An array of numbers as NumPy's `.npy` files hold it: a shape, and the elements in C order (the
/// last index runs fastest).
public struct NumpyArray: Sendable, Equatable {
  /// The type of the elements in a file; here they are `Float`s with the same values, rounded.
  public enum ElementType: String, Sendable, CaseIterable {
    case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

    /// The bytes of one element.
    public var size: Int {
      switch self {
      case .bool, .int8, .uint8: 1
      case .int16, .uint16, .float16: 2
      case .int32, .uint32, .float32: 4
      case .int64, .uint64, .float64: 8
      }
    }
  }

  public let shape: [Int]
  public let elements: [Float]
  /// The type that the elements have, or had, in the file.
  public let elementType: ElementType

  /// - Parameter shape: empty for a single number.
  public init(shape: [Int], elements: [Float], elementType: ElementType = .float32) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == elements.count,
      "an array of shape \(shape) cannot hold \(elements.count) elements")
    self.shape = shape
    self.elements = elements
    self.elementType = elementType
  }
}
