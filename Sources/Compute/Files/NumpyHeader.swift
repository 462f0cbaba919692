/// The dictionary at the head of a `.npy` file, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NumpyHeader {
  private(set) var elementType = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  /// What is wrong with the text of a header.
  struct Problem: Error {
    let text: String
  }

  /// Reads the Python literal `text`; keys may come in any order, each exactly once.
  init(_ text: String) throws(Problem) {
    var scanner = LiteralScanner(text)
    var missing: Set = ["descr", "fortran_order", "shape"]
    try scanner.expect("{")
    while !scanner.skip("}") {
      let key = try scanner.quoted()
      guard missing.remove(key) != nil else {
        throw Problem(text: "unexpected or repeated key '\(key)'")
      }
      try scanner.expect(":")
      switch key {
      case "descr": elementType = try scanner.elementType()
      case "fortran_order": isFortranOrder = try scanner.truth()
      default: shape = try scanner.tuple()
      }
      if scanner.skip(",") { continue }
      try scanner.expect("}")
      break
    }
    guard scanner.isAtEnd else { throw Problem(text: "text after the closing brace") }
    guard missing.isEmpty else {
      throw Problem(text: "no \(missing.sorted().map { "'\($0)'" }.joined(separator: ", no "))")
    }
  }
}

/// Reads the few Python literals that headers consist of.
private struct LiteralScanner {
  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return rest.isEmpty
    }
  }

  /// Steps over `symbol` if it comes next.
  mutating func skip(_ symbol: Character) -> Bool {
    skipSpace()
    guard rest.first == symbol else { return false }
    rest.removeFirst()
    return true
  }

  mutating func expect(_ symbol: Character) throws(NumpyHeader.Problem) {
    guard skip(symbol) else { throw problem("'\(symbol)'") }
  }

  mutating func quoted() throws(NumpyHeader.Problem) -> String {
    skipSpace()
    guard let quote = rest.first, quote == "'" || quote == "\"",
      let end = rest.dropFirst().firstIndex(of: quote)
    else { throw problem("a quoted word") }
    let word = rest[rest.index(after: rest.startIndex)..<end]
    rest = rest[rest.index(after: end)...]
    return String(word)
  }

  /// A quoted type, or the list of a structured type's fields as it stands.
  mutating func elementType() throws(NumpyHeader.Problem) -> String {
    skipSpace()
    guard rest.first == "[" else { return try quoted() }
    var depth = 0
    let start = rest
    while let symbol = rest.popFirst() {
      if symbol == "[" { depth += 1 }
      if symbol == "]" { depth -= 1 }
      if depth == 0 { return String(start[..<rest.startIndex]) }
    }
    throw problem("']'")
  }

  mutating func truth() throws(NumpyHeader.Problem) -> Bool {
    skipSpace()
    let word = rest.prefix(while: \.isLetter)
    guard word == "True" || word == "False" else { throw problem("True or False") }
    rest = rest[word.endIndex...]
    return word == "True"
  }

  mutating func tuple() throws(NumpyHeader.Problem) -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    while !skip(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "-") }
      guard let number = Int(digits), number >= 0 else { throw problem("a size of at least 0") }
      numbers.append(number)
      rest = rest[digits.endIndex...]
      _ = skip("L")  // Python 2 marked long integers so.
      if skip(",") { continue }
      try expect(")")
      break
    }
    return numbers
  }

  private mutating func skipSpace() {
    rest = rest.drop(while: \.isWhitespace)
  }

  private func problem(_ expected: String) -> NumpyHeader.Problem {
    let found = rest.isEmpty ? "the end" : "'\(rest.prefix(20))'"
    return NumpyHeader.Problem(text: "found \(found), expected \(expected)")
  }
}
