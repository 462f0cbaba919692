import Foundation

/// A decoding error in one line.
func jsonProblem(_ error: any Error) -> String {
  let context: DecodingError.Context
  var missing: String?
  switch error as? DecodingError {
  case .dataCorrupted(let found): context = found
  case .keyNotFound(let key, let found): (missing, context) = (key.stringValue, found)
  case .typeMismatch(_, let found): context = found
  case .valueNotFound(_, let found): context = found
  default: return "it is no JSON object"
  }
  let place = context.codingPath.map(\.stringValue).joined(separator: ", ")
  let text =
    missing.map { "there is no \"\($0)\"" }
    ?? context.debugDescription.split(separator: "\n").joined(separator: " ")
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
