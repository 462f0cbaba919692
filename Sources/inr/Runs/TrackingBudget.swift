import Foundation

/// How often a run is measured so that all that `--track` takes costs at most a tenth of the training,
/// or of two seconds if that is shorter.
///
/// Times are computed from sizes and counts, with what each part took on one thread of one machine;
/// only their ratios matter. So what is taken depends on the run alone, not on the machine or its load.
package struct TrackingBudget: Sendable {
  /// Regions of the plane, or the mean pieces of a segment, that were counted at a step.
  package struct Count: Sendable {
    package let step: Int
    package let regions: Double

    package init(step: Int, regions: Double) {
      self.step = step
      self.regions = regions
    }
  }

  /// What a run is, as far as times depend on it.
  package struct Run: Sendable {
    let steps: Int
    /// Samples of training, in all steps together.
    let samples: Double
    let parameters: Int
    let neurons: Int
    /// Coordinates of the network.
    let inputs: Int

    package init(steps: Int, samples: Double, parameters: Int, neurons: Int, inputs: Int) {
      self.steps = steps
      self.samples = samples
      self.parameters = parameters
      self.neurons = neurons
      self.inputs = inputs
    }
  }

  /// Times that a run is measured if that is cheap.
  package static let count = 20
  private static let shortest = 2e9
  private static let shares = (counts: 0.035, pictures: 0.04, local: 0.015)

  private let steps: Int
  /// All in nanoseconds. Of the whole training, or of the shortest one that is reckoned with.
  package let training: Double
  /// Of a region of the plane, or of one piece on all segments.
  private let perRegion: Double
  private let perEvaluation: Double

  /// - Parameter segments: in space, on which pieces are counted.
  package init(_ run: Run, segments: Int) {
    let (parameters, neurons) = (Double(run.parameters), Double(run.neurons))
    steps = run.steps
    training = max(run.samples * (0.06 * parameters + 0.4 * neurons), Self.shortest)
    perEvaluation = 150 + 0.045 * parameters + 1.6 * neurons
    perRegion =
      run.inputs == 2 ? 1200 + 3.5 * neurons : Double(segments) * (450 + perEvaluation)
  }

  // MARK: - Costs

  package func time(ofCounting regions: Double) -> Double { regions * perRegion }

  package func time(ofDrawing regions: Double) -> Double { 20e6 + 1000 * regions }

  /// - Parameter evaluations: of the network in `Double`; its derivative by a coordinate counts as one.
  package func time(ofEvaluations evaluations: Int) -> Double {
    Double(evaluations) * perEvaluation
  }

  // MARK: - Decisions

  /// How often local measures are taken that need some evaluations each time, the beginning and the end
  /// of the run included.
  package func localCount(evaluations: Int) -> Int {
    guard evaluations > 0 else { return Self.count }
    let count = Self.shares.local * training / time(ofEvaluations: evaluations)
    return Int(min(max(count, 2), Double(Self.count)))
  }

  /// How many regions may be counted after a step; nil if none.
  ///
  /// A count is taken to need what the last one did, and another one at the end must be possible behind
  /// it, which may find twice as many. The first count, at step 0, may take half of all.
  package func countLimit(step: Int, after counts: [Count]) -> Int? {
    let whole = Self.shares.counts * training / perRegion
    guard step > 0 else { return Int(whole / 2) }
    guard let latest = counts.last?.regions else { return nil }
    let spent = counts.reduce(0) { $0 + $1.regions }
    if step < steps, spent + 2 * latest > whole * share(until: step) { return nil }
    return Int(max(whole - spent, 2 * latest))
  }

  /// Whether the regions that were counted at a step may be drawn, by the same rule.
  package func allowsPicture(of count: Count, after counts: [Count]) -> Bool {
    let whole = Self.shares.pictures * training
    var (spent, isDrawn) = (0.0, false)
    for count in counts + [count] {
      let time = time(ofDrawing: count.regions)
      isDrawn =
        switch count.step {
        case 0: 2 * time <= whole
        case steps: spent + time <= whole
        default: spent + 2 * time <= whole * share(until: count.step)
        }
      if isDrawn { spent += time }
    }
    return isDrawn
  }

  /// What measures up to a step may take of all: it grows with the logarithm of the steps, as the
  /// measures are spaced.
  private func share(until step: Int) -> Double {
    log(1 + 200 * Double(step) / Double(steps)) / log(201)
  }
}
