import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// Targets that follow the field.
@Suite struct FollowingDataTests {
  private static let network = SampleNetwork.make("sine", outputs: 2, width: 16)

  private static func configuration(steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (40, steps)
    configuration.learningRate = 0.003
    return configuration
  }

  private static func trainer(
    _ data: HalfwayData, steps: Int = 23, threads: Int = 2
  ) -> Trainer {
    Trainer(
      network, objective: .following(data, SquaredError()), samples: data.fixed.samples,
      configuration: configuration(steps: steps), workers: Workers(count: threads))
  }

  @Test func targetsAreUpdatedAtTheIntervalAlone() throws {
    let data = HalfwayData()
    let trainer = Self.trainer(data)
    var values: [[Float]] = []
    _ = try trainer.run(
      afterStep: { progress in
        if progress.step % data.interval == 0 { values.append(trainer.values(at: data.points)) }
        return .goOn
      }, save: { _ in })
    #expect(data.steps == [0, 5, 10, 15, 20])
    // Each update sees the field at all points, after the steps so far.
    #expect(data.fields[0] == FieldEvaluator(Self.network).values(at: data.points))
    #expect(data.fields.dropFirst().elementsEqual(values))
    #expect(data.fields[1] != data.fields[0])
  }

  @Test func aStepGoesTowardsTheTargets() throws {
    // With an update at the beginning alone, it is the fit of these targets.
    let data = HalfwayData(interval: 1000)
    let trainer = Self.trainer(data)
    try trainer.run()
    var fixed = data.fixed
    fixed.targets.elements = data.targets
    let plain = Trainer(Self.network, fixed, Self.configuration(steps: 23))
    try plain.run()
    #expect(trainer.snapshot().parameters == plain.snapshot().parameters)
    #expect(trainer.history.map(\.loss) == plain.history.map(\.loss))
  }

  @Test(arguments: [1, 4], [3, 5, 12, 20, 22])
  func aRunGoesOnInTheSameBits(threads: Int, stop: Int) throws {
    let whole = Self.trainer(HalfwayData())
    var state: TrainingState?
    _ = try whole.run(
      afterStep: { progress in
        whole.keep(score: abs(Double(progress.step) - 2.5))
        return progress.step == stop ? .save : .goOn
      }, save: { state = $0 })
    let saved = try #require(state)
    let data = HalfwayData()
    let resumed = Self.trainer(data, threads: threads)
    resumed.restore(saved)
    #expect(resumed.snapshot().targets == saved.targets)
    _ = try resumed.run(
      afterStep: { progress in
        resumed.keep(score: abs(Double(progress.step) - 2.5))
        return .goOn
      }, save: { _ in })
    #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
    #expect(resumed.snapshot().targets == whole.snapshot().targets)
    #expect(resumed.keptNetwork?.network.numbers == whole.keptNetwork?.network.numbers)
    #expect(data.steps == [5, 10, 15, 20].filter { $0 >= stop })
  }

  @Test func theNumberOfThreadsDoesNotShow() throws {
    let results = try (1...4).map { threads in
      let trainer = Self.trainer(HalfwayData(), threads: threads)
      try trainer.run()
      return trainer.snapshot().parameters
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  // MARK: What is kept

  @Test func theParametersOfTheLowestScoreAreKept() throws {
    let trainer = Self.trainer(HalfwayData())
    #expect(trainer.keptNetwork == nil && trainer.snapshot().kept.isEmpty)
    var networks: [[Float]] = []
    let scores: [Double] = [.nan, 5, 3, 4, .infinity, 3, .nan, 3.5]
    _ = try trainer.run(
      afterStep: { progress in
        networks.append(trainer.network.numbers)
        if progress.step <= scores.count { trainer.keep(score: scores[progress.step - 1]) }
        return .goOn
      }, save: { _ in })
    let kept = try #require(trainer.keptNetwork)
    #expect(kept.score == 3 && kept.network.numbers == networks[2])
    // Looking at them changes nothing.
    #expect(trainer.network.numbers == networks[22] && networks[22] != networks[2])
    let state = trainer.snapshot()
    #expect(state.keptScore == 3 && state.kept.count == state.parameters.count)
    let other = Self.trainer(HalfwayData())
    other.keep(score: 1)
    other.restore(state)
    #expect(other.keptNetwork?.score == 3 && other.keptNetwork?.network.numbers == networks[2])
  }

  @Test func constantsThatAreTrainedAreKeptToo() throws {
    let fixed = MatrixData.random(60, outputs: 3, seed: 7)
    var configuration = Self.configuration(steps: 6)
    configuration.constants = .trained
    let trainer = Trainer(SampleNetwork.make("wire"), fixed, configuration)
    var numbers: [Float] = []
    _ = try trainer.run(
      afterStep: { progress in
        if progress.step == 2 {
          trainer.keep(score: 0)
          numbers = trainer.network.numbers
        }
        return .goOn
      }, save: { _ in })
    #expect(trainer.keptNetwork?.network.numbers == numbers)
    #expect(trainer.network.numbers != numbers)
  }
}

extension Network {
  /// All parameters.
  fileprivate var numbers: [Float] { ParameterBuffer(self).allValues }
}

/// Targets halfway between the last field and fixed ones, and halfway to the targets before: what an
/// update gives depends on all updates so far.
private final class HalfwayData: FollowingData, @unchecked Sendable {
  let fixed = MatrixData.random(100, outputs: 2, seed: 17)
  let interval: Int
  private(set) var targets: [Float] = []
  /// When the targets were updated, and the fields that they were updated from.
  private(set) var steps: [Int] = []
  private(set) var fields: [[Float]] = []

  init(interval: Int = 5) { self.interval = interval }

  var points: any CoordinateSource { fixed.points }
  let channels = 2

  func update(from values: [Float], step: Int) {
    steps.append(step)
    fields.append(values)
    targets = values.indices.map { i in
      let half = (values[i] + fixed.targets.elements[i]) / 2
      return targets.isEmpty ? half : (half + targets[i]) / 2
    }
  }

  var state: [Float] { targets }

  func restore(_ state: [Float]) -> Bool {
    guard [0, 200].contains(state.count) else { return false }
    targets = state
    return true
  }

  func copyTargets(of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int) {
    for (i, row) in rows.enumerated() {
      for c in 0..<2 { target[c * stride + i] = targets[2 * Int(row) + c] }
    }
  }
}
