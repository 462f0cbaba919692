import Compute
import Networks

/// Fixed shares of a batch: whatever the number of threads, the same tiles are added up in the same
/// order, so that the same seed gives the same bits.
struct BatchPartition: Sendable, Equatable {
  /// Samples of a tile.
  let tileRows: Int
  /// The samples of each group.
  let groups: [Range<Int>]

  /// At most this many gradients are summed; more would cost memory traffic, fewer idle threads.
  static let largestGroupCount = 16
  static let largestTileRows = 128
  private static let smallestTileRows = 64

  init(count: Int) {
    // A batch of 512 makes 4 groups of one tile, 65 536 makes 16 groups of 32. Only a batch too small
    // for four large tiles has small ones: each group is a whole gradient to write and to add.
    let isSmall = count < 4 * Self.largestTileRows
    let tileRows = isSmall ? Self.smallestTileRows : Self.largestTileRows
    self.tileRows = tileRows
    let tiles = (count + tileRows - 1) / tileRows
    let groupCount = min(Self.largestGroupCount, tiles)
    groups = (0..<groupCount).map { group in
      let first = tiles * group / groupCount * tileRows
      return first..<min(tiles * (group + 1) / groupCount * tileRows, count)
    }
  }

  func tiles(of group: Int) -> [Range<Int>] {
    stride(from: groups[group].lowerBound, to: groups[group].upperBound, by: tileRows).map {
      $0..<min($0 + tileRows, groups[group].upperBound)
    }
  }
}

/// The gradient of one group of tiles; one worker at a time writes to it.
final class GradientGroup: @unchecked Sendable {
  let index: Int
  var gradient: AlignedBuffer
  var loss = 0.0
  private let smallPieces: [Range<Int>]

  init(_ layout: ParameterLayout, index: Int) {
    self.index = index
    gradient = AlignedBuffer(count: layout.layersCount)
    smallPieces = layout.accumulatedPieces
  }

  /// Forgets the last batch. The weights are overwritten by the first tile, so only the pieces
  /// that tiles always add to need clearing.
  func clear() {
    loss = 0
    for piece in smallPieces { gradient.clear(piece) }
  }
}
