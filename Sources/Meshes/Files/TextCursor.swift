/// A place in a text, which moves forward word by word and knows its line.
///
/// A line ends with LF, CR LF or CR. Every error names the file and the line.
struct TextCursor: ~Escapable {
  let bytes: Span<UInt8>
  let path: String
  /// Whether a backslash at the end of a line continues it.
  private let continuesLines: Bool
  private(set) var position: Int
  private(set) var line: Int

  @_lifetime(copy bytes)
  init(
    _ bytes: Span<UInt8>, path: String, position: Int = 0, line: Int = 1,
    continuesLines: Bool = false
  ) {
    self.bytes = bytes
    self.path = path
    self.continuesLines = continuesLines
    self.position = position
    self.line = line
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// The next byte; a line end behind the last one.
  var current: UInt8 { position < bytes.count ? bytes[position] : ASCII.newline }

  /// The byte after the next one.
  var following: UInt8 { position + 1 < bytes.count ? bytes[position + 1] : ASCII.newline }

  var isAtLineEnd: Bool { ASCII.isLineEnd(current) }

  /// Whether a word ends here: before white space, or a backslash that continues the line. One that
  /// does not is a part of words: there must be no byte that is neither a word's nor a space.
  var isAtWordEnd: Bool {
    let byte = current
    if byte > 0x20 {
      return byte == ASCII.backslash && continuesLines && ASCII.isLineEnd(following)
    }
    return ASCII.isSpace(byte) || ASCII.isLineEnd(byte)
  }

  mutating func advance() { position += 1 }

  /// Moves back within the line.
  mutating func rewind(to position: Int) { self.position = position }

  mutating func skipSpaces() {
    while position < bytes.count, ASCII.isSpace(bytes[position]) { position += 1 }
  }

  mutating func skipSpacesAndLines() {
    while position < bytes.count {
      if ASCII.isSpace(bytes[position]) {
        position += 1
      } else if isAtLineEnd {
        endLine()
      } else {
        return
      }
    }
  }

  mutating func skipWord() {
    while !isAtWordEnd { position += 1 }
  }

  mutating func skipToLineEnd() {
    while !isAtLineEnd { position += 1 }
  }

  /// Moves from the end of a line to the beginning of the next.
  mutating func endLine() {
    guard position < bytes.count else { return }
    position += current == ASCII.carriageReturn && following == ASCII.newline ? 2 : 1
    line += 1
  }

  /// The word that starts here, in quotation marks and cut to a length that can be printed, or what
  /// is here instead.
  var foundText: String {
    if isAtEnd { return "the end of the file" }
    if isAtLineEnd { return "the end of the line" }
    var end = position
    while end < bytes.count, end < position + 40, bytes[end] > 0x20 { end += 1 }
    let text = DecimalNumber.text(bytes, position..<end)
    return "\"" + String(text.unicodeScalars.map { $0.value < 0x20 ? "?" : Swift.Character($0) })
      + "\""
  }

  /// The word that starts here, in lower case, cut after 80 characters; the cursor moves behind it.
  mutating func word() -> String {
    let start = position
    skipWord()
    return DecimalNumber.text(bytes, start..<min(position, start + 80)).lowercased()
  }

  /// The error that something else is here than `expected`.
  func unexpected(_ expected: String) -> MeshFileError {
    isAtEnd
      ? .cutShort(path: path, place: .line(line), missing: expected)
      : .unexpected(path: path, place: .line(line), found: foundText, expected: expected)
  }

  /// The finite number that starts here; the cursor moves behind it.
  mutating func coordinate(_ expected: @autoclosure () -> String) throws(MeshFileError) -> Double {
    var end = position
    if let number = DecimalNumber.parse(bytes, at: &end), number.isFinite {
      let start = position
      position = end
      if isAtWordEnd { return number }
      position = start
    }
    throw noCoordinate(expected())
  }

  private func noCoordinate(_ expected: String) -> MeshFileError {
    let found = foundText
    var end = position
    let number = DecimalNumber.parse(bytes, at: &end)
    let word = found.lowercased()
    // MSVC writes 1.#IND and 1.#INF.
    let isNumber = ["nan", "inf", "#ind"].contains { word.contains($0) }
    if number?.isFinite == false || isNumber {
      return .notFinite(path: path, place: .line(line), found: found)
    }
    return unexpected(expected)
  }

  /// The whole number that starts here; the cursor moves behind it. Nil, and the cursor stays, if
  /// there is none. What is beyond 2⁵⁰ stays there.
  mutating func integer() -> Int? {
    var i = position
    let isNegative = current == ASCII.minus
    if isNegative || current == ASCII.plus { i += 1 }
    let first = i
    var value = 0
    while i < bytes.count, case let digit = bytes[i] &- ASCII.zero, digit < 10 {
      if value < 1 << 50 { value = value * 10 + Int(digit) }
      i += 1
    }
    guard i > first else { return nil }
    position = i
    return isNegative ? -value : value
  }
}
