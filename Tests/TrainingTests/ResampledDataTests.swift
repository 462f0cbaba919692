import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// Samples that are drawn anew for each epoch.
@Suite struct ResampledDataTests {
  private static let network = SampleNetwork.make("sine", outputs: 1, width: 16)

  private static func configuration(batch: Int, steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.seed) = (batch, steps, 5)
    configuration.learningRate = 0.003
    return configuration
  }

  /// Epochs of two steps for a batch of 40.
  private static func trainer(
    _ data: DrawnData, batch: Int = 40, steps: Int = 11, threads: Int = 2
  ) -> Trainer {
    Trainer(
      network, objective: .pointwise(data, SquaredError()), samples: data.samples,
      configuration: configuration(batch: batch, steps: steps), workers: Workers(count: threads))
  }

  @Test func eachEpochIsDrawnOnceBeforeItsFirstStep() throws {
    let data = DrawnData(seed: 1)
    var drawn: [[Int]] = []
    let trainer = Self.trainer(data)
    #expect(data.epochs.isEmpty)
    _ = try trainer.run(
      afterStep: { _ in
        drawn.append(data.epochs)
        return .goOn
      }, save: { _ in })
    #expect(drawn.map { $0.last } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5])
    // Nothing is drawn for the look at the last step's result.
    #expect(data.epochs == [0, 1, 2, 3, 4, 5])
  }

  @Test(arguments: [100, 1_000])
  func aBatchOfAllSamplesDrawsEveryStep(batch: Int) throws {
    let data = DrawnData(seed: 1)
    try Self.trainer(data, batch: batch, steps: 4).run()
    #expect(data.epochs == [0, 1, 2, 3])
  }

  /// The same run by hand: a step of the engine for each batch, on data drawn beforehand.
  @Test func stepsSeeTheSamplesOfTheirEpoch() throws {
    let (data, twin) = (DrawnData(seed: 1), DrawnData(seed: 1))
    let trainer = Self.trainer(data)
    var losses: [Double] = []
    _ = try trainer.run(
      afterStep: {
        losses.append($0.loss)
        return .goOn
      }, save: { _ in })

    let parameters = ParameterBuffer(Self.network)
    let engine = GradientEngine(parameters, workers: Workers(count: 1))
    let moments = Moments(count: parameters.layout.count)
    var sampler = BatchSampler(samples: twin.samples, batch: 40, seed: 5)
    let configuration = trainer.configuration
    for step in 0..<11 {
      if step % 2 == 0 { twin.draw(epoch: step / 2) }
      let loss = engine.accumulate(
        sampler.samples(ofStep: step), of: .pointwise(twin, SquaredError()))
      #expect(loss == losses[step])
      let rate = configuration.learningRate * configuration.schedule.factor(step: step, of: 11)
      engine.step(
        Adam(), moments, number: step + 1,
        rates: Self.network.layers.map { _ in Float(rate) }, tableRate: 0)
    }
    #expect(trainer.snapshot().parameters == parameters.allValues)
  }

  @Test(arguments: [1, 4], [0, 1, 2, 3, 4, 10, 11])
  func aRunGoesOnInTheSameBits(threads: Int, stop: Int) throws {
    let whole = Self.trainer(DrawnData(seed: 1))
    var states = [whole.snapshot()]
    _ = try whole.run(afterStep: { _ in .save }, save: { states.append($0) })

    let data = DrawnData(seed: 1)
    let resumed = Self.trainer(data, threads: threads)
    resumed.restore(states[stop])
    try resumed.run()
    #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
    #expect(resumed.history.map(\.loss) == whole.history.map(\.loss))
    #expect(data.epochs == Array((stop / 2)...5))
  }

  /// A trainer that is set back draws again: somebody else may have used its data.
  @Test(arguments: [3, 10])
  func aRunSetBackGoesOnInTheSameBits(step: Int) throws {
    let data = DrawnData(seed: 1)
    let trainer = Self.trainer(data)
    var state: TrainingState?
    _ = try trainer.run(
      afterStep: { $0.step == step ? .save : .goOn }, save: { state = $0 })
    let parameters = trainer.snapshot().parameters
    data.draw(epoch: 9)
    trainer.restore(try #require(state))
    try trainer.run()
    #expect(trainer.snapshot().parameters == parameters)
    #expect(data.epochs == [0, 1, 2, 3, 4, 5, 9] + Array(step / 2...5))
  }

  @Test func anotherSeedOfTheDataTrainsOtherBits() throws {
    let parameters = try [1, 2].map { (seed: UInt64) in
      let trainer = Self.trainer(DrawnData(seed: seed))
      try trainer.run()
      return trainer.snapshot().parameters
    }
    #expect(parameters[0] != parameters[1])
  }

  @Test func samplesThatAreHeldOutTakeNoPart() throws {
    let data = DrawnData(seed: 1)
    let trainer = Trainer(
      Self.network, objective: .pointwise(data, SquaredError()),
      samples: data.samples.filter { $0 % 5 != 0 },
      configuration: Self.configuration(batch: 40, steps: 11), workers: Workers(count: 2))
    try trainer.run()
    #expect(data.epochs == [0, 1, 2, 3, 4, 5])
    #expect(data.asked.count == 80)
    #expect(data.asked.allSatisfy { $0 % 5 != 0 })
  }
}
