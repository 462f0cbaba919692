import Compute
import Foundation

extension Safetensors {
  /// A dense array of numbers with a name, in C order (the last index runs fastest).
  public struct Tensor: Sendable, Equatable {
    public let name: String
    public let elementType: ElementType
    public let shape: [Int]
    /// The elements as the file holds them, in little-endian order.
    package let bytes: Data

    package init(name: String, elementType: ElementType, shape: [Int], bytes: Data) {
      precondition(
        shape.allSatisfy { $0 >= 0 } && shape.reduce(elementType.size, *) == bytes.count,
        "\(name): \(bytes.count) bytes do not hold \(elementType.rawValue) of shape \(shape)")
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }

    public init(_ name: String, shape: [Int], _ numbers: [Float]) {
      self.init(name: name, elementType: .float32, shape: shape, bytes: Data(storing: numbers))
    }

    public init(_ name: String, shape: [Int], _ numbers: [Double]) {
      var bytes = Data()
      bytes.append(storing: numbers.map(\.bitPattern))
      self.init(name: name, elementType: .float64, shape: shape, bytes: bytes)
    }

    public init(_ name: String, shape: [Int], _ numbers: [Int64]) {
      var bytes = Data()
      bytes.append(storing: numbers)
      self.init(name: name, elementType: .int64, shape: shape, bytes: bytes)
    }

    public init(_ name: String, shape: [Int], real: [Float], imaginary: [Float]) {
      precondition(real.count == imaginary.count, "\(name): one part is longer than the other")
      let pairs = zip(real, imaginary).flatMap { [$0, $1] }
      self.init(name: name, elementType: .complex64, shape: shape, bytes: Data(storing: pairs))
    }

    public var count: Int { bytes.count / elementType.size }

    /// The elements, rounded to `Float`; `nil` if they are complex.
    public var floats: [Float]? {
      elementType == .float32 ? [Float](storedIn: bytes.bytes) : doubles?.map { Float($0) }
    }

    /// The elements, rounded to `Double`; `nil` if they are complex.
    public var doubles: [Double]? {
      switch elementType {
      case .bool: read(UInt8.self) { $0 == 0 ? 0 : 1 }
      case .int8: read(Int8.self) { Double($0) }
      case .uint8: read(UInt8.self) { Double($0) }
      case .int16: read(Int16.self) { Double($0) }
      case .uint16: read(UInt16.self) { Double($0) }
      case .int32: read(Int32.self) { Double($0) }
      case .uint32: read(UInt32.self) { Double($0) }
      case .int64: read(Int64.self) { Double($0) }
      case .uint64: read(UInt64.self) { Double($0) }
      case .float16: read(UInt16.self) { Double(Float16(bitPattern: $0)) }
      case .bfloat16: read(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
      case .float32: read(UInt32.self) { Double(Float(bitPattern: $0)) }
      case .float64: read(UInt64.self) { Double(bitPattern: $0) }
      case .complex64: nil
      }
    }

    /// The real and imaginary parts of the elements; `nil` if they are not complex.
    public var complexParts: (real: [Float], imaginary: [Float])? {
      guard elementType == .complex64 else { return nil }
      let parts = [Float](storedIn: bytes.bytes)
      return (
        stride(from: 0, to: parts.count, by: 2).map { parts[$0] },
        stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
      )
    }

    private func read<Pattern: FixedWidthInteger & BitwiseCopyable>(
      _ pattern: Pattern.Type, value: (Pattern) -> Double
    ) -> [Double] {
      [Double](storedIn: bytes.bytes, as: pattern, .littleEndian, value: value)
    }
  }
}
