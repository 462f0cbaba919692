import Compute
import Foundation
import Networks
import Training

/// How far a fit of blocks has come; its model has the rest.
struct BlockFitState: RunConfiguration {
  var configuration: BlockFitConfiguration
  var seconds: Double
  var history: [BlockLevelRecord]
  /// Blocks of each level, from the finest on, that were decided on.
  var decided: [Int]
}

extension BlockFit {
  /// Writes what there is as a model that also says how to go on.
  public func writeCheckpoint(to path: String) throws {
    let state = BlockFitState(
      configuration: configuration, seconds: seconds, history: history,
      decided: levels.map(\.decided))
    try model.write(to: path, fit: state.json)
  }

  /// Takes up the fit of a checkpoint, as if it had never stopped.
  ///
  /// - Parameter timeLimit: seconds for what is left.
  public convenience init(
    checkpoint path: String, timeLimit: Double?, workers: Workers
  ) throws {
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.read(path) } catch {
      throw BlockModelError.container(error)
    }
    let model = try BlockModel(file, from: path)
    guard let text = file.metadata[BlockModel.fitKey], let state = BlockFitState(json: text),
      state.decided.count == model.levels.count,
      zip(state.decided, model.levels).allSatisfy({ 0...$1.blockCount ~= $0 })
    else {
      throw BlockModelError.badConfiguration(
        path: path, problem: "it does not say how far its fit has come")
    }
    var configuration = state.configuration
    configuration.timeLimit = timeLimit.map { $0 + state.seconds }
    try self.init(configuration, workers: workers)
    guard (width, height, channels) == (model.width, model.height, model.channels) else {
      throw BlockFitError.otherPicture(
        path: configuration.picture, found: size(width, height, channels),
        expected: size(model.width, model.height, model.channels))
    }
    for (k, level) in model.levels.enumerated() {
      levels[k].restore(
        units: level.units, parameters: level.parameters, decided: state.decided[k],
        shape: features.shape)
    }
    history = state.history
    seconds = state.seconds
  }

  private func size(_ width: Int, _ height: Int, _ channels: Int) -> String {
    "\(width) x \(height) pixels of \(channels) channels"
  }
}
