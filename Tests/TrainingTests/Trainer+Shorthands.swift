import Compute
import Networks
import Training

extension Trainer {
  convenience init(
    _ network: Network, _ data: MatrixData, _ configuration: TrainingConfiguration,
    threads: Int = 2
  ) {
    self.init(
      network, objective: data.objective, samples: data.samples, configuration: configuration,
      workers: Workers(count: threads))
  }

  /// Trains until the steps are done.
  func run() throws {
    _ = try run(afterStep: { _ in .goOn }, save: { _ in })
  }
}
