import Compute
import Foundation
import Networks

/// Finds how strong the total variation should be, without looking at the truth: one ray in ten is
/// withheld, and predicted by the slices of a ladder of strengths, each solved from where the last
/// ended. The strongest that predicts them as well as the best one does, or as well as the next one on
/// the fine ladder, up to chance, is taken (``StandardErrorRule``).
///
/// Where the noise is known, the strongest whose residual is not larger than the noise is taken instead
/// (Morozov's discrepancy principle).
///
/// The ladder has total variation alone, but a run also smooths. Where that matters
/// (``SplitTargets/Settings/smoothsManyViews``), the strength found and the next weaker one are tried
/// as the run would use them, and the weaker one is taken if it predicts the rays withheld better by
/// more than chance would have it once in twenty times.
///
/// The ladder begins where the slice is constant. It goes down by factors of four until the squared
/// error has grown to twice the least, then from the rung above the best one by factors of the root of
/// two, until it has grown by a tenth; at ``weakest`` it ends in any case.
///
/// - Units: strengths are λ of `½ Σ w r² + λ TV` for slices whose densest values are 1, pixels of side
///   1 and weights of mean 1.
/// - Measurements: `Documentation/Decisions/0009-fits-to-sinograms.md`.
package struct VariationSearch {
  /// For data without noise: 1/32.
  package static let weakest = strength(weakestLevel)
  private static let weakestLevel = -10
  /// The strength of each level is that of the one below times √2.
  private static func strength(_ level: Int) -> Double { exp2(Double(level) / 2) }
  private static let coarseStep = 4
  /// How much squared errors may grow. Far up, slices are not what they would be after more iterations,
  /// and errors are no smooth function of the strength.
  private static let coarseLimit = 2.0
  private static let fineLimit = 1.1
  /// Iterations a rung.
  private static let iterations = 40
  private static let heldOutShare = 0.1
  /// Updates of the prior in the trial of a strength beside it.
  private static let priorUpdates = 16
  /// How many standard errors one tail of a normal distribution exceeds once in twenty times.
  private static let significance = 1.645

  package struct Rung: Sendable, Equatable {
    package let strength: Double
    /// Root mean square residual, of the rays withheld or (where the noise is known) of all.
    package let error: Double
  }

  package private(set) var strength = 1.0
  /// From strong to weak.
  package private(set) var rungs: [Rung] = []
  /// Whether the search came to its end, so that the strength means something.
  package private(set) var isComplete = true
  /// The slice at the end of the search.
  package private(set) var slice: Matrix?

  private let problem: SliceProblem
  private let noise: Double?
  /// What each ray counts in the error.
  private let judged: Matrix
  /// The weighted squared residuals of each rung, where rays are withheld.
  private var residuals: [[Double]] = []
  /// The rung that the fine ladder begins with.
  private var firstFine = 0

  /// - Parameters:
  ///   - given: the strength; searched for where it is not given.
  ///   - noise: the standard deviation of a ray of weight 1.
  ///   - settings: how a run with a strength would smooth; nil for total variation alone.
  ///   - afterRung: gets the share of the ladder that is done; ends the search by returning false.
  package init(
    _ problem: SliceProblem, given: Double?, noise: Double?, isNonNegative: Bool, seed: UInt64,
    settings: ((_ strength: Double) -> SplitTargets.Settings)? = nil,
    afterRung: ((_ share: Double) -> Bool)? = nil
  ) throws(IterativeReconstructionError) {
    self.problem = problem
    self.noise = noise
    var (seen, judged) = (problem.weights, problem.weights)
    if noise == nil { Self.withhold(&seen, &judged, seed: seed) }
    self.judged = judged
    if let given {
      strength = given
      return
    }
    guard [seen, judged].allSatisfy({ $0.elements.contains { $0 > 0 } }) else {
      // A handful of rays, all of them on one side.
      return
    }
    let top = problem.strengthOfConstant(weights: seen)
    let solver = try TotalVariationSolver(
      problem.filled, with: problem.projector, lambda: top, isNonNegative: isNonNegative,
      mask: problem.mask, weights: seen)
    var isStopped = false
    let goesOn = { (share: Double) in
      isStopped = isStopped || !(afterRung?(share) ?? true)
      return !isStopped
    }
    search(solver, from: max(Self.weakestLevel, 2 * Int(log2(max(top, 1)).rounded(.up))), goesOn)
    slice = solver.slice
    strength = chosenRung.map { rungs[$0].strength } ?? strength
    if let settings, noise == nil, !isStopped {
      var trial = problem
      trial.weights = seen
      strength = try strengthBesidePrior(trial, settings, isNonNegative) { goesOn(1) }
    }
    isComplete = !isStopped
  }

  /// Moves the weights of some rays from `seen` to `judged`; a ray of weight 0 is not there.
  private static func withhold(_ seen: inout Matrix, _ judged: inout Matrix, seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: 7)
    for i in seen.elements.indices {
      if random.nextUnit() < heldOutShare {
        seen.elements[i] = 0
      } else {
        judged.elements[i] = 0
      }
    }
  }

  // MARK: The ladder

  private mutating func search(
    _ solver: TotalVariationSolver, from top: Int, _ afterRung: (_ share: Double) -> Bool
  ) {
    var (level, lowest) = (top, top)
    func goesOn() -> Bool {
      lowest = min(lowest, level)
      return afterRung(Double(top - lowest) / Double(top - Self.weakestLevel + 1))
    }
    // Of the rungs that the fine ladder may begin with.
    var snapshots: [(rung: Int, level: Int, state: [Float])] = []
    while goesOn() {
      add(solver, level)
      snapshots.append((rungs.count - 1, level, solver.snapshot))
      let first = max(best - 1, 0)
      snapshots.removeAll { $0.rung < first }
      if isDone(Self.coarseLimit) || level <= Self.weakestLevel { break }
      level = max(Self.weakestLevel, level - Self.coarseStep)
    }
    guard let start = snapshots.first else { return }
    rungs.removeSubrange((start.rung + 1)...)
    residuals = Array(residuals.prefix(rungs.count))
    firstFine = start.rung
    solver.restore(start.state)
    level = start.level
    while !isDone(Self.fineLimit), level > Self.weakestLevel, goesOn() {
      level -= 1
      add(solver, level)
    }
  }

  private mutating func add(_ solver: TotalVariationSolver, _ level: Int) {
    solver.lambda = Self.strength(level)
    solver.iterate(count: Self.iterations)
    let slice = solver.slice
    rungs.append(
      Rung(strength: solver.lambda, error: problem.residual(of: slice, weights: judged)))
    if noise == nil {
      residuals.append(problem.squaredResiduals(of: slice, weights: judged))
    }
  }

  // MARK: Beside the prior

  /// The strength found, or the next weaker one.
  ///
  /// - Parameter seen: the problem with the rays that do not judge.
  private func strengthBesidePrior(
    _ seen: SliceProblem, _ settings: (Double) -> SplitTargets.Settings, _ isNonNegative: Bool,
    _ goesOn: () -> Bool
  ) throws(IterativeReconstructionError) -> Double {
    let strengths = [strength, strength / 2.squareRoot()]
    let candidates = strengths.map(settings)
    guard candidates.allSatisfy(\.smoothsManyViews) else { return strength }
    let grid = seen.projector.grid
    var squaredErrors: [[Double]] = []
    for var candidate in candidates {
      candidate.asksNetwork = false
      let targets = try SplitTargets(
        seen, candidate, isNonNegative: isNonNegative, interval: 1, steps: Self.priorUpdates,
        points: PixelLattice(width: grid.columns, height: grid.rows), start: slice)
      for step in 0..<Self.priorUpdates {
        targets.update(from: [], step: step)
        guard goesOn() else { return strength }
      }
      squaredErrors.append(problem.squaredResiduals(of: targets.slice, weights: judged))
    }
    let first = StandardErrorRule.first(of: squaredErrors, tolerance: Self.significance)
    return strengths[first ?? 0]
  }

  // MARK: Errors

  private var chosenRung: Int? {
    guard noise == nil else { return rungs.indices.last }
    let rest = StandardErrorRule.descent(along: Array(residuals[firstFine...]))
    return [StandardErrorRule.first(of: residuals), rest.map { firstFine + $0 }].compactMap(\.self)
      .min()
  }

  /// The rung of least error; where the noise is known, the last one.
  private var best: Int {
    let least = rungs.indices.min { rungs[$0].error < rungs[$1].error } ?? 0
    return noise == nil ? least : max(rungs.count - 1, 0)
  }

  private func isDone(_ limit: Double) -> Bool {
    guard let last = rungs.last?.error else { return true }
    if let noise { return last <= noise }
    let least = rungs[best].error
    return last * last > limit * least * least
  }
}

extension SliceProblem {
  /// A strength from which on the best slice is constant.
  ///
  /// With g the gradient of the data term at the best constant slice, a slice x that differs from it
  /// wins at most `−⟨g, x⟩`, and with any u of `∇ᵀu = g` this is at most `max |u₁| Σ|∂₁x| + max |u₂|
  /// Σ|∂₂x|`, neither sum being more than TV(x). The u taken here is made of the running sums of g along
  /// the rows, less their means, and of the means down the side: too large by a small factor.
  fileprivate func strengthOfConstant(weights: Matrix) -> Double {
    let gradient = gradientAtBestConstant(weights: weights)
    let columns = Double(gradient.columns)
    var (across, down, total) = (0.0, 0.0, 0.0)
    for row in 0..<gradient.rows {
      let values = (0..<gradient.columns).map { Double(gradient[row, $0]) }
      let mean = values.reduce(0, +) / columns
      var running = 0.0
      for value in values {
        running += value - mean
        across = max(across, abs(running))
      }
      total += mean
      down = max(down, abs(total))
    }
    return across + down
  }

  /// `Aᵀ w (A c − b)` within the mask, c the constant, 0 or more, that explains the rays best.
  private func gradientAtBestConstant(weights: Matrix) -> Matrix {
    let grid = projector.grid
    let inside = mask?.map { $0 ? Float(1) : 0 } ?? [Float](repeating: 1, count: grid.pixelCount)
    let lengths = projector.project(
      Matrix(rows: grid.rows, columns: grid.columns, elements: inside)
    ).elements
    var (product, norm) = (0.0, 0.0)
    for i in lengths.indices {
      let weighted = Double(weights.elements[i]) * Double(lengths[i])
      product += weighted * Double(filled.elements[i])
      norm += weighted * Double(lengths[i])
    }
    let constant = norm > 0 ? Float(max(0, product / norm)) : 0
    var residual = weights
    for i in lengths.indices {
      residual.elements[i] *= constant * lengths[i] - filled.elements[i]
    }
    var gradient = projector.backproject(residual)
    for i in inside.indices { gradient.elements[i] *= inside[i] }
    return gradient
  }
}
