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

/// A decoding error in one line.
func jsonProblem(_ error: any Error) -> String {
  let context: DecodingError.Context
  switch error as? DecodingError {
  case .dataCorrupted(let found): context = found
  case .keyNotFound(_, let found): context = found
  case .typeMismatch(_, let found): context = found
  case .valueNotFound(_, let found): context = found
  default: return "it is no JSON object"
  }
  let place = context.codingPath.map(\.stringValue).joined(separator: ", ")
  let text = context.debugDescription.split(separator: "\n").joined(separator: " ")
  if text.hasPrefix("The given data was not valid JSON") { return "it is not valid JSON" }
  let problem = text.hasSuffix(".") ? String(text.dropLast()) : text
  return place.isEmpty ? problem : "in \(place): \(problem)"
}

/// A key that an object anywhere in valid JSON has twice; decoders keep one of them silently.
func repeatedKey(in json: Data) -> String? {
  let text = [UInt8](json)
  // The keys met so far in each array or object around the current position.
  var keys: [Set<String>] = []
  var position = 0
  while position < text.count {
    defer { position += 1 }
    switch text[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["): keys.append([])
    case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = keys.popLast()
    case UInt8(ascii: "\""):
      let start = position
      position += 1
      while position < text.count, text[position] != UInt8(ascii: "\"") {
        position += text[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      let next = text[min(position + 1, text.count)...].first { $0 > 0x20 }
      guard next == UInt8(ascii: ":"), position < text.count, !keys.isEmpty else { continue }
      let key = unescaped(text[start...position])
      if !keys[keys.count - 1].insert(key).inserted { return key }
    default: break
    }
  }
  return nil
}

/// The string that a JSON string, with its quotes, stands for.
private func unescaped(_ quoted: ArraySlice<UInt8>) -> String {
  let plain = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
  guard quoted.contains(UInt8(ascii: "\\")) else { return plain }
  return (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? plain
}
