/// The edges of the grid that begin at a plane's samples and cross the level; each has a vertex.
///
/// The vertices of a plane are numbered: first those on edges along x and y, row by row, then those
/// along z. The number of a vertex is the number of crossings in the words before its own, which is
/// stored, and in its own below its bit.
struct PlaneEdges: Sendable {
  /// For each word of samples, the crossing edges along x, and along y.
  private(set) var alongX: [UInt64]
  private(set) var alongY: [UInt64]
  /// Empty for the last plane.
  private(set) var alongZ: [UInt64] = []
  private var ranksX: [Int32]
  private var ranksY: [Int32]
  private var ranksZ: [Int32] = []
  /// How many vertices there are.
  private(set) var count = 0

  /// - Parameter next: the plane above; nil for the last plane.
  init(_ signs: PlaneSigns, next: PlaneSigns?, width: Int, height: Int) {
    let words = (width + 63) / 64
    let bits = signs.bits.span
    alongX = [UInt64](repeating: 0, count: height * words)
    alongY = alongX
    ranksX = [Int32](repeating: 0, count: height * words)
    ranksY = ranksX
    for y in 0..<height {
      for word in 0..<words {
        let i = y * words + word
        let following = word + 1 < words ? bits[i + 1] << 63 : 0
        alongX[i] = (bits[i] ^ (bits[i] >> 1 | following)) & Self.edgeMask(word, width)
        ranksX[i] = Int32(count)
        count += alongX[i].nonzeroBitCount
        if y + 1 < height { alongY[i] = bits[i] ^ bits[i + words] }
        ranksY[i] = Int32(count)
        count += alongY[i].nonzeroBitCount
      }
    }
    guard let next else { return }
    alongZ = alongX
    ranksZ = ranksX
    for i in alongZ.indices {
      alongZ[i] = bits[i] ^ next.bits[i]
      ranksZ[i] = Int32(count)
      count += alongZ[i].nonzeroBitCount
    }
  }

  /// The bits of a word's samples that have a neighbour at higher x.
  static func edgeMask(_ word: Int, _ width: Int) -> UInt64 {
    let rest = width - 1 - 64 * word
    return rest >= 64 ? .max : rest <= 0 ? 0 : 1 << UInt64(rest) - 1
  }

  /// The number of the vertex on the edge along `axis` from a sample.
  @inline(__always)
  func number(axis: Int, row: Int, _ x: Int) -> Int32 {
    let (i, below) = (row + x >> 6, (1 as UInt64) << UInt64(x & 63) &- 1)
    switch axis {
    case 0: return ranksX[i] &+ Int32((alongX[i] & below).nonzeroBitCount)
    case 1: return ranksY[i] &+ Int32((alongY[i] & below).nonzeroBitCount)
    default: return ranksZ[i] &+ Int32((alongZ[i] & below).nonzeroBitCount)
    }
  }
}
