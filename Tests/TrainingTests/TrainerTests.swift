import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
  // MARK: What it learns

  @Test(arguments: ["sine", "gauss", "wire", "relu"])
  func fitsASmoothFunctionInAFewHundredSteps(activation: String) throws {
    let data = MatrixData.smooth(size: 32)
    let network = SampleNetwork.make(activation, outputs: 1, width: 32, seed: 2)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.learningRate) = (256, 400, 5e-3)
    let trainer = Trainer(network, data, configuration)
    try trainer.run()
    let errors = zip(trainer.values(at: data.coordinates), data.targets.elements).map { $0 - $1 }
    let mean = errors.reduce(0) { $0 + Double($1 * $1) } / Double(errors.count)
    // The function's own variance is 0.019, or 17 dB.
    #expect(-10 * log10(mean) > 35)
  }

  @Test func weightsAndConstantsFollowTheTwinsAdam() throws {
    let data = MatrixData.random(90, outputs: 3, seed: 71)
    for activation in SampleNetwork.activations {
      let network = SampleNetwork.make(activation)
      var configuration = TrainingConfiguration()
      (configuration.batch, configuration.steps, configuration.learningRate) = (90, 4, 1e-3)
      configuration.schedule = Schedule(.constant)
      configuration.constants = .trained
      let trainer = Trainer(network, data, configuration)
      try trainer.run()

      var twin = ReferenceNetwork(network)
      var adam = ReferenceAdam(rate: 1e-3)
      for _ in 0..<4 {
        var parameters = twin.parameters
        let gradient = twin.lossGradient(at: data.coordinates, targets: data.targets)
        adam.update(&parameters, along: gradient.parameters)
        twin.setParameters(parameters)
      }
      let found = ReferenceNetwork(trainer.network).parameters
      for (found, expected) in zip(found, twin.parameters) {
        // A step has about the learning rate's size even where the gradient is all rounding.
        let deviation = relativeDeviation(found.values, from: expected.values)
        #expect(deviation <= 1e-4, "\(activation): \(found.name)")
      }
    }
  }

  @Test(arguments: SampleNetwork.families)
  func fixedConstantsStay(activation: String) throws {
    let network = SampleNetwork.make(activation)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (30, 5)
    let trainer = Trainer(network, MatrixData.random(90, outputs: 3, seed: 72), configuration)
    try trainer.run()
    let values = { (network: Network) in network.layers.map { $0.activation?.values } }
    #expect(values(trainer.network) == values(network))
  }

  // MARK: The first layer's rate

  @Test(arguments: SampleNetwork.families, [0, 0.25])
  func theFirstLayerHasARateOfItsOwn(activation: String, firstLayerRate: Double) throws {
    let network = SampleNetwork.make(activation, hiddenLayers: 2)
    let data = MatrixData.random(200, outputs: 3, seed: 73)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (200, 5)
    configuration.schedule = Schedule(.constant)
    configuration.learningRate = 0x1p-10
    configuration.firstLayerRate = firstLayerRate
    let trainer = Trainer(network, data, configuration)
    try trainer.run()
    let (before, after) = (network.layers.map(\.maps), trainer.network.layers.map(\.maps))
    #expect((after[0] == before[0]) == (firstLayerRate == 0))
    #expect(after[1] != before[1])

    // The whole gradient, with a rate given for each layer; a layer of rate 0 stays as if frozen.
    let parameters = ParameterBuffer(network)
    let engine = GradientEngine(parameters, workers: Workers(count: 2))
    let moments = Moments(count: parameters.layout.count)
    let rates = [Float(firstLayerRate) * 0x1p-10, 0x1p-10, 0x1p-10, 0x1p-10]
    for step in 1...5 {
      _ = engine.accumulate(data.samples[...], of: data.objective)
      engine.step(Adam(), moments, number: step, rates: rates, tableRate: 0)
    }
    #expect(after == parameters.makeNetwork().layers.map(\.maps))
  }

  // MARK: Interruption

  @Test(arguments: SampleNetwork.families, [TrainingConfiguration.Constants.fixed, .trained])
  func aRunTakenUpAtAnyStepEndsInTheSameBits(
    activation: String, constants: TrainingConfiguration.Constants
  ) throws {
    let data = MatrixData.random(210, outputs: 3, seed: 74)
    let network = SampleNetwork.make(activation)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.learningRate) = (50, 23, 0.01)
    configuration.schedule = Schedule(.cosine, warmUp: 0.1)
    configuration.constants = constants
    let whole = Trainer(network, data, configuration)
    var states: [TrainingState] = [whole.snapshot()]
    _ = try whole.run(afterStep: { _ in .save }, save: { states.append($0) })
    #expect(states.map(\.step) == Array(0...23))

    for state in states {
      let resumed = Trainer(network, data, configuration)
      resumed.restore(state)
      #expect(resumed.step == state.step)
      try resumed.run()
      #expect(withoutTimes(resumed.snapshot()) == withoutTimes(whole.snapshot()))
    }
  }

  /// Lines of the history that cover several steps are interrupted in their middle, too.
  @Test func theHistoryOfAResumedRunIsThatOfTheWholeOne() throws {
    let data = MatrixData.random(60, outputs: 1, seed: 75)
    let network = SampleNetwork.make("sine", outputs: 1, width: 4)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (20, 1_000)
    let whole = Trainer(network, data, configuration)
    try whole.run()

    let first = Trainer(network, data, configuration)
    let stopped = try first.run(
      afterStep: { $0.step == 503 ? .stop(.interrupted) : .goOn }, save: { _ in })
    #expect(stopped == .interrupted && first.step == 503)
    let second = Trainer(network, data, configuration)
    second.restore(first.snapshot())
    try second.run()
    #expect(withoutTimes(second.snapshot()) == withoutTimes(whole.snapshot()))
    #expect(second.seconds >= first.seconds)
  }

  private func withoutTimes(_ state: TrainingState) -> TrainingState {
    var state = state
    state.seconds = 0
    state.history = state.history.map { HistoryEntry(step: $0.step, seconds: 0, loss: $0.loss) }
    return state
  }

  // MARK: History

  @Test(arguments: [1, 7, 199, 200, 399, 400, 1_000, 1_234])
  func aHistoryHasAboutTwoHundredLines(steps: Int) throws {
    let data = MatrixData.random(16, outputs: 1, seed: 76)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (4, steps)
    let network = SampleNetwork.make("relu", outputs: 1, width: 3)
    let trainer = Trainer(network, data, configuration)
    var (losses, lines): ([Double], [HistoryEntry]) = ([], [])
    let reason = try trainer.run(
      afterStep: {
        losses.append($0.loss)
        if let entry = $0.newEntry { lines.append(entry) }
        return .goOn
      }, save: { _ in })

    #expect(reason == .finished && losses.count == steps)
    #expect(trainer.history == lines)
    #expect(lines.count >= min(steps, 200) && lines.count < 400)
    #expect(lines.last?.step == steps)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.step < $1.step })
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
  }

  @Test func aLineOfTheHistoryIsTheMeanOverItsSteps() throws {
    let data = MatrixData.random(16, outputs: 1, seed: 77)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.learningRate) = (16, 600, 0)
    let network = SampleNetwork.make("sine", outputs: 1, width: 3)
    let trainer = Trainer(network, data, configuration)
    try trainer.run()
    let loss = engineGradient(of: network, data).loss
    #expect(trainer.history.allSatisfy { abs($0.loss - loss) <= 1e-12 })
  }

  // Intervals wait for the next line; with 450 steps the lines are two steps apart.
  /// 450 steps have 225 lines; the geometric lines are ⌈225^(k/3)⌉, k from 0 to 3.
  @Test(arguments: [
    (MeasureSchedule.every(1), Array(stride(from: 0, through: 450, by: 2))),
    (.every(100), [0, 100, 200, 300, 400, 450]), (.every(149), [0, 150, 298, 448, 450]),
    (.every(1000), [0, 450]), (.geometric(count: 5), [0, 2, 14, 74, 450]),
    (.geometric(count: 3), [0, 2, 450]), (.geometric(count: 2), [0, 450]),
  ])
  func aRunIsMeasuredAtItsSteps(schedule: MeasureSchedule, steps: [Int]) throws {
    let data = MatrixData.random(16, outputs: 1, seed: 78)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (4, 450)
    let network = SampleNetwork.make("relu", outputs: 1, width: 3)
    func trainer() -> Trainer { Trainer(network, data, configuration) }
    let measures = [
      RunMeasure("step", schedule) { Double($0.step) + 0.5 },
      RunMeasure(["bias", "lines", "nothing"], .every(200)) { trainer in
        let bias = trainer.network.layers[1].maps[0].bias[0]
        return [Double(bias), Double(trainer.history.count { $0.measures["lines"] != nil }), nil]
      },
    ]
    let whole = trainer()
    var shown: [Double?] = []
    _ = try whole.run(
      measuring: measures,
      afterStep: {
        shown.append($0.measures["step"])
        return .goOn
      }, save: { _ in })
    #expect(whole.history.filter { $0.measures["step"] != nil }.map(\.step) == steps)
    for entry in whole.history { #expect(entry.measures["nothing"] == nil) }
    for entry in whole.history where entry.measures["step"] != nil {
      #expect(entry.measures["step"] == Double(entry.step) + 0.5)
    }
    let latest = (1...450).map { step in steps.last { $0 <= step }.map { Double($0) + 0.5 } }
    #expect(zip(shown, latest).allSatisfy { $0 == $1 })
    // Each measure has a schedule of its own, and sees the network of its step.
    let biases = whole.history.filter { $0.measures["bias"] != nil }
    #expect(biases.map(\.step) == [0, 200, 400, 450])
    #expect(biases.map { $0.measures["lines"] } == [0, 1, 2, 3])
    #expect(biases[0].measures["bias"] == Double(network.layers[1].maps[0].bias[0]))
    #expect(biases[3].measures["bias"] == Double(whole.network.layers[1].maps[0].bias[0]))

    // Interrupted before the first step, and on the way.
    var state = trainer().snapshot()
    for stop in [203, 204, 450] {
      let part = trainer()
      part.restore(state)
      _ = try part.run(
        measuring: measures, afterStep: { $0.step == stop ? .stop(.interrupted) : .goOn },
        save: { _ in })
      state = part.snapshot()
    }
    #expect(state.history.map(\.step) == whole.history.map(\.step))
    #expect(state.history.map(\.loss) == whole.history.map(\.loss))
    #expect(state.history.map(\.measures) == whole.history.map(\.measures))
  }

  @Test func measuringChangesNoStepAndAddsOneLineOfTheBeginning() throws {
    let data = MatrixData.random(16, outputs: 1, seed: 80)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (4, 30)
    func trainer() -> Trainer {
      Trainer(SampleNetwork.make("relu", outputs: 1, width: 3), data, configuration)
    }
    let (plain, measured) = (trainer(), trainer())
    try plain.run()
    _ = try measured.run(
      measuring: [RunMeasure("x", .every(3)) { _ in 1 }], afterStep: { _ in .goOn },
      save: { _ in })
    #expect(plain.snapshot().parameters == measured.snapshot().parameters)
    #expect(plain.history.map(\.loss) == measured.history.dropFirst().map(\.loss))
    // The first batch's loss is that of the network as it was.
    let start = measured.history[0]
    #expect(start.step == 0 && start.seconds == 0 && start.loss == plain.history[0].loss)
  }

  // The longest step of such a network takes far less than the measuring.
  @Test func measuringIsNoTimeOfTraining() throws {
    let data = MatrixData.random(16, outputs: 1, seed: 79)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (4, 20)
    let trainer = Trainer(
      SampleNetwork.make("relu", outputs: 1, width: 3), data, configuration)
    let clock = ContinuousClock()
    var away = Duration.zero
    let time = try clock.measure {
      _ = try trainer.run(
        measuring: [
          RunMeasure("x", .every(5)) { _ in
            let start = clock.now
            while clock.now - start < .milliseconds(20) {}
            away += clock.now - start
            return nil
          }
        ], afterStep: { _ in .goOn }, save: { _ in })
    }
    #expect(away >= .milliseconds(80) && trainer.seconds <= (time - away) / .seconds(1))
    #expect(trainer.history.allSatisfy { $0.measures.isEmpty })
  }

  // MARK: Divergence

  /// The rate grows without bounds, so that the run first learns and then is lost.
  private func divergingRun(_ activation: String) -> (Trainer, MatrixData) {
    let data = MatrixData.smooth(size: 8)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.learningRate) = (64, 150, 1e-3)
    configuration.schedule = Schedule(.exponential, finalRatio: 1e60)
    return (Trainer(SampleNetwork.make(activation, outputs: 1), data, configuration), data)
  }

  @Test(arguments: SampleNetwork.activations)
  func aLostRunSaysWhereAndKeepsTheBestParameters(activation: String) throws {
    let (trainer, data) = divergingRun(activation)
    let start = engineGradient(of: trainer.network, data).loss
    let error = #expect(throws: TrainingError.self) { try trainer.run() }
    guard case .lossNotFinite(let step, _, let rate, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step == trainer.step + 1 && step > 2 && rate == 1e-3)

    // One line of the history a step, and the batch is all samples: the best line's loss is that of
    // the parameters which were kept.
    let best = try #require(trainer.history.map(\.loss).min())
    let kept = engineGradient(of: trainer.network, data).loss
    #expect(best < start)
    #expect(abs(kept - best) <= 1e-9 * best)
  }

  @Test func aLostRunThatWasResumedKeepsTheSameParameters() throws {
    let (whole, _) = divergingRun("sine")
    var states: [TrainingState] = []
    #expect(throws: TrainingError.self) {
      _ = try whole.run(afterStep: { _ in .save }, save: { states.append($0) })
    }
    let losses = whole.history.map(\.loss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    // It has begun to lose its way.
    let late = try #require(states.last)
    try #require(late.step > best + 1)
    let (resumed, _) = divergingRun("sine")
    resumed.restore(late)
    #expect(throws: TrainingError.self) { try resumed.run() }
    #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
  }

  @Test func aLossThatWasNeverFiniteLeavesTheNetworkAsItWas() throws {
    var data = MatrixData.random(20, outputs: 3, seed: 78)
    data.targets[3, 1] = .nan
    let network = SampleNetwork.make("wire")
    let trainer = Trainer(network, data, TrainingConfiguration())
    let error = TrainingError.lossNotFinite(
      step: 1, loss: "nan", learningRate: 1e-3, constants: "--omega0, --sigma0")
    #expect(throws: error) { try trainer.run() }
    #expect(trainer.network.layers.map(\.maps) == network.layers.map(\.maps))
    #expect(
      error.description
        == "the loss became nan at step 1; try a lower --learning-rate (now 0.001) "
        + "or smaller --omega0, --sigma0")
  }

  @Test func aLostRunOfReLUsBlamesTheRateAlone() throws {
    let error = TrainingError.lossNotFinite(
      step: 12, loss: "inf", learningRate: 0.5, constants: "")
    #expect(
      error.description
        == "the loss became inf at step 12; try a lower --learning-rate (now 0.5)")
  }

  @Test func aResumedRunThatIsLostKeepsWhatItWasGiven() throws {
    let data = MatrixData.random(20, outputs: 3, seed: 79)
    let network = SampleNetwork.make("sine")
    var state = Trainer(network, data, TrainingConfiguration()).snapshot()
    state.parameters = ParameterBuffer(SampleNetwork.make("sine", seed: 9)).allValues
    var broken = data
    broken.targets[0, 0] = .infinity
    let trainer = Trainer(network, broken, TrainingConfiguration())
    trainer.restore(state)
    #expect(throws: TrainingError.self) { try trainer.run() }
    #expect(trainer.snapshot().parameters == state.parameters)
  }

  // MARK: Stopping and saving

  @Test func verdictsAreFollowed() throws {
    struct Full: Error {}
    let data = MatrixData.random(20, outputs: 3, seed: 80)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (5, 30)
    let trainer = Trainer(SampleNetwork.make("sine"), data, configuration)
    var saved: [Int] = []
    let reason = try trainer.run(
      afterStep: { $0.step == 12 ? .stop(.targetReached) : $0.step % 5 == 0 ? .save : .goOn },
      save: { saved.append($0.step) })
    #expect(reason == .targetReached && trainer.step == 12 && saved == [5, 10])
    #expect(throws: Full.self) {
      try trainer.run(afterStep: { _ in .save }, save: { _ in throw Full() })
    }
    #expect(throws: Full.self) {
      try trainer.run(afterStep: { _ in throw Full() }, save: { _ in })
    }
    #expect(trainer.step == 14)
  }
}
