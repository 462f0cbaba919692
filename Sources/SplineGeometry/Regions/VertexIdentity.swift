import Compute

/// What makes a vertex the same one in all cells that it belongs to: which neurons and which of the
/// domain's sides vanish there, and the signs of all other neurons.
///
/// This is the XOR of a random word of 128 bits for each neuron that is on and of another for each
/// that vanishes. Vertices with equal identities are taken for equal: among a million vertices two
/// different ones have the same with probability 10⁻²⁷.
public struct VertexIdentity: Sendable, Hashable {
  let words: SIMD2<UInt64>

  init(_ words: SIMD2<UInt64>) { self.words = words }

  public func hash(into hasher: inout Hasher) { hasher.combine(words.x) }
}

/// The random words that identities are made of.
struct IdentityWords: Sendable {
  let active: [SIMD2<UInt64>]
  let vanishing: [SIMD2<UInt64>]
  let sides: [SIMD2<UInt64>]

  init(neuronCount: Int, sideCount: Int) {
    var random = SplitMix64(seed: 0x5911_4E)
    func words(_ count: Int) -> [SIMD2<UInt64>] {
      (0..<count).map { _ in SIMD2(random.next(), random.next()) }
    }
    active = words(neuronCount)
    vanishing = words(neuronCount)
    sides = words(sideCount)
  }

  /// The words of the neurons that are on, XORed.
  ///
  /// - Parameter pattern: 64 neurons a word, the first in the lowest bit.
  func hash(of pattern: [UInt64]) -> SIMD2<UInt64> {
    var hash = SIMD2<UInt64>.zero
    for (number, word) in pattern.enumerated() {
      var left = word
      while left != 0 {
        hash ^= active[64 * number + left.trailingZeroBitCount]
        left &= left - 1
      }
    }
    return hash
  }
}
