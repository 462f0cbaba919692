import Compute
import Foundation

/// Named tensors and a dictionary of strings, as a `.safetensors` file holds them.
///
/// - Source: the format of huggingface/safetensors; `Documentation/NetworkFile.md` gives the bytes.
public struct Safetensors: Sendable, Equatable {
  /// The header's `__metadata__`.
  public var metadata: [String: String]
  /// In the order of the file.
  public let tensors: [Tensor]
  private let indices: [String: Int]

  /// - Parameter tensors: with names that differ.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) {
    indices = Dictionary(
      tensors.enumerated().map { ($1.name, $0) },
      uniquingKeysWith: { preconditionFailure("tensors \($0) and \($1) have one name") })
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor called `name`.
  public subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// What one element of a tensor is, as the header calls it.
  public enum ElementType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case int8 = "I8"
    case uint8 = "U8"
    case int16 = "I16"
    case uint16 = "U16"
    case int32 = "I32"
    case uint32 = "U32"
    case int64 = "I64"
    case uint64 = "U64"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float32 = "F32"
    case float64 = "F64"
    /// A real and an imaginary part of 32 bits each.
    case complex64 = "C64"

    /// The bytes of one element.
    public var size: Int {
      switch self {
      case .bool, .int8, .uint8: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .int64, .uint64, .float64, .complex64: 8
      }
    }

    public var isFloatingPoint: Bool {
      switch self {
      case .float16, .bfloat16, .float32, .float64, .complex64: true
      default: false
      }
    }
  }
}
