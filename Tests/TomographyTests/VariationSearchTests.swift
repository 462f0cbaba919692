import Compute
import Foundation
import TestSupport
import Testing
import Tomography

@Suite struct VariationSearchTests {
  /// The phantom's sinogram with noise of some standard deviation, in the problem's units and up to
  /// the noise's influence on these.
  private func problem(noise: Double, views: Int = 24) throws -> SliceProblem {
    let configuration = FitSample.configuration(size: 32, views: views)
    var sinogram = FitSample.data(configuration).sinogram
    var random = SplitMix64(seed: 31)
    for i in sinogram.elements.indices {
      sinogram.elements[i] += Float(noise * random.nextNormal())
    }
    return try SliceProblem(sinogram, configuration, weights: nil, workers: Workers(count: 2))
  }

  private func search(
    _ problem: SliceProblem, noise: Double? = nil, seed: UInt64 = 0
  ) throws -> VariationSearch {
    try VariationSearch(problem, given: nil, noise: noise, isNonNegative: true, seed: seed)
  }

  @Test func moreNoiseNeedsAStrongerPrior() throws {
    let strengths = try [0, 0.3, 1.5].map { try search(try problem(noise: $0)).strength }
    #expect(strengths[0] < strengths[1] && strengths[1] < strengths[2], "\(strengths)")
    // Nothing but the pixels of a sharp phantom is wrong with the first.
    #expect(strengths.allSatisfy { $0 >= VariationSearch.weakest && $0 < 1000 })
  }

  @Test func theLadderGoesFromTheConstantSliceToBeyondTheLeastError() throws {
    let search = try search(try problem(noise: 0.3))
    let rungs = search.rungs
    let least = try #require(rungs.indices.min { rungs[$0].error < rungs[$1].error })
    #expect(zip(rungs, rungs.dropFirst()).allSatisfy { $0.strength > $1.strength })
    // Where the best slice is a constant, so is any slice at the top.
    let solver = try TotalVariationSolver(
      try problem(noise: 0.3).filled, with: try problem(noise: 0.3).projector,
      lambda: rungs[0].strength)
    solver.iterate(count: 1500)
    let values = solver.slice.elements
    let (low, high) = (try #require(values.min()), try #require(values.max()))
    #expect(high > 0.05 && high - low < 0.01 * high, "\(low) to \(high)")
    // A quarter is no constant's strength by far: the bound is no idle one.
    #expect(least > 2 && least < rungs.count - 1)
    #expect(rungs[0].error > 2 * rungs[least].error)
    // Around the least error, and from there on down, rungs are fine.
    let ratios = zip(rungs[(least - 1)...], rungs[least...]).map { $0.strength / $1.strength }
    #expect(ratios.allSatisfy { abs($0 - 2.squareRoot()) < 1e-9 })
  }

  @Test func theStrengthPredictsAsWellAsTheBest() throws {
    let search = try search(try problem(noise: 0.3))
    let least = try #require(search.rungs.map(\.error).min())
    let chosen = try #require(search.rungs.first { $0.strength == search.strength })
    // 90 rays: a standard error of a few percent of the mean square at most.
    #expect(chosen.error * chosen.error < 1.1 * least * least)
    let stronger = search.rungs.filter { $0.strength > 4 * search.strength }
    #expect(!stronger.isEmpty && stronger.allSatisfy { $0.error > 1.05 * least })
  }

  @Test func raysThatJudgeDoNotTakePart() throws {
    var problem = try problem(noise: 0.3)
    let first = try search(problem)
    var random = SplitMix64(seed: 0, stream: 7)
    var count = 0
    for i in problem.sinogram.elements.indices where random.nextUnit() < 0.1 {
      problem.sinogram.elements[i] += 0.05
      problem.filled.elements[i] += 0.05
      count += 1
    }
    #expect(count > 60 && count < 160)
    let second = try search(problem)
    // The first rungs are the same for both, whatever errors they have.
    #expect(zip(first.rungs, second.rungs).prefix(3).allSatisfy { $0.strength == $1.strength })
    #expect(zip(first.rungs, second.rungs).allSatisfy { $0.error != $1.error })
    if first.rungs.count == second.rungs.count { #expect(second.slice == first.slice) }
  }

  @Test func knownNoiseIsWhatRemains() throws {
    for noise in [0.3, 1.5] {
      let problem = try problem(noise: noise)
      // Pixels have side 1: the sinogram's unit is the slice's.
      let level = noise / problem.scale
      let search = try search(problem, noise: level)
      let slice = try #require(search.slice)
      let residual = problem.residual(of: slice, weights: problem.weights)
      // The next stronger one of a ladder of factors of √2 left more than the noise.
      #expect(residual <= level && residual > 0.85 * level, "\(residual) \(level)")
      #expect(search.rungs.dropLast().allSatisfy { $0.error > level })
      #expect(search.strength == search.rungs.last?.strength)
    }
    // Noise that nothing reaches ends at the weakest.
    let last = try search(try problem(noise: 0.3), noise: 1e-9)
    #expect(last.strength == VariationSearch.weakest)
  }

  // MARK: Beside the prior

  private func searchBesidePrior(
    _ problem: SliceProblem, seed: UInt64 = 0, noise: Double? = nil, similarity: Double? = nil,
    afterRung: ((Double) -> Bool)? = nil
  ) throws -> VariationSearch {
    try VariationSearch(
      problem, given: nil, noise: noise, isNonNegative: true, seed: seed,
      settings: {
        SplitTargets.Settings(
          variation: $0, similarity: similarity, anchor: nil,
          views: problem.projector.scan.viewCount)
      }, afterRung: afterRung)
  }

  @Test func besidePriorTheWeakerStrengthIsTakenWhereItPredictsBetter() throws {
    var weaker = 0
    for (noise, seed) in [(0.3, UInt64(1)), (0.6, 2)] {
      let problem = try problem(noise: noise, views: 64)
      let alone = try search(problem, seed: seed)
      let found = try searchBesidePrior(problem, seed: seed)
      #expect(found.rungs == alone.rungs && found.slice == alone.slice)
      let ratio = alone.strength / found.strength
      #expect(ratio == 1 || abs(ratio - 2.squareRoot()) < 1e-9)
      if ratio > 1 { weaker += 1 }
    }
    #expect(weaker == 1)
  }

  @Test func withFewViewsOrNoPriorTheLadderDecides() throws {
    let few = try problem(noise: 0.6, views: 24)
    #expect(try searchBesidePrior(few).strength == search(few).strength)
    let many = try problem(noise: 0.6, views: 64)
    let alone = try search(many, seed: 2).strength
    var ladder = 0
    let unsmoothed = try searchBesidePrior(many, seed: 2, similarity: 0) { _ in
      ladder += 1
      return true
    }
    #expect(unsmoothed.strength == alone)
    // A search that is ended takes what it has.
    var calls = 0
    let ended = try searchBesidePrior(many, seed: 2) { _ in
      calls += 1
      return calls < ladder + 4
    }
    #expect(calls == ladder + 4)
    #expect(ended.strength == alone)
    let level = 0.6 / many.scale
    #expect(
      try searchBesidePrior(many, noise: level).strength == search(many, noise: level).strength)
  }

  @Test func theSeedDecides() throws {
    let problem = try problem(noise: 0.3)
    let (one, again, other) = (
      try search(problem, seed: 5), try search(problem, seed: 5), try search(problem, seed: 6)
    )
    #expect(one.rungs == again.rungs && one.slice == again.slice)
    #expect(one.rungs[0] != other.rungs[0])
  }

  @Test func aSearchThatIsEndedSaysSo() throws {
    let problem = try problem(noise: 0.3)
    func search(endedAfter most: Int) throws -> (search: VariationSearch, calls: Int) {
      var calls = 0
      let search = try VariationSearch(
        problem, given: nil, noise: nil, isNonNegative: true, seed: 0,
        afterRung: { _ in
          calls += 1
          return calls <= most
        })
      return (search, calls)
    }
    let whole = try search(endedAfter: .max)
    #expect(whole.search.isComplete && whole.calls > 3)
    for most in [0, 1, whole.calls - 1] {
      let ended = try search(endedAfter: most)
      #expect(!ended.search.isComplete && ended.calls == most + 1)
    }
    #expect(try search(endedAfter: whole.calls).search.isComplete)
  }

  @Test func whatIsGivenIsNotSearchedFor() throws {
    let search = try VariationSearch(
      try problem(noise: 0, views: 3), given: 0.7, noise: nil, isNonNegative: true, seed: 0)
    #expect(search.strength == 0.7 && search.rungs.isEmpty && search.slice == nil)
  }

  @Test func aHandfulOfRaysIsNotSearched() throws {
    let configuration = FitSample.configuration(
      ScanGeometry(angles: [0.2], binCount: 3), SliceGrid(rows: 4, columns: 4))
    let sinogram = Matrix(rows: 1, columns: 3, elements: [1, 2, 1])
    let problem = try SliceProblem(
      sinogram, configuration, weights: nil, workers: Workers(count: 1))
    // With most seeds none of the three is withheld.
    let searches = try (0..<20).map { try search(problem, seed: $0) }
    #expect(searches.count { $0.rungs.isEmpty && $0.strength == 1 } > 8)
  }
}
