import Foundation
import Training

/// Everything that decides what the blocks of a picture become; the same values give the same model.
public struct BlockFitConfiguration: Sendable, Equatable, RunConfiguration {
  /// Path of a PNG file.
  public var picture: String
  /// Pixels along a side of a block.
  public var size = 16
  /// Sines of a block's own layer, at most.
  public var units = 8
  /// Sines that a block begins with, if it may have as many.
  public var firstUnits = 4
  /// A block is done once it has this PSNR, in dB.
  public var targetDecibels = 40.0
  /// Steps of a block that does not reach its target.
  public var steps = 60
  public var learningRate = 0.15
  /// How much better blocks of the coarser levels have to be, in dB: what they miss, the finer ones see
  /// again.
  public var coarseDecibels = 3.0
  public var seed: UInt64 = 0
  /// Rows of pixels that are in memory at a time, at most; at least one row of blocks is.
  public var stripRows = 256
  /// Ends the run after this many seconds.
  public var timeLimit: Double?

  public init(picture: String) { self.picture = picture }

  /// Sines that a block of the coarser levels has at most: these are a third of the pixels, and help all
  /// finer ones.
  var coarseUnits: Int { 2 * units }

  /// What the blocks of a level are trained to.
  func training(level: Int) -> BlockTraining {
    BlockTraining(
      targetDecibels: targetDecibels + (level == 0 ? 0 : coarseDecibels),
      units: level == 0 ? units : coarseUnits, steps: steps, learningRate: Float(learningRate))
  }
}
