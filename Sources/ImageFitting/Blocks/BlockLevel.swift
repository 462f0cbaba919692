/// One level of a pyramid of blocks, and the networks of those blocks that have one.
///
/// Level 0 has the picture's own pixels; each level above it half as many along each side, rounded up.
public struct BlockLevel: Sendable, Equatable {
  /// In pixels of this level.
  public let width: Int
  public let height: Int
  /// In blocks.
  public let columns: Int
  public let rows: Int
  /// For each block, row by row, the units of its network; 0 if it has none.
  public private(set) var units: [UInt8]
  /// Where a block's numbers begin in ``parameters``.
  private(set) var offsets: [Int]
  /// The networks' numbers in half precision, one network after another.
  public private(set) var parameters: [UInt16] = []
  /// Blocks that were decided on: those behind have no network yet.
  public private(set) var decided = 0

  public init(width: Int, height: Int, blockSize: Int) {
    self.width = width
    self.height = height
    columns = Self.count(width, blockSize)
    rows = Self.count(height, blockSize)
    units = [UInt8](repeating: 0, count: columns * rows)
    offsets = [Int](repeating: 0, count: columns * rows)
  }

  /// Blocks along `length` pixels; the last one may hang over.
  static func count(_ length: Int, _ blockSize: Int) -> Int {
    (length + blockSize - 1) / blockSize
  }

  public var blockCount: Int { columns * rows }

  public var networkCount: Int { units.count { $0 > 0 } }

  /// Decides on the next block: its units, none if it needs no network, and its numbers.
  package mutating func append(units count: Int, _ numbers: [UInt16]) {
    units[decided] = UInt8(count)
    offsets[decided] = parameters.count
    parameters += numbers
    decided += 1
  }

  /// Makes room for as many numbers, so that those that are there are never copied; memory that is not
  /// written to costs nothing.
  mutating func reserve(_ count: Int) { parameters.reserveCapacity(count) }

  /// Takes over a whole level, as a file has it.
  mutating func restore(
    units: [UInt8], parameters: [UInt16], decided: Int, shape: BlockShape
  ) {
    precondition(units.count == blockCount)
    var end = 0
    for (block, count) in units.enumerated() {
      offsets[block] = end
      end += count > 0 ? shape.with(units: Int(count)).parameterCount : 0
    }
    self.units = units
    self.parameters = parameters
    self.decided = decided
  }
}

extension BlockLevel {
  /// The sizes of a picture's levels, down from its own, until one block holds the whole picture.
  package static func sizes(width: Int, height: Int, blockSize: Int) -> [(width: Int, height: Int)]
  {
    var sizes = [(width: width, height: height)]
    while let last = sizes.last, max(last.width, last.height) > blockSize {
      sizes.append((width: (last.width + 1) / 2, height: (last.height + 1) / 2))
    }
    return sizes
  }
}

/// How much a block counts at a place near its border: smoothly from 1 inside to 0 a margin outside.
///
/// The weights of all blocks at a place add up to 1 (a partition of unity); at the picture's rim a
/// block has no neighbour and counts fully.
package struct BlockWeights: Sendable {
  package let size: Int
  /// Blocks along this axis.
  package let count: Int

  package init(size: Int, count: Int) {
    self.size = size
    self.count = count
  }

  /// The weight of a block at a position in pixels of the level.
  package func weight(of block: Int, at position: Double) -> Float {
    let margin = Double(BlockShape.margin)
    let start = Double(block * size)
    let fromLeft = block == 0 ? 1 : (position - start + margin) / (2 * margin)
    let fromRight =
      block == count - 1 ? 1 : (start + Double(size) + margin - position) / (2 * margin)
    return Self.smooth(min(fromLeft, fromRight))
  }

  /// The blocks that see some of a range of pixels.
  package func blocks(seeing pixels: Range<Int>) -> Range<Int> {
    let first = max((pixels.lowerBound - BlockShape.margin) / size, 0)
    let last = min((pixels.upperBound - 1 + BlockShape.margin) / size, count - 1)
    return first..<(last + 1)
  }

  /// Which of a range of pixels a block sees.
  package func pixels(of block: Int, in pixels: Range<Int>) -> Range<Int> {
    let reach = (block * size - BlockShape.margin)..<((block + 1) * size + BlockShape.margin)
    return pixels.clamped(to: reach)
  }

  private static func smooth(_ t: Double) -> Float {
    let t = min(max(t, 0), 1)
    return Float(t * t * (3 - 2 * t))
  }
}
