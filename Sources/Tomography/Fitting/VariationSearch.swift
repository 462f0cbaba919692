import Compute
import Foundation

/// Finds how strong the total variation should be, without looking at the truth: one ray in ten is
/// withheld, and predicted by the slices of a ladder of strengths, each solved from where the last
/// ended. The strongest that predicts them nearly best is taken.
///
/// Where the noise is known, the strongest whose residual is not larger than the noise is taken instead
/// (Morozov's discrepancy principle).
///
/// - Units: strengths are λ of `½ Σ w r² + λ TV` for slices whose densest values are 1, pixels of side
///   1 and weights of mean 1.
/// - Measurements: `Documentation/Decisions/0009-fits-to-sinograms.md`.
package struct VariationSearch: Sendable {
  /// From strong to weak; the last one is for data without noise.
  package static let ladder = [256, 128, 64, 32, 16, 8, 4, 2, 1, 0.5, 0.25, 0.1, 0.03]
  private static let iterations = 40
  private static let heldOutShare = 0.1
  /// Errors this close to the least one are as good.
  private static let tolerance = 1.02
  /// The search ends where errors have grown by this much.
  private static let limit = 2.0

  package struct Rung: Sendable, Equatable {
    package let strength: Double
    /// Root mean square residual, of the rays withheld or (where the noise is known) of all.
    package let error: Double
  }

  package let strength: Double
  package let rungs: [Rung]
  /// The slice at the end of the search.
  package let slice: Matrix?

  /// - Parameters:
  ///   - given: the strength; searched for where it is not given.
  ///   - noise: the standard deviation of a ray of weight 1.
  ///   - afterRung: gets the share of the ladder that is done; ends the search by returning false.
  package init(
    _ problem: SliceProblem, given: Double?, noise: Double?, isNonNegative: Bool, seed: UInt64,
    afterRung: ((_ share: Double) -> Bool)? = nil
  ) throws(IterativeReconstructionError) {
    if let given {
      (strength, rungs, slice) = (given, [], nil)
      return
    }
    var (seen, judged) = (problem.weights, problem.weights)
    if noise == nil { Self.withhold(&seen, &judged, seed: seed) }
    guard [seen, judged].allSatisfy({ $0.elements.contains { $0 > 0 } }) else {
      // A handful of rays, all of them on one side.
      (strength, rungs, slice) = (1, [], nil)
      return
    }
    let solver = try TotalVariationSolver(
      problem.filled, with: problem.projector, lambda: Self.ladder[0],
      isNonNegative: isNonNegative, mask: problem.mask, weights: seen)
    var found: [Rung] = []
    for (index, strength) in Self.ladder.enumerated() {
      if let afterRung, !afterRung(Double(index) / Double(Self.ladder.count)) { break }
      solver.lambda = strength
      solver.iterate(count: Self.iterations)
      let error = problem.residual(of: solver.slice, weights: judged)
      found.append(Rung(strength: strength, error: error))
      if let noise, error <= noise { break }
      if let least = found.map(\.error).min(), noise == nil,
        error * error > Self.limit * least * least
      {
        break
      }
    }
    rungs = found
    slice = solver.slice
    let least = found.map { $0.error * $0.error }.min() ?? 0
    strength =
      noise == nil
      ? found.first { $0.error * $0.error <= Self.tolerance * least }?.strength ?? 1
      : found.last?.strength ?? 1
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
}
