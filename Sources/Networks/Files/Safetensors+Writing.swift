import Compute
import Foundation

extension Safetensors {
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded, to: path)
  }

  /// The bytes of the file that ``write(to:)`` writes: the same tensors give the same bytes.
  public var encoded: Data {
    // Large elements come first, so that each tensor begins at a multiple of its element's size.
    let ordered = tensors.sorted { ($1.elementType.size, $0.name) < ($0.elementType.size, $1.name) }
    let plans = ordered.map { TensorPlan($0.name, $0.elementType, shape: $0.shape) }
    var data = Self.encodedHeader(plans, metadata: metadata)
    data.reserveCapacity(data.count + ordered.reduce(0) { $0 + $1.bytes.count })
    for tensor in ordered { data.append(tensor.bytes) }
    return data
  }

  /// What the header says of a tensor whose elements are yet to come.
  package struct TensorPlan: Sendable {
    let name: String
    let elementType: ElementType
    let shape: [Int]

    package init(_ name: String, _ elementType: ElementType, shape: [Int]) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
    }

    package var byteCount: Int { shape.reduce(elementType.size, *) }
  }

  /// The beginning of a file whose tensors follow in this order.
  package static func encodedHeader(_ plans: [TensorPlan], metadata: [String: String]) -> Data {
    var entries: [String: SafetensorsHeader.Entry] = [:]
    var end = 0
    for plan in plans {
      let start = end
      end += plan.byteCount
      entries[plan.name] = SafetensorsHeader.Entry(
        dtype: plan.elementType.rawValue, shape: plan.shape, dataOffsets: [start, end])
    }
    let header = encodedJSON(SafetensorsHeader(entries: entries, metadata: metadata))
    let padding = Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    var data = Data()
    data.append(storing: [UInt64(header.count + padding.count)])
    data.append(header + padding)
    return data
  }
}

/// JSON with its keys in alphabetical order; numbers that JSON lacks become the strings
/// `nan`, `inf` and `-inf`.
func encodedJSON(_ value: some Encodable) -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  do { return try encoder.encode(value) } catch {
    preconditionFailure("strings, numbers and their containers always encode: \(error)")
  }
}
