import Compute
import Meshes

/// A solid of voxels, one bit each.
///
/// - Coordinates: those of a solid of voxels are its indices: voxel (x, y, z) is the cube of side 1
///   around that point, x counted along the last axis of the array that it came from, z along the
///   first.
public struct VoxelVolume: Sendable, Equatable {
  /// Along x, y and z.
  public let counts: SIMD3<Int>
  /// Rows along x, each padded with empty voxels to whole words; the lowest bit is the first voxel.
  private(set) var words: [UInt64]
  let wordsPerRow: Int

  public init(counts: SIMD3<Int>) {
    precondition(counts.min() >= 1, "a volume cannot have \(counts) voxels")
    self.counts = counts
    wordsPerRow = (counts.x + 63) / 64
    words = [UInt64](repeating: 0, count: wordsPerRow * counts.y * counts.z)
  }

  public var voxelCount: Int { counts.x * counts.y * counts.z }

  /// The box that the voxels fill.
  public var box: Box {
    Box(lower: [-0.5, -0.5, -0.5], upper: SIMD3<Double>(counts) - 0.5)
  }

  public subscript(x: Int, y: Int, z: Int) -> Bool {
    words[(z * counts.y + y) * wordsPerRow + x >> 6] >> UInt64(x & 63) & 1 == 1
  }

  /// Voxel number `index`, x fastest.
  public subscript(index: Int) -> Bool {
    let (row, x) = index.quotientAndRemainder(dividingBy: counts.x)
    return words[row * wordsPerRow + x >> 6] >> UInt64(x & 63) & 1 == 1
  }

  /// Where voxel number `index` is.
  func place(ofVoxel index: Int) -> SIMD3<Int> {
    let (row, x) = index.quotientAndRemainder(dividingBy: counts.x)
    let (z, y) = row.quotientAndRemainder(dividingBy: counts.y)
    return SIMD3(x, y, z)
  }

  /// How many voxels are full.
  public var fullCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Takes the voxels of some planes of constant z.
  ///
  /// - Parameter isFull: whether element `i` of the planes, x fastest, is full.
  mutating func fill(planes: Range<Int>, _ isFull: (_ i: Int) -> Bool) {
    var i = 0
    for row in planes.lowerBound * counts.y..<planes.upperBound * counts.y {
      for first in stride(from: 0, to: counts.x, by: 64) {
        var word: UInt64 = 0
        for bit in 0..<min(64, counts.x - first) {
          if isFull(i + bit) { word |= 1 << UInt64(bit) }
        }
        words[row * wordsPerRow + first >> 6] = word
        i += min(64, counts.x - first)
      }
    }
  }

  /// The numbers of the voxels, x fastest, that have a neighbour (over a face, inside the volume) of
  /// the other kind, in ascending order.
  func boundary(_ workers: Workers) -> [Int] {
    workers.map(counts.z) { _, z in boundary(z: z) }.flatMap { $0 }
  }

  private func boundary(z: Int) -> [Int] {
    let words = words.span
    let (n, plane) = (wordsPerRow, wordsPerRow * counts.y)
    var found: [Int] = []
    for y in 0..<counts.y {
      let row = z * plane + y * n
      for w in 0..<n {
        let here = words[row + w]
        let before = here << 1 | (w > 0 ? words[row + w - 1] >> 63 : here & 1)
        let isEnd = w == n - 1
        let last = isEnd ? UInt64(counts.x - 1 - 64 * w) : 63
        let following = isEnd ? here >> last & 1 : words[row + w + 1] & 1
        var differs = (here ^ before) | (here ^ (here >> 1 | following << last))
        // At the end of the row the shifted word has the first voxel's padding in its place.
        if isEnd && last < 63 { differs &= 1 << (last + 1) - 1 }
        if y > 0 { differs |= here ^ words[row + w - n] }
        if y + 1 < counts.y { differs |= here ^ words[row + w + n] }
        if z > 0 { differs |= here ^ words[row + w - plane] }
        if z + 1 < counts.z { differs |= here ^ words[row + w + plane] }
        while differs != 0 {
          let bit = differs.trailingZeroBitCount
          found.append((z * counts.y + y) * counts.x + 64 * w + bit)
          differs &= differs - 1
        }
      }
    }
    return found
  }
}
