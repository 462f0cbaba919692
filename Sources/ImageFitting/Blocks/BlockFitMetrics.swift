import Foundation
import Training

/// How good a fit of blocks is.
public struct BlockFitMetrics: Sendable, Equatable, Codable {
  /// Of the reconstruction clipped to [0, 1], over all pixels, peak 1; 999 without any error.
  public var psnr: Double
  /// Of training.
  public var seconds: Double
  /// Blocks of all levels.
  public var blocks: Int
  /// Those with networks.
  public var networks: Int
  /// Those that have not reached their target.
  public var missed: Int
  /// Of all networks together, each over all of its pixels.
  public var steps: Int
  public var parameters: Int
  /// Of the model file.
  public var fileBytes: Int
  /// `finished`, `time-limit` or `interrupted`.
  public var stop: String

  public init(_ fit: BlockFit, stop: StopReason, meanSquaredError: Double, fileBytes: Int) {
    psnr = min(peakSignalToNoise(meanSquaredError: meanSquaredError), 999)
    seconds = fit.seconds
    blocks = fit.blockCount
    networks = fit.history.reduce(0) { $0 + $1.networks }
    missed = fit.history.reduce(0) { $0 + $1.blocks - $1.reached }
    steps = fit.history.reduce(0) { $0 + $1.steps }
    parameters = fit.model.parameterCount
    self.fileBytes = fileBytes
    self.stop = stop.rawValue
  }
}

extension BlockFit {
  public var shape: BlockShape { features.shape }
  public var levelCount: Int { levels.count }
}
