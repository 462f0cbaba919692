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
/// run, so that data and prior answer for what the network is, too.
///
/// - Source: Venkatakrishnan, Bouman and Wohlberg, Plug-and-play priors for model based
///   reconstruction, GlobalSIP 2013.
/// - Derivation: `Documentation/Math/network-projections.md`.
final class SplitTargets: FollowingData, @unchecked Sendable {
  /// How much the parts of the objective count; chosen by measurement.
  struct Settings: Sendable, Equatable {
    /// λ.
    var variation: Double
    /// h of non-local means; 0 leaves them out.
    var similarity: Double
    /// ρ, a view.
    var anchor: Double
    /// Iterations before the first update, and in each.
    var firstIterations = 100
    var iterations = 25

    /// Below it, the data count as free of noise.
    private static let noiseFree = 0.1

    /// The settings that suit a strength of the total variation.
    init(variation: Double, similarity: Double?, views: Int) {
      self.variation = variation
      let isNoiseFree = variation <= Self.noiseFree
      self.similarity = similarity ?? (isNoiseFree ? (views < 60 ? 0.03 : 0.02) : 0.05)
      anchor = isNoiseFree ? 0.1 : 1
    }
  }

  let points: any CoordinateSource
  let channels = 1
  let interval: Int
  private let problem: SliceProblem
  private let settings: Settings
  private let isNonNegative: Bool
  private let solver: TotalVariationSolver
  private let steps: Int
  private var targets: [Float] = []

  /// - Parameters:
  ///   - interval: steps of a pass.
  ///   - steps: of the whole run.
  ///   - start: the slice to begin with.
  init(
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
      problem.sinogram, with: problem.projector, lambda: settings.variation,
      isNonNegative: isNonNegative, mask: problem.mask, weights: problem.weights, start: start)
  }

  func update(from values: [Float], step: Int) {
    let isEarly = 2 * step < steps
    if step == 0 { solver.iterate(count: settings.firstIterations) }
    let slice =
      isEarly ? solver.slice : problem.slice(of: values, isNonNegative: isNonNegative)
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

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, pixel) in rows.enumerated() { target[i] = targets[Int(pixel)] }
  }

  // MARK: Checkpoints

  var state: [Float] { targets + solver.snapshot }

  func restore(_ state: [Float]) -> Bool {
    let count = problem.projector.grid.pixelCount
    // Before the first step there are no targets.
    let targetCount = state.count >= count + solver.snapshotSize ? count : 0
    guard state.count == targetCount + solver.snapshotSize else { return false }
    targets = Array(state[..<targetCount])
    solver.restore(Array(state[targetCount...]))
    return true
  }
}
