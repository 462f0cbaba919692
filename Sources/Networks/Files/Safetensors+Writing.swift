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
    var entries: [String: SafetensorsHeader.Entry] = [:]
    var end = 0
    for tensor in ordered {
      let start = end
      end += tensor.bytes.count
      entries[tensor.name] = SafetensorsHeader.Entry(
        dtype: tensor.elementType.rawValue, shape: tensor.shape, dataOffsets: [start, end])
    }
    let header = encodedJSON(SafetensorsHeader(entries: entries, metadata: metadata))
    let padding = Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)

    var data = Data()
    data.reserveCapacity(8 + header.count + padding.count + end)
    data.append(storing: [UInt64(header.count + padding.count)])
    data.append(header + padding)
    for tensor in ordered { data.append(tensor.bytes) }
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
