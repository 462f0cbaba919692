import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// What holds for every ``Preconditioning``: the bits do not depend on threads or interruptions.
@Suite struct PreconditioningTests {
  static let methods = Preconditioning.Method.allCases

  private func configuration(_ method: Preconditioning.Method, steps: Int, batch: Int)
    -> TrainingConfiguration
  {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (batch, steps)
    configuration.learningRate = method == .kfac ? 0.5 : 0.01
    configuration.firstLayerRate = 0.5
    configuration.preconditioning = Preconditioning(method, interval: 4, damping: 0.1)
    return configuration
  }

  @Test(arguments: methods, SampleNetwork.families)
  func aRunTakenUpAtAnyStepEndsInTheSameBits(method: Preconditioning.Method, activation: String)
    throws
  {
    let data = MatrixData.random(210, outputs: 3, seed: 311)
    let network = SampleNetwork.make(activation, hiddenLayers: 2)
    let configuration = configuration(method, steps: 11, batch: 50)
    let whole = Trainer(network, data, configuration)
    var states: [TrainingState] = [whole.snapshot()]
    _ = try whole.run(afterStep: { _ in .save }, save: { states.append($0) })
    #expect(whole.snapshot().parameters != states[0].parameters)
    for state in states {
      let resumed = Trainer(network, data, configuration)
      resumed.restore(state)
      try resumed.run()
      #expect(resumed.snapshot().parameters == whole.snapshot().parameters, "from \(state.step)")
      #expect(resumed.snapshot().preconditioner == whole.snapshot().preconditioner)
    }
  }

  @Test(arguments: methods, SampleNetwork.families)
  func anyNumberOfThreadsTrainsTheSameBits(method: Preconditioning.Method, activation: String)
    throws
  {
    let data = MatrixData.random(900, outputs: 3, seed: 312)
    let network = SampleNetwork.make(activation, width: 37, hiddenLayers: 2)
    func train(_ threads: Int) throws -> [Float] {
      let trainer = Trainer(
        network, data, configuration(method, steps: 6, batch: 700), threads: threads)
      try trainer.run()
      return trainer.snapshot().parameters
    }
    let alone = try train(1)
    #expect(alone != ParameterBuffer(network).allValues)
    for threads in 2...4 { #expect(try train(threads) == alone, "\(threads) threads") }
  }

  @Test(arguments: methods)
  func aFrozenFirstLayerStays(method: Preconditioning.Method) throws {
    let network = SampleNetwork.make("wire", hiddenLayers: 2)
    var configuration = configuration(method, steps: 6, batch: 60)
    configuration.firstLayerRate = 0
    let trainer = Trainer(network, MatrixData.random(60, outputs: 3, seed: 313), configuration)
    try trainer.run()
    #expect(trainer.network.layers[0].maps == network.layers[0].maps)
    for k in 1..<network.layers.count {
      #expect(trainer.network.layers[k].maps != network.layers[k].maps)
    }
  }

  @Test(arguments: methods, ["sine", "gauss", "wire", "wire2d", "relu"])
  func fitsASmoothFunction(method: Preconditioning.Method, activation: String) throws {
    let data = MatrixData.smooth(size: 32)
    let network = SampleNetwork.make(activation, outputs: 1, width: 24, seed: 2)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (256, 200)
    configuration.learningRate = method == .kfac ? 1 : 5e-3
    configuration.preconditioning = Preconditioning(method)
    let trainer = Trainer(network, data, configuration)
    try trainer.run()
    let errors = zip(trainer.values(at: data.coordinates), data.targets.elements).map { $0 - $1 }
    let mean = errors.reduce(0) { $0 + Double($1 * $1) } / Double(errors.count)
    // The function's own variance is 0.019, or 17 dB.
    #expect(-10 * log10(mean) > 35)
  }

  /// SOAP sees gradients alone, so it can do what ``KFAC`` refuses.
  @Test func slopesOperatorsAndConstantsAreNoObstacleToSOAP() throws {
    let data = MatrixData.random(64, outputs: 1, seed: 315)
    let network = SampleNetwork.make("wire", outputs: 1)
    let objectives: [Objective] = [
      .throughOperator(BoxMeans(data: data, size: 4)),
      .signedDistance(data, AbsoluteError(), eikonal: 0.1),
      .pointwise(data, BinaryCrossEntropy()),
    ]
    for (k, objective) in objectives.enumerated() {
      var configuration = configuration(.soap, steps: 30, batch: 16)
      configuration.constants = .trained
      let trainer = Trainer(
        network, objective: objective, samples: (0..<16).map { Int32($0) },
        configuration: configuration)
      _ = try trainer.run(afterStep: { _ in .goOn }, save: { _ in })
      let losses = trainer.history.map(\.loss)
      #expect(losses[29] < losses[0], "objective \(k)")
      #expect(trainer.network.layers[0].activation?.values != network.layers[0].activation?.values)
    }
  }

  /// A grid's tables take Adam's own steps beside it.
  @Test func tablesTrainWithSOAP() throws {
    let data = MatrixData.random(300, outputs: 3, seed: 317)
    let network = SampleNetwork.make("relu", features: .init(SampleNetwork.grid))
    func train(_ threads: Int, steps: Int) throws -> Network {
      let trainer = Trainer(
        network, data, configuration(.soap, steps: steps, batch: 100), threads: threads)
      try trainer.run()
      return trainer.network
    }
    func tables(_ network: Network) throws -> [Float] {
      guard case .grid(let grid) = network.encoding else { return [] }
      return grid.tables
    }
    let before = try tables(network)
    // The first step only looks.
    #expect(try tables(train(1, steps: 1)) == before && !before.isEmpty)
    let alone = try train(1, steps: 7)
    #expect(try tables(alone) != before)
    #expect(alone.layers[0].maps != network.layers[0].maps)
    #expect(try tables(train(3, steps: 7)) == tables(alone))
  }

  /// A loss whose curvature depends on the value.
  @Test func theCrossEntropyIsMadeSmallByKFAC() throws {
    let data = MatrixData(
      coordinates: MatrixData.smooth(size: 16).coordinates,
      targets: Matrix(
        rows: 256, columns: 1,
        elements: MatrixData.smooth(size: 16).targets.elements.map { $0 > 0.5 ? 1 : 0 }))
    var configuration = configuration(.kfac, steps: 60, batch: 256)
    configuration.schedule = Schedule(.constant)
    configuration.learningRate = 1
    let trainer = Trainer(
      SampleNetwork.make("sine", outputs: 1), objective: .pointwise(data, BinaryCrossEntropy()),
      samples: data.samples, configuration: configuration)
    _ = try trainer.run(afterStep: { _ in .goOn }, save: { _ in })
    // It begins near log 2; two halves of the values are told apart.
    #expect(trainer.history[0].loss > 0.5)
    #expect(trainer.history[59].loss < 0.1)
  }

  @Test(arguments: methods)
  func anotherOptimizersStateIsNotTakenUp(method: Preconditioning.Method) throws {
    let data = MatrixData.random(40, outputs: 3, seed: 316)
    let network = SampleNetwork.make("sine")
    let trainer = Trainer(network, data, configuration(method, steps: 3, batch: 20))
    let plain = Trainer(network, data, TrainingConfiguration())
    #expect(trainer.canRestore(trainer.snapshot()) && plain.canRestore(plain.snapshot()))
    #expect(!trainer.canRestore(plain.snapshot()) && !plain.canRestore(trainer.snapshot()))
  }

  @Test(arguments: methods)
  func aRunGoesOnFromItsFileInTheSameBits(method: Preconditioning.Method) throws {
    let data = MatrixData.random(100, outputs: 3, seed: 314)
    let network = SampleNetwork.make("wire")
    let configuration = configuration(method, steps: 9, batch: 30)
    let whole = Trainer(network, data, configuration)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: Checkpoint.fileName).path
    _ = try whole.run(
      afterStep: { $0.step == 5 ? .save : .goOn },
      save: { try Checkpoint(state: $0, configuration: "").write(to: path) })
    let resumed = Trainer(network, data, configuration)
    resumed.restore(try Checkpoint.read(path).state)
    try resumed.run()
    #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
  }
}
