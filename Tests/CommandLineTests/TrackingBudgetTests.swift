import Testing
import inr

/// What a run is measured within.
struct TrackingBudgetTests {
  private typealias Count = TrackingBudget.Count

  private struct Outcome {
    var counts: [Count] = []
    var drawn: [Int] = []
    /// Of the training.
    var share = 0.0
  }

  private static let steps = 20_000
  private static let evaluations = 7000

  private static func budget(samples: Double, inputs: Int = 2) -> TrackingBudget {
    TrackingBudget(
      TrackingBudget.Run(
        steps: steps, samples: samples, parameters: 8577, neurons: 192, inputs: inputs),
      segments: 64)
  }

  /// What a run takes whose regions grow as told, where a measure is due at each step of a list that
  /// grows by a constant factor.
  private static func outcome(
    _ budget: TrackingBudget, regions: (_ step: Int) -> Double
  ) -> Outcome {
    var outcome = Outcome()
    let due = [0, 100, 150, 220, 340, 520, 800, 1200, 1800, 2700, 4000, 6000, 9000, 13_000, steps]
    for step in due {
      guard let limit = budget.countLimit(step: step, after: outcome.counts) else { continue }
      let found = min(regions(step), Double(limit))
      outcome.share += budget.time(ofCounting: found) / budget.training
      guard regions(step) < Double(limit) else { continue }
      let count = Count(step: step, regions: regions(step))
      if budget.allowsPicture(of: count, after: outcome.counts) {
        outcome.drawn.append(step)
        outcome.share += budget.time(ofDrawing: regions(step)) / budget.training
      }
      outcome.counts.append(count)
    }
    let local = budget.localCount(evaluations: evaluations)
    let time = Double(local) * budget.time(ofEvaluations: evaluations)
    outcome.share += time / budget.training
    return outcome
  }

  @Test(arguments: [100, 1e6, 1e7, 1e9])
  func everythingTogetherTakesLessThanATenth(samples: Double) {
    for regions in [300.0, 3000, 30_000, 1e6] {
      let constant = Self.outcome(Self.budget(samples: samples)) { _ in regions }
      #expect(constant.share < 0.1)
      // A network that grows tenfold.
      let growing = Self.outcome(Self.budget(samples: samples)) { step in
        regions / 10 + 0.9 * regions * (Double(step) / Double(Self.steps)).squareRoot()
      }
      #expect(growing.share < 0.1)
    }
  }

  @Test func aLongRunIsMeasuredAndDrawnEachTime() {
    let budget = Self.budget(samples: 1e9)
    let found = Self.outcome(budget) { _ in 10_000 }
    #expect(found.counts.count == 15 && found.drawn == found.counts.map(\.step))
    #expect(budget.localCount(evaluations: Self.evaluations) == TrackingBudget.count)
  }

  @Test func aShortRunHasTheSmallPartitionsOfItsEnds() {
    let found = Self.outcome(Self.budget(samples: 100)) { _ in 5000 }
    #expect(found.counts.first?.step == 0 && found.counts.last?.step == Self.steps)
    #expect(found.drawn.first == 0 && found.drawn.last == Self.steps)
  }

  @Test func aNetworkOfTooManyRegionsIsNotCounted() {
    let found = Self.outcome(Self.budget(samples: 100)) { _ in 1e6 }
    #expect(found.counts.isEmpty && found.drawn.isEmpty && found.share < 0.1)
  }

  @Test func theLastCountMayFindTwiceAsMany() throws {
    let budget = Self.budget(samples: 1e7)
    let found = Self.outcome(budget) { $0 < Self.steps ? 10_000 : 19_999 }
    #expect(found.counts.last?.step == Self.steps && found.share < 0.1)
  }

  @Test func picturesAreLeftOutBeforeCounts() {
    // 5.9 seconds of training: a count of 1000 regions takes 2 ms, a picture of them 21 ms.
    let found = Self.outcome(Self.budget(samples: 1e7)) { _ in 1000 }
    #expect(found.counts.count == 15)
    #expect((3..<12).contains(found.drawn.count) && found.drawn.last == Self.steps)
  }

  @Test func piecesInSpaceAreCountedOnAllSegments() {
    let budget = Self.budget(samples: 1e7, inputs: 3)
    #expect(budget.time(ofCounting: 1) > 64 * budget.time(ofEvaluations: 1))
    #expect(Self.outcome(budget) { _ in 80 }.share < 0.1)
  }
}
