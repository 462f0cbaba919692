/// Numbers different words of 128 random bits in the order in which they come: a hash table with open
/// addressing, whose hash is the word itself.
struct WordTable: Sendable {
  /// 0 in free places.
  private var words: [SIMD2<UInt64>]
  private var numbers: [Int32]
  private(set) var count = 0

  init(capacity: Int = 16) {
    var size = 32
    while size < 2 * capacity { size *= 2 }
    words = Array(repeating: .zero, count: size)
    numbers = Array(repeating: 0, count: size)
  }

  func contains(_ word: SIMD2<UInt64>) -> Bool { words[place(of: Self.stored(word))] != .zero }

  /// The number of a word; a new one gets the next.
  mutating func number(of word: SIMD2<UInt64>) -> Int32 {
    let word = Self.stored(word)
    let place = place(of: word)
    guard words[place] == .zero else { return numbers[place] }
    let number = Int32(count)
    words[place] = word
    numbers[place] = number
    count += 1
    if 2 * count > words.count { grow() }
    return number
  }

  /// - Returns: whether the word is new.
  mutating func insert(_ word: SIMD2<UInt64>) -> Bool {
    let before = count
    _ = number(of: word)
    return count > before
  }

  /// What stands in the table for a word: the XOR of no words is 0.
  private static func stored(_ word: SIMD2<UInt64>) -> SIMD2<UInt64> {
    word == .zero ? SIMD2(1, 1) : word
  }

  private func place(of word: SIMD2<UInt64>) -> Int {
    let words = words.span
    let mask = words.count - 1
    var place = Int(truncatingIfNeeded: word.x) & mask
    while words[place] != .zero, words[place] != word { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let (oldWords, oldNumbers) = (words, numbers)
    words = Array(repeating: .zero, count: 2 * oldWords.count)
    numbers = Array(repeating: 0, count: words.count)
    for (word, number) in zip(oldWords, oldNumbers) where word != .zero {
      let place = place(of: word)
      words[place] = word
      numbers[place] = number
    }
  }
}
