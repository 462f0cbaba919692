import Compute
import Foundation
import Imaging
import Training

/// The task of fitting a big picture by a Laplacian pyramid of blocks.
///
/// From the coarsest level to the picture itself, each block's network learns what the levels above
/// leave; a block that has its target without a network gets none, and one that reaches it stops. The
/// picture is read in strips, so memory is needed for a strip, the coarser levels, and the model.
///
/// - Source: Saragadam et al., MINER, arXiv:2202.03532. Deviations: half of each network is shared and
///   frozen, blocks overlap by a margin, and the coarse picture is interpolated by cubics.
public final class BlockFit {
  public let configuration: BlockFitConfiguration
  public let width: Int
  public let height: Int
  public let channels: Int
  public let bitDepth: Image.BitDepth
  /// Of each level, the coarsest first.
  public internal(set) var history: [BlockLevelRecord] = []
  /// Seconds of training.
  public internal(set) var seconds = 0.0
  let workers: Workers
  let features: BlockFeatures
  let start: BlockStart
  let color: [Float]
  var pictures: LevelPictures
  /// From the finest on; those not begun are without networks.
  var levels: [BlockLevel]
  private let sizes: [(width: Int, height: Int)]

  /// Reads the picture once; throws before anything else if it cannot be fitted.
  public init(_ configuration: BlockFitConfiguration, workers: Workers) throws {
    self.configuration = configuration
    self.workers = workers
    let reader = try PNGRowReader(configuration.picture)
    (width, height, channels) = (reader.width, reader.height, reader.channels)
    bitDepth = reader.bitDepth
    let shape = BlockShape(
      size: configuration.size, units: configuration.coarseUnits, channels: channels)
    sizes = BlockLevel.sizes(width: width, height: height, blockSize: shape.size)
    levels = sizes.map { BlockLevel(width: $0.width, height: $0.height, blockSize: shape.size) }
    try BlockMemory.check(
      sizes: sizes, shape: shape, stripRows: configuration.stripRows, workers: workers)
    features = BlockFeatures(shape, seed: configuration.seed)
    start = BlockStart(
      features, units: min(configuration.firstUnits, configuration.units), seed: configuration.seed)
    pictures = try LevelPictures(reader, sizes: sizes)
    color = try Self.mean(of: pictures, path: configuration.picture)
  }

  /// The mean of the coarsest level.
  private static func mean(of pictures: LevelPictures, path: String) throws -> [Float] {
    let top = pictures.sizes.count - 1
    let (size, channels) = (pictures.sizes[top], pictures.channels)
    let rows =
      top == 0
      ? try PictureStrips(path).rows(0..<size.height) : pictures.rows(0..<size.height, level: top)
    return (0..<channels).map { c in
      let sum = stride(from: rows.startIndex + c, to: rows.endIndex, by: channels)
        .reduce(0.0) { $0 + Double(rows[$1]) }
      return Float(sum / Double(size.width * size.height) / 65535)
    }
  }

  /// The model as fitted so far.
  public var model: BlockModel {
    BlockModel(
      width: width, height: height, bitDepth: bitDepth.rawValue, color: color, features: features,
      levels: levels)
  }

  public var blockCount: Int { levels.reduce(0) { $0 + $1.blockCount } }
  private var decidedCount: Int { levels.reduce(0) { $0 + $1.decided } }

  /// Trains what is not trained yet.
  ///
  /// - Parameters:
  ///   - afterStrip: may end the run or ask for a checkpoint.
  ///   - save: writes a checkpoint.
  public func run(
    afterStrip: (BlockFitProgress) throws -> Verdict, save: () throws -> Void
  ) throws -> StopReason {
    var clock = ContinuousClock.now
    let strips = try PictureStrips(configuration.picture)
    for level in levels.indices.reversed() {
      beginRecord(of: level)
      while levels[level].decided < levels[level].blockCount {
        try trainStrip(of: level, strips)
        let now = ContinuousClock.now
        seconds += (now - clock) / .seconds(1)
        clock = now
        history[history.count - 1].seconds = seconds
        let progress = BlockFitProgress(
          record: history[history.count - 1], blocks: decidedCount, blockCount: blockCount,
          seconds: seconds)
        var verdict = try afterStrip(progress)
        if let limit = configuration.timeLimit, seconds >= limit { verdict = .stop(.timeLimit) }
        if case .stop(let reason) = verdict, decidedCount < blockCount { return reason }
        if verdict == .save { try save() }
      }
      if level > 0 { pictures.forget(level) }
    }
    return .finished
  }

  private func beginRecord(of level: Int) {
    guard history.count < levels.count - level else { return }
    history.append(
      BlockLevelRecord(level: level, width: levels[level].width, height: levels[level].height))
  }

  // MARK: A strip

  /// Decides on the next rows of blocks of a level.
  private func trainStrip(of level: Int, _ strips: PictureStrips) throws {
    let shape = features.shape
    // Not the level itself: its networks would be copied when more are added.
    let (columns, blockRowCount) = (levels[level].columns, levels[level].rows)
    let (width, height) = (levels[level].width, levels[level].height)
    let first = levels[level].decided / columns
    let count = max(configuration.stripRows / shape.size, 1)
    let blockRows = first..<min(first + count, blockRowCount)
    let top = max(blockRows.lowerBound * shape.size - BlockShape.margin, 0)
    let bottom = min(blockRows.upperBound * shape.size + BlockShape.margin, height)
    let residual = try residual(level: level, rows: top..<bottom, strips)
    let training = configuration.training(level: level)
    let trainers = WorkerStates(workers) { [features, start] in
      BlockTrainer(features, start: start, training: training)
    }
    let blocks = trainers.map(blockRows.count * columns) { trainer, item in
      let (row, column) = item.quotientAndRemainder(dividingBy: columns)
      return trainer.train(
        residual.block(
          column: column, row: blockRows.lowerBound + row, shape, height: height, width: width))
    }
    if first == 0 {
      let most = shape.with(units: training.units).parameterCount
      levels[level].reserve(levels[level].blockCount * most)
    }
    for block in blocks {
      levels[level].append(units: block.units, block.parameters)
      history[history.count - 1].count(block, target: training.target)
    }
  }

  /// What the levels above leave of some rows of a level.
  private func residual(
    level: Int, rows: Range<Int>, _ strips: PictureStrips
  ) throws -> PixelWindow {
    let renderer = BlockRenderer(model, workers: workers)
    var window = renderer.prediction(level: level, rows: rows, columns: 0..<levels[level].width)
    let pixels = level == 0 ? try strips.rows(rows) : pictures.rows(rows, level: level)
    window.subtract(from: pixels)
    return window
  }
}

extension PixelWindow {
  /// Puts `pixels`, whose white is 65535, minus the samples in their place.
  package mutating func subtract(from pixels: ArraySlice<UInt16>) {
    precondition(pixels.count == samples.count)
    let pixels = pixels.span
    var target = samples.mutableSpan
    for i in pixels.indices { target[i] = Float(pixels[i]) / 65535 - target[i] }
  }

  /// What a block sees, `[channels, side · side]`; beyond the picture its outermost pixels go on.
  func block(column: Int, row: Int, _ shape: BlockShape, height: Int, width: Int) -> [Float] {
    let (size, margin, side) = (shape.size, BlockShape.margin, shape.side)
    let lines = (0..<side).map { i in
      min(max(row * size + i - margin, 0), height - 1) - rows.lowerBound
    }
    let places = (0..<side).map { min(max(column * size + $0 - margin, 0), width - 1) }
    var pixels: [Float] = []
    pixels.reserveCapacity(channels * side * side)
    for c in 0..<channels {
      for line in lines {
        for place in places {
          pixels.append(samples[line * rowLength + place * channels + c])
        }
      }
    }
    return pixels
  }
}
