import Compute

/// Conjugate gradients on the normal equations of `min Σ w (A x − b)²`.
///
/// Least squares in fewest steps; with noise, or few views, the number of iterations is what
/// regularises.
///
/// Non-negativity: after every ``restartInterval`` iterations, and at the end, the slice is clipped at
/// zero, and conjugate gradients start afresh from there. The slice is never negative then, and close
/// to the non-negative least squares solution, without the guarantee to tend to it.
///
/// - Source: Hestenes and Stiefel, Methods of conjugate gradients for solving linear systems (1952),
///   section 10; Björck, Numerical methods for least squares problems (1996), algorithm 7.4.1.
public struct CGLS: IterativeReconstruction, Equatable {
  public var iterations: Int
  public var isNonNegative: Bool
  public var mask: [Bool]?
  public var weights: Matrix?
  public var tolerance: Double
  /// Iterations between two clippings; 0 for one at the end alone.
  public var restartInterval: Int

  public init(
    iterations: Int = 20, isNonNegative: Bool = false, mask: [Bool]? = nil, weights: Matrix? = nil,
    tolerance: Double = 0, restartInterval: Int = 5
  ) {
    self.iterations = iterations
    self.isNonNegative = isNonNegative
    self.mask = mask
    self.weights = weights
    self.tolerance = tolerance
    self.restartInterval = restartInterval
  }

  /// The residual that `afterIteration` hears of is that of the slice after the iteration.
  public func reconstruct(
    _ sinogram: Matrix, with projector: Projector, start: Matrix? = nil,
    afterIteration: IterationCallback? = nil
  ) throws -> Matrix {
    let problem = try problem(sinogram, projector)
    let slice = try problem.start(start, isNonNegative: isNonNegative)
    let state = State(problem, slice)
    var progress = state.restart()
    for iteration in 0..<max(iterations, 0) {
      if isNonNegative && restartInterval > 0 && iteration > 0
        && iteration.isMultiple(of: restartInterval)
      {
        state.problem.restrict(state.slice, isNonNegative: true)
        progress = state.restart()
      }
      let sums = state.step(&progress)
      if let afterIteration,
        !afterIteration(iteration + 1, (progress.squares * state.problem.weightScale).squareRoot())
      {
        break
      }
      if tolerance > 0 && sums.first <= tolerance * tolerance * sums.second { break }
    }
    if isNonNegative { state.problem.restrict(state.slice, isNonNegative: true) }
    return state.slice.matrix
  }
}

extension CGLS {
  private struct Progress {
    /// `Σ w (A x − b)²`.
    var squares: Double
    /// The sum of squares of the gradient.
    var steepness: Double
  }

  /// Slice, residual and direction from step to step.
  private struct State: ~Copyable, Sendable {
    let problem: TomographyProblem
    let slice: Plane
    private let residual: Plane
    /// The weighted residual, then the projected direction.
    private let values: Plane
    private let gradient: Plane
    private let direction: Plane

    init(_ problem: consuming TomographyProblem, _ slice: consuming Plane) {
      let (views, bins) = (problem.measured.rows, problem.measured.columns)
      residual = Plane(rows: views, columns: bins)
      values = Plane(rows: views, columns: bins)
      gradient = Plane(rows: slice.rows, columns: slice.columns)
      direction = Plane(rows: slice.rows, columns: slice.columns)
      self.problem = problem
      self.slice = slice
    }

    /// Takes the residual of the slice as it is, and forgets the directions taken.
    func restart() -> Progress {
      values.load(problem.projector.project(slice.matrix), problem.workers)
      residual.forEachBand(problem.workers) { rows in
        var residual = residual.vectors(ofRows: rows)
        let values = values.reading(rows: rows)
        let measured = problem.measured.reading(rows: rows)
        for i in residual.indices { residual[i] = measured[i] - values[i] }
      }
      let squares = moveResidual(by: 0)
      return Progress(squares: squares, steepness: turn(after: 0))
    }

    /// - Returns: the sums of squares of the change and of the slice.
    func step(_ progress: inout Progress) -> Sums {
      values.load(problem.projector.project(direction.matrix), problem.workers)
      let curvature = values.sum(problem.workers) { rows in
        let values = values.reading(rows: rows)
        let weights = problem.weights.reading(rows: rows)
        var sum = Vector(repeating: 0)
        for i in values.indices { sum.addProduct(weights[i] * values[i], values[i]) }
        return Sums(sum)
      }.first
      guard curvature > 0 && progress.steepness > 0 else { return Sums() }
      let length = Float(progress.steepness / curvature)
      let sums = moveSlice(by: length)
      progress.squares = moveResidual(by: length)
      progress.steepness = turn(after: progress.steepness)
      return sums
    }

    private func moveSlice(by length: Float) -> Sums {
      let length = Vector(repeating: length)
      return slice.sum(problem.workers) { rows in
        var x = slice.vectors(ofRows: rows)
        let direction = direction.reading(rows: rows)
        var moved = Vector(repeating: 0)
        var norm = Vector(repeating: 0)
        for i in x.indices {
          let change = length * direction[i]
          x[i] += change
          moved.addProduct(change, change)
          norm.addProduct(x[i], x[i])
        }
        return Sums(moved, norm)
      }
    }

    /// Takes `length` projected directions off the residual, and puts the weighted residual in their
    /// place.
    ///
    /// - Returns: the weighted sum of squares of the residual.
    private func moveResidual(by length: Float) -> Double {
      let length = Vector(repeating: length)
      return residual.sum(problem.workers) { rows in
        var residual = residual.vectors(ofRows: rows)
        var values = values.vectors(ofRows: rows)
        let weights = problem.weights.reading(rows: rows)
        var sum = Vector(repeating: 0)
        for i in residual.indices {
          let new = residual[i] - length * values[i]
          residual[i] = new
          values[i] = weights[i] * new
          sum.addProduct(values[i], new)
        }
        return Sums(sum)
      }.first
    }

    /// Takes the gradient at the slice, and the direction conjugate to the last, if there was one.
    ///
    /// - Returns: the sum of squares of the gradient.
    private func turn(after steepness: Double) -> Double {
      gradient.load(problem.projector.backproject(values.matrix), problem.workers)
      let square = gradient.sum(problem.workers) { rows in
        var gradient = gradient.vectors(ofRows: rows)
        let support = problem.support.reading(rows: rows)
        var sum = Vector(repeating: 0)
        for i in gradient.indices {
          gradient[i] *= support[i]
          sum.addProduct(gradient[i], gradient[i])
        }
        return Sums(sum)
      }.first
      let share = Vector(repeating: steepness > 0 ? Float(square / steepness) : 0)
      direction.forEachBand(problem.workers) { rows in
        var direction = direction.vectors(ofRows: rows)
        let gradient = gradient.reading(rows: rows)
        for i in direction.indices { direction[i] = gradient[i].addingProduct(share, direction[i]) }
      }
      return square
    }
  }
}
