import Foundation

/// The JSON object at the head of a safetensors file.
struct SafetensorsHeader: Codable {
  /// What the header says of one tensor.
  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }

    init(dtype: String, shape: [Int], dataOffsets: [Int]) {
      self.dtype = dtype
      self.shape = shape
      self.dataOffsets = dataOffsets
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func integers(_ key: CodingKeys) throws -> [Int] {
        // A decoder that is asked for `Int`s calls a file with a fraction "no valid JSON".
        try container.decode([Double].self, forKey: key).map { number in
          if let integer = Int(exactly: number) { return integer }
          throw DecodingError.dataCorruptedError(
            forKey: key, in: container,
            debugDescription: "\(number) is not a whole number below 2⁶³")
        }
      }
      dtype = try container.decode(String.self, forKey: .dtype)
      shape = try integers(.shape)
      dataOffsets = try integers(.dataOffsets)
    }
  }

  /// Where a tensor lies in the data, after its entry was checked.
  struct Extent {
    let name: String
    let elementType: Safetensors.ElementType
    let shape: [Int]
    let bytes: Range<Int>
  }

  private struct Key: CodingKey {
    static let metadata = Key(stringValue: "__metadata__")
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var entries: [String: Entry]
  var metadata: [String: String]

  init(entries: [String: Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  init(_ json: Data, from path: String) throws(SafetensorsError) {
    do {
      self = try JSONDecoder().decode(SafetensorsHeader.self, from: json)
    } catch {
      throw .badHeader(path: path, problem: jsonProblem(error))
    }
    if let key = repeatedKey(in: json) {
      throw .badHeader(path: path, problem: "the key \"\(key)\" stands in it twice")
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    entries = [:]
    metadata = [:]
    for key in container.allKeys {
      if key.stringValue == Key.metadata.stringValue {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
    for (name, entry) in entries {
      try container.encode(entry, forKey: Key(stringValue: name))
    }
  }

  /// The places of the tensors, checked one by one, in the order in which they lie in the file.
  func extents(from path: String) throws(SafetensorsError) -> [Extent] {
    var extents: [Extent] = []
    for (name, entry) in entries {
      extents.append(try extent(of: name, entry, from: path))
    }
    return extents.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name)
        < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
  }

  private func extent(
    of name: String, _ entry: Entry, from path: String
  ) throws(SafetensorsError) -> Extent {
    func bad(_ problem: String) -> SafetensorsError {
      .badTensor(path: path, name: name, problem: problem)
    }
    guard let elementType = Safetensors.ElementType(rawValue: entry.dtype) else {
      let known = Safetensors.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw bad("has elements of type \(entry.dtype); expected one of \(known)")
    }
    let offsets = entry.dataOffsets
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw bad("has the data_offsets \(offsets); expected its begin and its end")
    }
    var size = elementType.size
    for length in entry.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { throw bad("has the impossible shape \(entry.shape)") }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw bad(
        "has the data_offsets \(offsets), which hold \(offsets[1] - offsets[0]) bytes; "
          + "expected \(size) for the shape \(entry.shape) of \(entry.dtype)")
    }
    return Extent(
      name: name, elementType: elementType, shape: entry.shape, bytes: offsets[0]..<offsets[1])
  }
}
