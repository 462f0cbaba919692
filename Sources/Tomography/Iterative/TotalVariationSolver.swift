import Compute
import Foundation

/// A primal-dual method for total variation that keeps its state, so that it can be continued, with
/// another strength, anchor or weights, from where it stands.
///
/// It minimises, over slices x that are zero outside the mask, and nowhere negative if asked,
///
///     ½ Σᵢ wᵢ (A x − b)ᵢ² + λ Σₚ ωₚ h(|∇x|ₚ) + ρ/2 ‖x − z‖²
///
/// where h(|∇x|ₚ) is the mean over a pixel's four corners of h of the length of the differences to the
/// neighbours there (to the right or left, and below or above), h(t) = t or Huber's function, and the
/// last term is the anchor. Steps, scaling, and how to choose λ are explained in
/// `Documentation/Math/total-variation.md`.
///
/// - Shapes: slices and ω `[rows, columns]`, sinogram and w `[views, bins]`.
/// - Units: A x is slice value × length. With w = 1, λ is in slice value × length², ρ in length².
/// - Source: Chambolle and Pock, A first-order primal-dual algorithm for convex problems, J. Math.
///   Imaging Vis. 40 (2011); Pock and Chambolle, Diagonal preconditioning for first order primal-dual
///   algorithms, ICCV 2011, equation 10 with α = 1; over-relaxed as in Condat, J. Optim. Theory Appl.
///   158 (2013).
public final class TotalVariationSolver {
  /// How far steps go, all without unit; the defaults were found by measurement.
  public struct Steps: Sendable, Equatable {
    /// The ratio of dual to primal steps, in rays' mean length, at first; a large one gets the coarse
    /// parts right within some 50 iterations.
    public var firstBalance = 0.3
    /// Iterations in which the ratio halves.
    public var halfLife = 20.0
    /// Where the ratio ends; a small one gets the fine parts right in the end.
    public var balance = 0.01
    /// How fast gradients' dual variables move: σ in λ over the size of slice values.
    public var gradientGain = 4.0
    /// Over-relaxation, at least 1 and below 2.
    public var relaxation = 1.9

    public init() {}

    /// The ratio that holds for ten iterations from `iteration` on.
    func balance(at iteration: Int) -> Double {
      max(balance, firstBalance * exp2(-Double(iteration) / halfLife))
    }
  }

  /// Iterations between changes of the steps.
  private static let stage = 10

  public let projector: Projector
  /// Whether the slice is kept from falling below zero.
  public let isNonNegative: Bool
  public let steps: Steps
  /// λ; a change holds from the next iteration on.
  public var lambda: Double { didSet { radiusIsStale = true } }
  /// Differences below it count quadratically: h(t) = t²/2δ there, t − δ/2 above; in slice values, 0
  /// for total variation itself.
  public var huber: Double
  public private(set) var iterationCount = 0
  /// `√Σ w (A x − b)²` of ``slice``.
  public private(set) var residualNorm = 0.0
  /// The norm of the last change of the slice over that of the slice.
  public private(set) var relativeChange = Double.infinity

  let state: State
  private var radiusIsStale = true
  private var gradientStep: Float = 0
  private var balance = 0.0
  private var anchorStrength = 0.0

  public init(
    _ sinogram: Matrix, with projector: Projector, lambda: Double, isNonNegative: Bool = true,
    mask: [Bool]? = nil, weights: Matrix? = nil, start: Matrix? = nil, huber: Double = 0,
    steps: Steps = Steps()
  ) throws(IterativeReconstructionError) {
    guard lambda >= 0 && lambda.isFinite else {
      throw .parameter("lambda", value: lambda, expected: "0 or more")
    }
    guard huber >= 0 && huber.isFinite else {
      throw .parameter("huber", value: huber, expected: "0 or more")
    }
    guard steps.balance > 0, steps.firstBalance > 0, steps.halfLife > 0, steps.gradientGain > 0,
      steps.relaxation >= 1, steps.relaxation < 2
    else {
      throw .parameter(
        "the relaxation", value: steps.relaxation,
        expected: "1 or more and less than 2, and other steps above 0")
    }
    let problem = try TomographyProblem(sinogram, projector, mask: mask, weights: weights)
    let first = try problem.start(start, isNonNegative: isNonNegative)
    state = State(problem, first, steps)
    if start != nil { state.moveDualToResidual() }
    self.projector = projector
    self.isNonNegative = isNonNegative
    self.steps = steps
    self.lambda = lambda
    self.huber = huber
  }

  // MARK: What may change on the way

  /// Sets ω, what the gradient at each pixel counts: 0 or more; nil for 1 everywhere.
  public func setTotalVariationWeights(_ weights: Matrix?) throws(IterativeReconstructionError) {
    if let weights {
      let grid = projector.grid
      try TomographyProblem.check(weights, "weights of the gradient", [grid.rows, grid.columns])
      if let low = weights.elements.first(where: { $0 < 0 }) {
        throw .parameter("a weight of the gradient", value: Double(low), expected: "0 or more")
      }
      state.gradientWeights.load(weights, projector.workers)
    } else {
      state.gradientWeights.fill(with: 1)
    }
    radiusIsStale = true
  }

  /// Sets z and ρ; a strength of 0 takes the anchor away.
  public func setAnchor(_ anchor: Matrix, strength: Double) throws(IterativeReconstructionError) {
    guard strength >= 0 && strength.isFinite else {
      throw .parameter("the anchor's strength", value: strength, expected: "0 or more")
    }
    let grid = projector.grid
    try TomographyProblem.check(anchor, "anchor", [grid.rows, grid.columns])
    state.anchor.load(anchor, projector.workers)
    anchorStrength = strength
  }

  // MARK: Iterating

  /// The slice so far.
  public var slice: Matrix { state.solution.matrix }

  /// Its sinogram, at no cost.
  public var projectedSlice: Matrix { state.solutionValues.matrix }

  /// - Parameters:
  ///   - count: iterations at most, each one projection and one back projection.
  ///   - tolerance: ends when the slice changes by less than this share of its norm.
  ///   - afterIteration: gets the iterations since the solver was made; ends by returning false.
  /// - Returns: whether `afterIteration` let all of them go on.
  @discardableResult
  public func iterate(
    count: Int, tolerance: Double = 0, afterIteration: IterationCallback? = nil
  ) -> Bool {
    for _ in 0..<max(count, 0) {
      step()
      if let afterIteration, !afterIteration(iterationCount, residualNorm) { return false }
      if tolerance > 0 && relativeChange <= tolerance { break }
    }
    return true
  }

  /// Makes the next iteration number `iteration`, counted from 0.
  func takeUp(iteration: Int) {
    iterationCount = iteration
    balance = 0
    radiusIsStale = true
  }

  private func step() {
    let scale = 1 / state.problem.weightScale
    if iterationCount.isMultiple(of: Self.stage) && balance != steps.balance {
      radiusIsStale = true
    }
    if radiusIsStale {
      balance = steps.balance(at: iterationCount / Self.stage * Self.stage)
      gradientStep = state.setLambda(
        lambda * scale, balance: balance, gain: steps.gradientGain)
      radiusIsStale = false
    }
    let sums = state.moveSlice(
      anchorStrength: Float(anchorStrength * scale), isNonNegative: isNonNegative)
    state.moveGradientDual(step: gradientStep, huber: huber)
    residualNorm = (state.moveDataDual() * state.problem.weightScale).squareRoot()
    iterationCount += 1
    // From zero, the first iteration moves the dual variables alone.
    let changeOfZero = iterationCount > 1 ? 0 : Double.infinity
    relativeChange = sums.second > 0 ? (sums.first / sums.second).squareRoot() : changeOfZero
  }

  // MARK: Objective

  /// The terms of the objective at ``slice``, in double precision, without the factors ½, λ and ρ/2:
  /// the weighted sum of squares, `Σ ω h(|∇x|)`, and `‖x − z‖²`.
  public var terms: (residual: Double, totalVariation: Double, anchor: Double) {
    let slice = slice
    let distance = zip(slice.elements, state.anchor.matrix.elements).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    let variation = slice.totalVariation(
      weights: state.gradientWeights.matrix.elements, huber: huber)
    return (residualNorm * residualNorm, variation, anchorStrength > 0 ? distance : 0)
  }

  /// What is minimised, at ``slice``.
  public var objective: Double {
    let terms = terms
    return terms.residual / 2 + lambda * terms.totalVariation + anchorStrength / 2 * terms.anchor
  }
}

extension Matrix {
  /// `Σ ω h(|∇x|)`, at each pixel the mean over the four corners: with the difference to the right or
  /// to the left, and the one to below or above, each zero where there is no neighbour.
  ///
  /// - Parameter huber: where h turns from quadratic to linear; h(t) = t for 0.
  public func totalVariation(weights: [Float]? = nil, huber: Double = 0) -> Double {
    func difference(_ row: Int, _ column: Int, from value: Double) -> Double {
      (0..<rows).contains(row) && (0..<columns).contains(column)
        ? Double(self[row, column]) - value : 0
    }
    func penalty(_ x: Double, _ y: Double) -> Double {
      let length = (x * x + y * y).squareRoot()
      return length > huber ? length - huber / 2 : length > 0 ? length * length / (2 * huber) : 0
    }
    var sum = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let here = Double(self[row, column])
        let (right, left) = (
          difference(row, column + 1, from: here), difference(row, column - 1, from: here)
        )
        let (below, above) = (
          difference(row + 1, column, from: here), difference(row - 1, column, from: here)
        )
        let corners =
          penalty(right, below) + penalty(left, below) + penalty(right, above)
          + penalty(left, above)
        sum += Double(weights?[row * columns + column] ?? 1) * corners / 4
      }
    }
    return sum
  }
}
