import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Tomography
import Training

@Suite struct SplitTargetsTests {
  private let problem: SliceProblem
  private let truth: [Float]

  init() throws {
    let configuration = FitSample.configuration(size: 20, views: 16)
    let (sinogram, truth) = FitSample.data(configuration)
    problem = try SliceProblem(sinogram, configuration, weights: nil, workers: Workers(count: 2))
    let scale = Float(problem.scale)
    self.truth = truth.elements.map { $0 / scale }
  }

  private func targets(
    anchor: Double? = nil, asksNetwork: Bool = true, steps: Int = 100
  ) throws -> SplitTargets {
    var settings = SplitTargets.Settings(
      variation: 0.03, similarity: nil, anchor: anchor, views: 16)
    settings.asksNetwork = asksNetwork
    return try SplitTargets(
      problem, settings, isNonNegative: true, interval: 10, steps: steps,
      points: PixelLattice(width: 20, height: 20), start: nil)
  }

  private func values(of targets: SplitTargets) -> [Float] {
    var buffer = [Float](repeating: 0, count: 400)
    var span = buffer.mutableSpan
    targets.copyTargets(of: (0..<400).map { Int32($0) }[...], into: &span, stride: 400)
    return buffer
  }

  private func error(_ values: [Float]) -> Double {
    (zip(values, truth).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) } / 400)
      .squareRoot()
  }

  @Test func targetsExplainTheData() throws {
    let targets = try targets()
    targets.update(from: [Float](repeating: 0, count: 400), step: 0)
    let found = values(of: targets)
    #expect(found.allSatisfy { $0 >= 0 } && error(found) < 0.08, "\(error(found))")
    let slice = Matrix(rows: 20, columns: 20, elements: found)
    #expect(problem.residual(of: slice, weights: problem.weights) < 0.15)
  }

  @Test func theFieldHasASayInTheSecondHalfAlone() throws {
    var random = SplitMix64(seed: 3)
    let field = (0..<400).map { _ in 0.5 + random.nextUniform(bound: 0.5) }
    func targets(from field: [Float], steps: [Int]) throws -> [Float] {
      let targets = try self.targets()
      for step in steps { targets.update(from: field, step: step) }
      return values(of: targets)
    }
    #expect(
      try targets(from: field, steps: [0, 40]) == targets(from: truth, steps: [0, 40]))
    #expect(
      try targets(from: field, steps: [0, 50]) != targets(from: truth, steps: [0, 50]))
    let silent = try self.targets(asksNetwork: false)
    for step in [0, 50] { silent.update(from: field, step: step) }
    #expect(try values(of: silent) == targets(from: truth, steps: [0, 40]))
    // A strong anchor leaves hardly anything but the field, smoothed.
    let anchored = try self.targets(anchor: 1e5)
    anchored.update(from: field, step: 50)
    let smooth = NonLocalMeans(strength: 0.03).apply(
      to: Matrix(rows: 20, columns: 20, elements: field), workers: Workers(count: 1))
    let difference = zip(values(of: anchored), smooth.elements).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 0.02)
  }

  @Test func aNetworkThatIsLostLeavesTheTargets() throws {
    let targets = try targets()
    targets.update(from: truth, step: 0)
    let before = values(of: targets)
    targets.update(from: [Float](repeating: .nan, count: 400), step: 90)
    #expect(values(of: targets) == before)
  }

  @Test func aStateIsTakenUpInTheSameBits() throws {
    let (whole, resumed) = (try targets(), try targets())
    whole.update(from: truth, step: 0)
    whole.update(from: truth, step: 60)
    let state = whole.state
    #expect(resumed.restore(state))
    #expect(values(of: resumed) == values(of: whole) && resumed.state == state)
    // 60 is not where the solver's steps change; both sides of it are.
    for step in [70, 80] {
      whole.update(from: truth, step: step)
      resumed.update(from: truth, step: step)
    }
    #expect(resumed.state == whole.state && whole.state != state)
  }

  @Test func aStateOfAnotherSizeIsRefused() throws {
    let targets = try targets()
    let state = targets.state
    #expect(targets.restore(state))
    #expect(!targets.restore(Array(state.dropLast())) && !targets.restore([]))
    targets.update(from: truth, step: 0)
    #expect(targets.state.count == state.count + 400)
    #expect(!targets.restore(targets.state + [0]))
    // Nothing was taken from them.
    #expect(values(of: targets).contains { $0 > 0 })
  }

  @Test func settingsFollowTheNoiseAndTheViews() {
    func settings(_ variation: Double, views: Int) -> SplitTargets.Settings {
      SplitTargets.Settings(variation: variation, similarity: nil, anchor: nil, views: views)
    }
    let (few, many, noisy) = (
      settings(0.03, views: 20), settings(0.03, views: 100), settings(2, views: 100)
    )
    #expect(noisy.similarity > few.similarity && few.similarity == many.similarity)
    // Of all views together at most 3.
    #expect(few.anchor == 0.1 && many.anchor == 0.03 && noisy.anchor == 1)
    #expect(few.asksNetwork && noisy.asksNetwork && !many.asksNetwork)
    #expect(settings(0.03, views: 60).asksNetwork == false)
    let given = SplitTargets.Settings(variation: 2, similarity: 0, anchor: 0.5, views: 20)
    #expect(given.similarity == 0 && given.anchor == 0.5)
  }
}
