import Compute

/// The slice of least total variation among those that explain the data about as well:
/// `min ½ Σ w (A x − b)² + λ Σ |∇x|`.
///
/// The method is that of ``TotalVariationSolver``; how to choose λ without the truth is known to
/// ``TotalVariationSelection``.
public struct TotalVariationReconstruction: IterativeReconstruction, Equatable {
  /// λ, in slice value × length² where the weights are 1.
  public var lambda: Double
  public var iterations: Int
  public var isNonNegative: Bool
  public var mask: [Bool]?
  public var weights: Matrix?
  public var tolerance: Double
  /// Differences below it count quadratically; in slice values.
  public var huber: Double
  public var steps = TotalVariationSolver.Steps()

  public init(
    lambda: Double, iterations: Int = 400, isNonNegative: Bool = true, mask: [Bool]? = nil,
    weights: Matrix? = nil, tolerance: Double = 0, huber: Double = 0
  ) {
    self.lambda = lambda
    self.iterations = iterations
    self.isNonNegative = isNonNegative
    self.mask = mask
    self.weights = weights
    self.tolerance = tolerance
    self.huber = huber
  }

  /// The residual that `afterIteration` hears of is that of the slice after the iteration.
  public func reconstruct(
    _ sinogram: Matrix, with projector: Projector, start: Matrix? = nil,
    afterIteration: IterationCallback? = nil
  ) throws -> Matrix {
    let solver = try solver(sinogram, with: projector, start: start)
    solver.iterate(count: iterations, tolerance: tolerance, afterIteration: afterIteration)
    return solver.slice
  }

  /// The solver of these options, before its first iteration.
  public func solver(_ sinogram: Matrix, with projector: Projector, start: Matrix? = nil)
    throws(IterativeReconstructionError) -> TotalVariationSolver
  {
    try TotalVariationSolver(
      sinogram, with: projector, lambda: lambda, isNonNegative: isNonNegative, mask: mask,
      weights: weights, start: start, huber: huber, steps: steps)
  }
}
