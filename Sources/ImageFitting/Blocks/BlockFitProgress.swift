/// What became of a level's blocks.
public struct BlockLevelRecord: Sendable, Equatable, Codable {
  /// 0 is the picture's own size.
  public var level: Int
  public var width: Int
  public var height: Int
  /// Blocks so far, with and without networks.
  public var blocks = 0
  public var networks = 0
  /// Blocks that have reached the target, with or without a network.
  public var reached = 0
  /// Of all networks together.
  public var steps = 0
  /// Of training so far, the levels before included.
  public var seconds = 0.0
  /// Sum of the blocks' mean squared errors.
  var errorSum = 0.0

  /// The mean squared error over the blocks, as each sees its pixels.
  public var meanSquaredError: Double { errorSum / Double(max(blocks, 1)) }

  init(level: Int, width: Int, height: Int) {
    self.level = level
    self.width = width
    self.height = height
  }

  mutating func count(_ block: TrainedBlock, target: Double) {
    blocks += 1
    networks += block.units == 0 ? 0 : 1
    reached += block.meanSquaredError <= target ? 1 : 0
    steps += block.steps
    errorSum += block.meanSquaredError
  }
}

/// Where a fit of blocks stands after a strip.
public struct BlockFitProgress: Sendable {
  public let record: BlockLevelRecord
  /// Blocks of all levels, decided and in all.
  public let blocks: Int
  public let blockCount: Int
  /// Seconds of training, those before an interruption included.
  public let seconds: Double
}
