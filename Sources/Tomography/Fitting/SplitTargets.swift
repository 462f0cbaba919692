import Compute
import Networks
import Training

/// What a network is fitted to between two looks at the sinogram: a slice that explains the data, has
/// little total variation, and looks like itself.
///
/// Splitting: a primal-dual solver takes steps on pixels, where they are cheap and exact, and the
/// network learns the result in small batches, which takes it about a hundred times fewer passes than
/// gradients of a loss of the whole sinogram. Each update is
///
///     z ← nonLocalMeans(x)       x ← argmin ½ Σ w (A x − b)² + λ TV(x) + ρ/2 ‖x − z‖²
///
/// (a few iterations that go on where the last ones ended), where the x that is smoothed is the
/// solver's own while the network has little to say, and the network's field in the second half of the
/// run, so that data and prior answer for what the network is, too. Many views without noise know more
/// than the network can say, and there it is never asked.
///
/// - Source: Venkatakrishnan, Bouman and Wohlberg, Plug-and-play priors for model based
///   reconstruction, GlobalSIP 2013.
/// - Derivation: `Documentation/Math/network-projections.md`.
package final class SplitTargets: FollowingData, @unchecked Sendable {
  /// How much the parts of the objective count; chosen by measurement.
  package struct Settings: Sendable, Equatable {
    /// λ.
    package var variation: Double
    /// h of non-local means; 0 leaves them out.
    package var similarity: Double
    /// ρ, a view.
    package var anchor: Double
    /// Iterations before the first update, and in each.
    package var firstIterations = 100
    package var iterations = 25

    /// Whether the network's field is smoothed in the second half of the run, instead of the slice.
    package var asksNetwork: Bool

    /// Whether the data are noisy, but views many, so that smoothing does much of what the total
    /// variation does without it.
    package let smoothsManyViews: Bool

    /// Up to it, the data count as free of noise.
    private static let noiseFree = 0.1
    private static let manyViews = 60

    /// The settings that suit a strength of the total variation, and what was given.
    package init(variation: Double, similarity: Double?, anchor: Double?, views: Int) {
      self.variation = variation
      let isNoiseFree = variation <= Self.noiseFree
      self.similarity = similarity ?? (isNoiseFree ? 0.03 : 0.05)
      self.anchor = anchor ?? (isNoiseFree ? min(0.1, 3 / Double(max(views, 1))) : 1)
      asksNetwork = !isNoiseFree || views < Self.manyViews
      smoothsManyViews =
        !isNoiseFree && views >= Self.manyViews && self.similarity > 0 && self.anchor > 0
    }
  }

  package let points: any CoordinateSource
  package let channels = 1
  package let interval: Int
  private let problem: SliceProblem
  private let settings: Settings
  private let isNonNegative: Bool
  private let solver: TotalVariationSolver
  private let steps: Int
  private var targets: [Float] = []

  /// - Parameters:
  ///   - interval: steps from one update to the next.
  ///   - steps: of the whole run.
  ///   - start: the slice to begin with.
  package init(
    _ problem: SliceProblem, _ settings: Settings, isNonNegative: Bool, interval: Int, steps: Int,
    points: any CoordinateSource, start: Matrix?
  ) throws(IterativeReconstructionError) {
    self.problem = problem
    self.settings = settings
    self.isNonNegative = isNonNegative
    self.interval = interval
    self.steps = steps
    self.points = points
    solver = try TotalVariationSolver(
      problem.filled, with: problem.projector, lambda: settings.variation,
      isNonNegative: isNonNegative, mask: problem.mask, weights: problem.weights, start: start)
  }

  package func update(from values: [Float], step: Int) {
    let asksNetwork = settings.asksNetwork && 2 * step >= steps
    // A network that is lost has nothing to say; the trainer will notice.
    guard !asksNetwork || values.allSatisfy(\.isFinite) else { return }
    if step == 0 { solver.iterate(count: settings.firstIterations) }
    let slice =
      asksNetwork ? problem.slice(of: values, isNonNegative: isNonNegative) : solver.slice
    let smooth = NonLocalMeans(strength: Float(settings.similarity)).apply(
      to: slice, workers: problem.projector.workers)
    do {
      try solver.setAnchor(
        smooth, strength: settings.anchor * Double(problem.projector.scan.viewCount))
    } catch {
      preconditionFailure("the anchor has the solver's own shape: \(error)")
    }
    solver.iterate(count: settings.iterations)
    targets = solver.slice.elements
  }

  /// The solver's slice as it stands.
  package var slice: Matrix { solver.slice }

  package func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, pixel) in rows.enumerated() { target[i] = targets[Int(pixel)] }
  }

  // MARK: Checkpoints

  package var state: [Float] { targets + solver.snapshot }

  package func restore(_ state: [Float]) -> Bool {
    guard let count = targetCount(of: state) else { return false }
    targets = Array(state[..<count])
    solver.restore(Array(state[count...]))
    return true
  }

  /// Whether a run of this problem could have had this state after so many steps.
  func isOwn(_ state: [Float], step: Int) -> Bool {
    guard let count = targetCount(of: state) else { return false }
    return count > 0 || step == 0
  }

  /// How many of a state's numbers are targets; before the first step there are none.
  private func targetCount(of state: [Float]) -> Int? {
    [0, problem.projector.grid.pixelCount].first { $0 + solver.snapshotSize == state.count }
  }
}
