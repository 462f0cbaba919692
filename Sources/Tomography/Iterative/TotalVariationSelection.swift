import Compute
import Foundation

/// Finds the λ of total variation without the truth, on a ladder of values from large to small, each
/// solved from where the last one ended.
///
/// - Held-out views: λ is that whose slice predicts best the views that it has not seen; the minimum
///   is interpolated between the rungs. All views are then solved with λ times their number over that
///   of the views used, which keeps the terms' balance.
/// - Discrepancy principle: the λ whose residual is as large as the noise.
///
/// - Source: Morozov, On the solution of functional equations by the method of regularization, Soviet
///   Math. Dokl. 7 (1966), for the discrepancy principle.
public struct TotalVariationSelection: Sendable, Equatable {
  public enum Criterion: Sendable, Equatable {
    /// Every kth view is held out; k is 2 or more.
    case heldOutViews(every: Int)
    /// The standard deviation of a ray's value; with weights, that of a ray of weight 1, so that
    /// weights `1/σᵢ²` go with a noise of 1.
    case discrepancy(noise: Double)
  }

  /// One value of the ladder.
  public struct Rung: Sendable, Equatable {
    public let lambda: Double
    /// The root of the weighted mean square residual, of the views held out or of all.
    public let error: Double
  }

  public struct Result: Sendable {
    /// λ for all views.
    public let lambda: Double
    /// The λ chosen on the ladder; the same unless views were held out.
    public let ladderLambda: Double
    public let rungs: [Rung]
    public let slice: Matrix
  }

  /// What is done with all data in the end; its λ is ignored.
  public var reconstruction: TotalVariationReconstruction
  public var criterion: Criterion
  /// Iterations a rung.
  public var rungIterations: Int
  /// λ of a rung over λ of the next.
  public var ratio: Double
  public var maximumRungs: Int
  /// The largest λ; where it is not given, four times what the roughness of the data would need if
  /// all of it were noise.
  public var firstLambda: Double?

  public init(
    _ reconstruction: TotalVariationReconstruction = TotalVariationReconstruction(lambda: 0),
    criterion: Criterion = .heldOutViews(every: 5), rungIterations: Int = 80, ratio: Double = 2,
    maximumRungs: Int = 14, firstLambda: Double? = nil
  ) {
    self.reconstruction = reconstruction
    self.criterion = criterion
    self.rungIterations = rungIterations
    self.ratio = ratio
    self.maximumRungs = maximumRungs
    self.firstLambda = firstLambda
  }

  /// - Parameter afterRung: ends the ladder by returning false; what was found so far is used.
  public func reconstruct(
    _ sinogram: Matrix, with projector: Projector, afterRung: ((Rung) -> Bool)? = nil,
    afterIteration: IterationCallback? = nil
  ) throws(IterativeReconstructionError) -> Result {
    try check()
    switch criterion {
    case .heldOutViews(let k):
      return try byHeldOutViews(every: k, sinogram, projector, afterRung, afterIteration)
    case .discrepancy(let noise):
      return try byDiscrepancy(noise, sinogram, projector, afterRung, afterIteration)
    }
  }

  private func check() throws(IterativeReconstructionError) {
    if case .heldOutViews(let k) = criterion, k < 2 {
      throw .parameter("the distance of views held out", value: Double(k), expected: "2 or more")
    }
    if case .discrepancy(let noise) = criterion, !(noise > 0) {
      throw .parameter("the noise", value: noise, expected: "more than 0")
    }
    guard ratio > 1 else { throw .parameter("the ratio", value: ratio, expected: "more than 1") }
    guard maximumRungs > 0 else {
      throw .parameter("the number of rungs", value: Double(maximumRungs), expected: "1 or more")
    }
    if let firstLambda, !(firstLambda > 0) {
      throw .parameter("the first lambda", value: firstLambda, expected: "more than 0")
    }
  }

  // MARK: Criteria

  private func byHeldOutViews(
    every k: Int, _ sinogram: Matrix, _ projector: Projector, _ afterRung: ((Rung) -> Bool)?,
    _ afterIteration: IterationCallback?
  ) throws(IterativeReconstructionError) -> Result {
    let scan = projector.scan
    let views = 0..<scan.viewCount
    // From the middle of the first k on, so that views on both sides stay.
    let unseen = views.filter { $0 % k == k / 2 }
    let seen = views.filter { $0 % k != k / 2 }
    guard !unseen.isEmpty, !seen.isEmpty else {
      throw .tooFewViews(found: views.count, needed: k / 2 + 1)
    }
    try TomographyProblem.check(sinogram, "sinogram", [scan.viewCount, scan.binCount])
    if let weights = reconstruction.weights {
      try TomographyProblem.check(weights, "weights", [scan.viewCount, scan.binCount])
    }
    var options = reconstruction
    options.weights = reconstruction.weights?.keeping(rows: seen)
    let trained = projector.keeping(views: seen)
    let data = sinogram.keeping(rows: seen)
    options.lambda = firstLambda ?? roughLambda(data, trained, options.weights)
    let judge = projector.keeping(views: unseen)
    let (truth, weights) = (
      sinogram.keeping(rows: unseen), reconstruction.weights?.keeping(rows: unseen)
    )
    let solver = try options.solver(data, with: trained)
    var best = (error: Double.infinity, slice: solver.slice)
    let rungs = descend(solver, afterRung, until: Self.isPastMinimum) { solver in
      let slice = solver.slice
      let error = Self.deviation(judge.project(slice), from: truth, weights)
      if error < best.error { best = (error, slice) }
      return error
    }
    let chosen = Self.minimum(of: rungs)
    options = reconstruction
    options.lambda = chosen * Double(views.count) / Double(seen.count)
    let final = try options.solver(sinogram, with: projector, start: best.slice)
    final.iterate(
      count: options.iterations, tolerance: options.tolerance, afterIteration: afterIteration)
    return Result(lambda: options.lambda, ladderLambda: chosen, rungs: rungs, slice: final.slice)
  }

  private func byDiscrepancy(
    _ noise: Double, _ sinogram: Matrix, _ projector: Projector, _ afterRung: ((Rung) -> Bool)?,
    _ afterIteration: IterationCallback?
  ) throws(IterativeReconstructionError) -> Result {
    var options = reconstruction
    options.lambda = firstLambda ?? roughLambda(sinogram, projector, options.weights)
    let solver = try options.solver(sinogram, with: projector)
    // Rays that count, each with a variance of noise² / w.
    let rays = options.weights?.elements.filter { $0 > 0 }.count ?? sinogram.elements.count
    let isDone = { (rungs: [Rung]) in (rungs.last?.error ?? 0) <= noise }
    let rungs = descend(solver, afterRung, until: isDone) { solver in
      solver.residualNorm / Double(max(rays, 1)).squareRoot()
    }
    let chosen = Self.crossing(of: rungs, at: noise)
    solver.lambda = chosen
    solver.iterate(
      count: options.iterations, tolerance: options.tolerance, afterIteration: afterIteration)
    return Result(lambda: chosen, ladderLambda: chosen, rungs: rungs, slice: solver.slice)
  }

  private func descend(
    _ solver: TotalVariationSolver, _ afterRung: ((Rung) -> Bool)?, until isDone: ([Rung]) -> Bool,
    _ error: (TotalVariationSolver) -> Double
  ) -> [Rung] {
    var rungs: [Rung] = []
    while true {
      solver.iterate(count: rungIterations)
      let rung = Rung(lambda: solver.lambda, error: error(solver))
      rungs.append(rung)
      let goesOn = afterRung?(rung) ?? true
      if !goesOn || rungs.count >= maximumRungs || isDone(rungs) { return rungs }
      solver.lambda /= ratio
    }
  }

  /// Four times the standard deviation that the gradient of the data term would have if all roughness
  /// of the data along the bins were noise: an upper bound, with structure in it.
  private func roughLambda(_ sinogram: Matrix, _ projector: Projector, _ weights: Matrix?) -> Double
  {
    var (sum, count) = (0.0, 0.0)
    for view in 0..<sinogram.rows {
      for bin in stride(from: 1, to: sinogram.columns - 1, by: 1) {
        let bend =
          Double(sinogram[view, bin - 1]) - 2 * Double(sinogram[view, bin])
          + Double(sinogram[view, bin + 1])
        // Three values of variance σ² make one of variance 6 σ².
        sum += Double(weights?[view, bin] ?? 1) * bend * bend / 6
        count += 1
      }
    }
    let ones = [Float](repeating: 1, count: sinogram.elements.count)
    let columnSums = projector.backproject(
      weights ?? Matrix(rows: sinogram.rows, columns: sinogram.columns, elements: ones))
    let mean =
      columnSums.elements.reduce(0) { $0 + Double($1) } / Double(columnSums.elements.count)
    let bound = 4 * (sum / max(count, 1) * mean * projector.grid.pixelSize).squareRoot()
    return bound > 0 ? bound : 1
  }

  // MARK: Choosing

  /// Whether the error has been above its minimum twice in a row.
  static func isPastMinimum(_ rungs: [Rung]) -> Bool {
    guard let lowest = rungs.map(\.error).min(), rungs.count > 2 else { return false }
    return rungs.suffix(2).allSatisfy { $0.error > lowest }
  }

  /// The λ of the smallest error, by a parabola through it and its neighbours over log λ.
  static func minimum(of rungs: [Rung]) -> Double {
    guard let i = rungs.indices.min(by: { rungs[$0].error < rungs[$1].error }) else { return 0 }
    guard i > 0, i + 1 < rungs.count else { return rungs[i].lambda }
    let (a, b, c) = (rungs[i - 1].error, rungs[i].error, rungs[i + 1].error)
    let bend = a - 2 * b + c
    guard bend > 0 else { return rungs[i].lambda }
    let shift = 0.5 * (a - c) / bend
    let step = log(rungs[i + 1].lambda / rungs[i].lambda)
    return rungs[i].lambda * exp(min(max(shift, -0.5), 0.5) * step)
  }

  /// The λ at which the error falls to `level`, log-linear between rungs.
  static func crossing(of rungs: [Rung], at level: Double) -> Double {
    guard let last = rungs.last else { return 0 }
    guard rungs.count > 1, last.error < level else { return last.lambda }
    let before = rungs[rungs.count - 2]
    guard before.error > level, last.error > 0 else { return last.lambda }
    let share = log(before.error / level) / log(before.error / last.error)
    return before.lambda * exp(share * log(last.lambda / before.lambda))
  }

  private static func deviation(_ found: Matrix, from truth: Matrix, _ weights: Matrix?) -> Double {
    var (sum, total) = (0.0, 0.0)
    for i in found.elements.indices {
      let difference = Double(found.elements[i] - truth.elements[i])
      let weight = Double(weights?.elements[i] ?? 1)
      sum += weight * difference * difference
      total += weight
    }
    return total > 0 ? (sum / total).squareRoot() : 0
  }
}

extension Matrix {
  /// Some of the rows.
  fileprivate func keeping(rows: [Int]) -> Matrix {
    let kept = rows.flatMap { elements[$0 * columns..<($0 + 1) * columns] }
    return Matrix(rows: rows.count, columns: columns, elements: kept)
  }
}
