import Networks
import TestSupport
import Testing
import Training

/// Runs whose length is a time.
@Suite struct DurationTests {
  private let data = MatrixData.random(60, outputs: 2, seed: 91)

  private func configuration(duration: Double?, steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.duration) = (20, steps, duration)
    return configuration
  }

  private func trainer(_ configuration: TrainingConfiguration) -> Trainer {
    Trainer(SampleNetwork.make("sine", outputs: 2), data, configuration)
  }

  // MARK: Rates

  @Test func theRateFallsWithTheTimeToNothing() {
    var configuration = configuration(duration: 8, steps: 1_000_000_000)
    configuration.learningRate = 0x1p-10
    configuration.firstLayerRate = 0.25
    for eighth in 0...8 {
      let rates = configuration.rates(step: 12_345, seconds: Double(eighth), layers: 3)
      let left = Float(8 - eighth) / 8
      // The steps' share of the run is 1e-5; it counts at the beginning only.
      for (rate, factor) in zip(rates, [0.25, 1, 1]) {
        #expect(abs(rate - 0x1p-10 * Float(factor) * left) <= 2e-5 * 0x1p-10)
      }
    }
  }

  @Test(arguments: [(100, 4.0, 0.5), (100, 6.0, 0.75), (600, 4.0, 0.6), (1000, 0.0, 1)])
  func theRunIsAsFarAsStepsOrTime(step: Int, seconds: Double, expected: Double) {
    let timed = configuration(duration: 8, steps: 1000)
    #expect(timed.progress(step: step, seconds: seconds) == expected)
    let counted = configuration(duration: nil, steps: 1000)
    #expect(counted.progress(step: step, seconds: seconds) == Double(step) / 1000)
  }

  @Test(arguments: Schedule.Shape.allCases)
  func aTimeThatDoesNotRunOutChangesNoBit(shape: Schedule.Shape) throws {
    let networks = try [nil, 1e12].map { duration in
      var configuration = configuration(duration: duration, steps: 25)
      configuration.schedule = Schedule(shape, finalRatio: 0.1)
      let trainer = trainer(configuration)
      try trainer.run()
      #expect(trainer.step == 25)
      return trainer.network
    }
    #expect(networks[0].layers.map(\.maps) == networks[1].layers.map(\.maps))
  }

  // MARK: Runs

  @Test func aRunOfSomeTimeFinishesWithIt() throws {
    let trainer = trainer(configuration(duration: 0.05, steps: 1_000_000_000))
    var shares: [Double] = []
    let stop = try trainer.run(
      afterStep: {
        #expect($0.steps == nil)
        shares.append($0.share)
        return .goOn
      }, save: { _ in })
    #expect(stop == .finished && trainer.seconds >= 0.05)
    #expect(trainer.step == shares.count)
    // Over after its last step, and after no step before.
    #expect(shares.last ?? 0 >= 1 && shares.dropLast().allSatisfy { $0 < 1 })
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 <= $1 })
    let steps = trainer.history.map(\.step)
    #expect(steps.last == trainer.step && steps.count <= 201)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func aRunThatIsTakenUpHasTheTimeThatIsLeft() throws {
    let configuration = configuration(duration: 1000, steps: 1_000_000_000)
    let first = trainer(configuration)
    _ = try first.run(
      afterStep: { $0.step == 3 ? .stop(.interrupted) : .goOn }, save: { _ in })
    var state = first.snapshot()
    state.seconds = 999.99
    let second = trainer(configuration)
    second.restore(state)
    var shares: [Double] = []
    let stop = try second.run(
      afterStep: {
        shares.append($0.share)
        return .goOn
      }, save: { _ in })
    #expect(stop == .finished && shares.first ?? 0 > 0.9999)

    state.seconds = 1000
    let over = trainer(configuration)
    over.restore(state)
    #expect(try over.run(afterStep: { _ in .stop(.interrupted) }, save: { _ in }) == .finished)
    #expect(over.step == 3)
  }

  @Test func measuresAreTakenAtTheStartAndAtTheEnd() throws {
    let trainer = trainer(configuration(duration: 0.02, steps: 1_000_000_000))
    let measure = RunMeasure("step", .geometric(count: 5)) { Double($0.step) }
    _ = try trainer.run(measuring: [measure], afterStep: { _ in .goOn }, save: { _ in })
    let taken = trainer.history.compactMap { $0.measures["step"] }
    #expect(taken.first == 0 && taken.last == Double(trainer.step))
    #expect(taken.count <= 6)
  }
}
