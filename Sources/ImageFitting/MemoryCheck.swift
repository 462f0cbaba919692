import Compute
import Networks
import Training

/// Whether the machine has the memory that a fit will take at its peak.
enum MemoryCheck {
  /// Copies of the parameters beside those that training holds: the network's own, and those that a
  /// checkpoint is made of. (Measured: 7.6 for networks of 2 to 130 MB, without the best so far, which a
  /// checkpoint also has.)
  private static let copies = 9

  /// Throws if not even the parameters have room; to be asked before the network is made.
  static func parameters(
    of architecture: Architecture, outputs: Int
  ) throws(ImageFitError) {
    // Parameters, two moments and the gradient are the least that training holds.
    try require((copies + 4) * architecture.floatCount(inputs: 2, outputs: outputs))
  }

  /// Throws if the whole run has no room.
  ///
  /// - Parameter points: of the field.
  static func run(
    of network: Network, _ configuration: ImageFitConfiguration, points: Int, workers: Workers
  ) throws(ImageFitError) {
    let factor = configuration.downsample
    let training = Trainer.memory(
      network, rowsPerStep: configuration.training.batch * factor * factor, workers: workers,
      preconditioning: configuration.training.preconditioning)
    // The picture, its noisy copy, two orders of its pixels, the field and its parts in flight.
    let pixels = points * (2 + 5 * network.outputs)
    try require(
      training / MemoryLayout<Float>.stride + copies * ParameterLayout(network).count + pixels)
  }

  private static func require(_ floats: Int) throws(ImageFitError) {
    let bytes = floats * MemoryLayout<Float>.stride
    guard let available = Machine.availableMemory, bytes >= available else { return }
    throw .memory(needed: bytes, available: available)
  }
}
