/// Cells that the zero set runs through, and where; their patterns stand one after another.
struct MarchItems: Sendable {
  struct Item: Sendable {
    /// Of the neurons that are on: what makes the cell the same one.
    let hash: SIMD2<UInt64>
    /// Of those of the first layers: what makes its block the same one.
    var block: UInt64 = 0
    /// A point of the zero set in the cell or on its boundary.
    let point: SIMD3<Double>
    /// About how large the polygon there is.
    let radius: Double

    /// That of the block.
    var group: Int { Int(block % UInt64(MarchBlocks.groupCount)) }
  }

  /// 64 units of the hidden layers a word, as in an ``ActivationPattern``.
  let wordCount: Int
  private(set) var items: [Item] = []
  private(set) var words: [UInt64] = []

  init(neuronCount: Int) { wordCount = (neuronCount + 63) / 64 }

  var count: Int { items.count }

  mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    words.removeAll(keepingCapacity: true)
  }

  /// - Parameter patterns: with that of the item from `start` on.
  mutating func append(_ item: Item, _ patterns: [UInt64], from start: Int = 0) {
    items.append(item)
    words += patterns[start..<start + wordCount]
  }

  /// Turns a neuron of the last item on or off.
  mutating func flipLast(_ neuron: Int) {
    words[words.count - wordCount + neuron >> 6] ^= 1 << UInt64(neuron & 63)
  }

  func isOn(_ neuron: Int, in item: Int) -> Bool {
    words[item * wordCount + neuron >> 6] >> UInt64(neuron & 63) & 1 == 1
  }

  /// The pattern of an item, with the neurons from `end` on off.
  func signs(of item: Int, before end: Int) -> [UInt64] {
    (0..<wordCount).map { word in
      let bits = words[item * wordCount + word]
      let left = end - 64 * word
      return left <= 0 ? 0 : left < 64 ? bits & (1 << UInt64(left) - 1) : bits
    }
  }

  /// Whether the first neuron in which the patterns of two items differ is off in the first item.
  func precedes(_ a: Int, _ b: Int) -> Bool {
    let words = words.span
    for word in 0..<wordCount {
      let difference = words[a * wordCount + word] ^ words[b * wordCount + word]
      guard difference != 0 else { continue }
      return words[a * wordCount + word] & (difference & (~difference &+ 1)) == 0
    }
    return false
  }
}
