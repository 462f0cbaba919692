import Compute
import Foundation
import Meshes
import Networks
import Training

/// A fit of a network to a solid, ready to run.
public final class ShapeFit {
  public let configuration: ShapeFitConfiguration
  /// What the network's values mean, and where.
  public let field: ShapeField
  /// The mesh that is fitted, in its own coordinates; nil of a volume.
  public let mesh: Mesh?
  public let trainer: Trainer
  /// What samples are drawn from, and what the network is judged by.
  package let solid: any Solid
  package let truth: any Solid
  package let workers: Workers

  /// Reads the shape and builds the network.
  ///
  /// - Throws: ``ShapeFitError``, or errors of the shape's file or of the initial model.
  public init(_ configuration: ShapeFitConfiguration, workers: Workers = Workers()) throws {
    self.configuration = configuration
    self.workers = workers
    let shape = try ShapeSource(configuration, workers: workers)
    (field, mesh, solid, truth) = (shape.field, shape.mesh, shape.solid, shape.truth)
    let network = try Self.makeNetwork(configuration, level: field.level)
    try Self.checkMemory(for: network, configuration, workers)
    let samples = ShapeSamples(
      shape.solid, configuration.target,
      ShapeSamples.Mix(
        count: configuration.samples, nearShare: configuration.nearShare,
        spread: configuration.nearSpread(in: shape.field.box)),
      seed: configuration.training.seed, workers: workers)
    let objective = Self.objective(samples, configuration)
    try objective.check(network, configuration.training)
    trainer = Trainer(
      network, objective: objective, samples: (0..<Int32(configuration.samples)).map { $0 },
      configuration: configuration.training, workers: workers)
  }

  private static func objective(_ samples: ShapeSamples, _ configuration: ShapeFitConfiguration)
    -> Objective
  {
    switch configuration.loss {
    case .squared where configuration.target == .occupancy: .pointwise(samples, SquaredError())
    case .crossEntropy: .pointwise(samples, BinaryCrossEntropy())
    case .squared:
      .signedDistance(samples, SquaredError(), eikonal: Float(configuration.eikonal))
    case .absolute:
      .signedDistance(samples, AbsoluteError(), eikonal: Float(configuration.eikonal))
    }
  }

  private static func makeNetwork(_ configuration: ShapeFitConfiguration, level: Double) throws
    -> Network
  {
    if let initial = configuration.initialModel {
      let network = try initial.read().network
      guard network.inputs == 3, network.outputs == 1 else {
        throw ShapeFitError.wrongModel(
          path: initial.path, inputs: network.inputs, outputs: network.outputs)
      }
      return network
    }
    // Parameters, moments, gradient and copies are the least that training holds.
    try require(12 * 4 * configuration.architecture.floatCount(inputs: 3, outputs: 1))
    return configuration.architecture.makeNetwork(
      inputs: 3, outputs: 1, seed: configuration.training.seed
    ).replacingOutputBias([Float(level)])
  }

  /// Bytes that a sample takes while an epoch is drawn: its position in double and in single precision
  /// and its target, twice while they are put together, and its place in the order.
  private static let bytesPerSample = 100

  private static func checkMemory(
    for network: Network, _ configuration: ShapeFitConfiguration, _ workers: Workers
  ) throws(ShapeFitError) {
    let training = Trainer.memory(
      network, rowsPerStep: configuration.training.batch, workers: workers,
      loss: configuration.eikonal > 0 ? .valuesAndSlopes : .values,
      preconditioning: configuration.training.preconditioning)
    try require(training + bytesPerSample * configuration.samples)
  }

  private static func require(_ bytes: Int) throws(ShapeFitError) {
    guard let available = Machine.availableMemory, bytes >= available else { return }
    throw .memory(needed: bytes, available: available)
  }

  // MARK: Running

  /// Takes a run up from a checkpoint's state.
  public func restore(_ state: TrainingState) { trainer.restore(state) }

  /// Whether a state belongs to a network of this shape.
  public func canRestore(_ state: TrainingState) -> Bool {
    trainer.canRestore(state)
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - measures: for the history, besides the intersection over union.
  ///   - afterStep: may end the run or ask for a checkpoint.
  ///   - save: writes a checkpoint.
  public func run(
    measuring measures: [RunMeasure] = [],
    afterStep: (TrainingProgress) throws -> Verdict, save: (TrainingState) throws -> Void
  ) throws -> StopReason {
    try trainer.run(
      measuring: [iouAlongTheRun] + measures,
      afterStep: { progress in
        if let limit = configuration.timeLimit, progress.seconds >= limit {
          return .stop(.timeLimit)
        }
        return try afterStep(progress)
      }, save: save)
  }

  /// The network as trained so far, with what its surface needs to be found.
  public var model: Model {
    Model(network: trainer.network, properties: field.properties)
  }
}

/// Why a network cannot be fitted to a solid.
public enum ShapeFitError: Error, Equatable, CustomStringConvertible {
  case wrongModel(path: String, inputs: Int, outputs: Int)
  case noExtent(path: String)
  case emptyBounds([Double])
  case unusable(path: String, reason: String)
  case lossOfTarget(loss: String, target: String, expected: String)
  case memory(needed: Int, available: Int)
  case outside(path: String, bounds: [Double], of: [Double])

  public var description: String {
    switch self {
    case .wrongModel(let path, let inputs, let outputs):
      "\(path): the model takes \(inputs) coordinates and gives \(outputs) values, expected 3 and 1"
    case .noExtent(let path):
      "\(path): all vertices are in one place; a solid has an extent"
    case .emptyBounds(let bounds):
      "the bounds \(list(bounds)) have no volume, expected x0,x1,y0,y1,z0,z1 with x0 < x1, y0 < y1 and "
        + "z0 < z1"
    case .unusable(let path, let reason):
      "\(path): \(reason)"
    case .lossOfTarget(let loss, let target, let expected):
      "the loss \(loss) does not go with the target \(target); expected \(expected)"
    case .memory(let needed, let available):
      "the fit would take \(needed >> 20) MB of memory, but \(available >> 20) MB are free; take fewer "
        + "--samples or a narrower network"
    case .outside(let path, let bounds, let of):
      "\(path): the bounds \(list(bounds)) and the shape, which reaches over \(list(of)), have nothing "
        + "in common"
    }
  }

  private func list(_ numbers: [Double]) -> String {
    numbers.map { String(format: "%g", $0) }.joined(separator: ",")
  }
}
