import TestSupport
import Testing
import Training

@Suite struct ScheduleTests {
  /// Factors at the start, in the middle and at the end of 1000 steps.
  @Test(arguments: [
    (Schedule(.constant), [1, 1, 1]),
    (Schedule(.linear), [1, 0.5, 0]),
    (Schedule(.linear, finalRatio: 0.2), [1, 0.6, 0.2]),
    (Schedule(.exponential, finalRatio: 0.01), [1, 0.1, 0.01]),
    (Schedule(.cosine), [1, 0.5, 0]),
    (Schedule(.cosine, finalRatio: 0.5), [1, 0.75, 0.5]),
  ])
  func shapesGoWhereTheyShould(schedule: Schedule, expected: [Double]) {
    let found = [0, 500, 1000].map { schedule.factor(step: $0, of: 1000) }
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-12) }
  }

  @Test func cosineAtAQuarterIsNotLinear() {
    // (1 + cos 45°) / 2
    #expect(abs(Schedule(.cosine).factor(step: 250, of: 1000) - 0.853_553_390_593) <= 1e-12)
  }

  @Test(arguments: Schedule.Shape.allCases)
  func ratesNeverRiseAndStayPositive(shape: Schedule.Shape) {
    let schedule = Schedule(shape, finalRatio: 0.001)
    let factors = (0..<300).map { schedule.factor(step: $0, of: 300) }
    #expect(factors[0] == 1)
    #expect(factors.allSatisfy { $0 > 0 })
    #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test(arguments: Schedule.Shape.allCases)
  func warmUpRisesLinearlyAndThenTheShapeBegins(shape: Schedule.Shape) {
    let schedule = Schedule(shape, finalRatio: 0.1, warmUp: 0.1)
    let factors = (0..<100).map { schedule.factor(step: $0, of: 100) }
    for k in 0..<10 { #expect(abs(factors[k] - Double(k + 1) / 11) <= 1e-12) }
    #expect(factors[10] == 1)
    let shapeAlone = Schedule(shape, finalRatio: 0.1)
    for k in 10..<100 {
      #expect(abs(factors[k] - shapeAlone.factor(step: k - 10, of: 90)) <= 1e-12)
    }
  }

  @Test(arguments: Schedule.Shape.allCases)
  func aRunOfOneStepHasTheFullRate(shape: Schedule.Shape) {
    #expect(Schedule(shape, finalRatio: 0.1).factor(step: 0, of: 1) == 1)
  }

  // MARK: By the share of the run

  @Test(arguments: Schedule.Shape.allCases, [0, 0.25])
  func aShareOfTheRunHasTheFactorOfItsStep(shape: Schedule.Shape, warmUp: Double) {
    let schedule = Schedule(shape, finalRatio: 0.1, warmUp: warmUp)
    let count = 1 << 20
    for sixteenth in 0...16 {
      let bySteps = schedule.factor(step: count / 16 * sixteenth, of: count)
      let byShare = schedule.factor(at: Double(sixteenth) / 16)
      // Warming up, a step's factor is that of its end: 1 / (0.25 · 2²⁰) more.
      #expect(abs(bySteps - byShare) <= 4e-6, "\(sixteenth)/16: \(bySteps) and \(byShare)")
    }
  }

  @Test(arguments: Schedule.Shape.allCases)
  func aShareBeyondTheEndIsTheEnd(shape: Schedule.Shape) {
    let schedule = Schedule(shape, finalRatio: 0.1)
    #expect(schedule.factor(at: 1.5) == schedule.factor(at: 1))
    #expect(schedule.factor(at: -0.5) == 1)
  }
}
