import Compute
import Networks
import TestSupport
import Testing
import Training

/// Same seed, same bits: the number of threads must not show.
@Suite struct DeterminismTests {
  static let batches = [1, 17, 100, 500, 700, 3_000]

  @Test(arguments: SampleNetwork.families, batches)
  func anyNumberOfThreadsTrainsTheSameBits(activation: String, batch: Int) throws {
    let data = MatrixData.random(3_000, outputs: 3, seed: 61)
    let network = SampleNetwork.make(activation, width: 33)
    var configuration = TrainingConfiguration()
    configuration.batch = batch
    configuration.steps = 6
    configuration.constants = .trained
    configuration.learningRate = 0.01
    for rounding in [nil, FactorRounding.bfloat16] {
      configuration.rounding = rounding
      let alone = try parameters(network, data, configuration, threads: 1)
      #expect(alone != ParameterBuffer(network).allValues)  // it did train
      for threads in 2...4 {
        let found = try parameters(network, data, configuration, threads: threads)
        #expect(found == alone, "\(threads) threads")
      }
    }
  }

  @Test(arguments: batches, [SampleNetwork.grid, SampleNetwork.largeGrid])
  func anyNumberOfThreadsTrainsTheSameBitsOfAGrid(batch: Int, grid: GridShape) throws {
    let data = MatrixData.random(3_000, outputs: 3, seed: 64)
    let network = SampleNetwork.make("relu", features: .init(grid))
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (batch, 6)
    let alone = try parameters(network, data, configuration, threads: 1)
    let tables = ParameterBuffer(network).layout.layersCount...
    #expect(alone[tables] != ParameterBuffer(network).allValues[tables])
    for threads in 2...4 {
      #expect(try parameters(network, data, configuration, threads: threads) == alone)
    }
  }

  @Test(arguments: [1, 2, 3, 4])
  func anyNumberOfThreadsTrainsTheSameBitsThroughAnOperator(threads: Int) throws {
    let data = MatrixData.random(3_000, outputs: 3, seed: 62)
    let network = SampleNetwork.make("wire")
    var configuration = TrainingConfiguration()
    configuration.batch = 300
    configuration.steps = 5
    func train(_ threads: Int) throws -> [Float] {
      let trainer = Trainer(
        network, objective: .throughOperator(BoxMeans(data: data, size: 4)),
        samples: (0..<750).map { Int32($0) }, configuration: configuration,
        workers: Workers(count: threads))
      try trainer.run()
      return trainer.snapshot().parameters
    }
    #expect(try train(threads) == train(1))
  }

  @Test func anotherSeedTrainsOtherBits() throws {
    let data = MatrixData.random(300, outputs: 3, seed: 63)
    let network = SampleNetwork.make("sine")
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (50, 5)
    let first = try parameters(network, data, configuration, threads: 1)
    configuration.seed = 1
    #expect(try parameters(network, data, configuration, threads: 1) != first)
  }

  private func parameters(
    _ network: Network, _ data: MatrixData, _ configuration: TrainingConfiguration, threads: Int
  ) throws -> [Float] {
    let trainer = Trainer(network, data, configuration, threads: threads)
    try trainer.run()
    return trainer.snapshot().parameters
  }
}
