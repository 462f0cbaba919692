import Compute

/// The simultaneous iterative reconstruction technique: `x ← x + ω C Aᵀ R (b − A x)`.
///
/// R divides by the length of each ray, C by each pixel's sum over the rays, so a step of ω = 1 never
/// overshoots. Without non-negativity it tends to the least squares solution in which a ray of length
/// l counts w / l; stopping early is what regularises.
///
/// - Source: Gilbert, Iterative methods for the three-dimensional reconstruction of an object from
///   projections, J. Theor. Biol. 36 (1972); Gregor and Benson, Computational analysis and improvement
///   of SIRT, IEEE TMI 27 (2008). Weights w are ours: R becomes w / l, and C follows.
public struct SIRT: IterativeReconstruction, Equatable {
  public var iterations: Int
  public var isNonNegative: Bool
  public var mask: [Bool]?
  public var weights: Matrix?
  public var tolerance: Double
  /// ω, above 0 and below 2.
  public var relaxation: Double

  public init(
    iterations: Int = 200, isNonNegative: Bool = true, mask: [Bool]? = nil, weights: Matrix? = nil,
    tolerance: Double = 0, relaxation: Double = 1
  ) {
    self.iterations = iterations
    self.isNonNegative = isNonNegative
    self.mask = mask
    self.weights = weights
    self.tolerance = tolerance
    self.relaxation = relaxation
  }

  /// The residual that `afterIteration` hears of is that of the slice before the iteration.
  public func reconstruct(
    _ sinogram: Matrix, with projector: Projector, start: Matrix? = nil,
    afterIteration: IterationCallback? = nil
  ) throws -> Matrix {
    guard relaxation > 0 && relaxation < 2 else {
      throw IterativeReconstructionError.parameter(
        "the relaxation", value: relaxation, expected: "more than 0 and less than 2")
    }
    let problem = try problem(sinogram, projector)
    let slice = try problem.start(start, isNonNegative: isNonNegative)
    let steps = steps(of: problem)
    let rayScale = Plane(steps.ray, problem.workers)
    let pixelStep = Plane(steps.pixel, problem.workers)
    let change = Plane(rows: slice.rows, columns: slice.columns)
    let values = Plane(rows: sinogram.rows, columns: sinogram.columns)
    for iteration in 0..<max(iterations, 0) {
      values.load(projector.project(slice.matrix), problem.workers)
      let squares = scaledResidual(values, rayScale, problem)
      change.load(projector.backproject(values.matrix), problem.workers)
      let sums = update(slice, change, pixelStep, problem)
      if let afterIteration,
        !afterIteration(iteration + 1, (squares * problem.weightScale).squareRoot())
      {
        break
      }
      if tolerance > 0 && sums.first <= tolerance * tolerance * sums.second { break }
    }
    return slice.matrix
  }

  /// `w / l` a ray, and ω over a pixel's weighted sum, or 0 outside the mask and where no ray passes.
  private func steps(of problem: borrowing TomographyProblem) -> (ray: Matrix, pixel: Matrix) {
    let weights = problem.weights.matrix
    var ray = problem.rowSums()
    for i in ray.elements.indices { ray.elements[i] = weights.elements[i] / ray.elements[i] }
    var pixel = problem.projector.backproject(weights)
    let support = problem.support.matrix
    for i in pixel.elements.indices {
      let sum = pixel.elements[i]
      pixel.elements[i] = sum > 0 ? Float(relaxation) * support.elements[i] / sum : 0
    }
    return (ray, pixel)
  }

  /// Replaces `A x` by `R (b − A x)`.
  ///
  /// - Returns: the weighted sum of squares of the residual.
  private func scaledResidual(
    _ values: borrowing Plane, _ rayScale: borrowing Plane, _ problem: borrowing TomographyProblem
  ) -> Double {
    values.sum(problem.workers) { rows in
      var values = values.vectors(ofRows: rows)
      let measured = problem.measured.reading(rows: rows)
      let weights = problem.weights.reading(rows: rows)
      let scale = rayScale.reading(rows: rows)
      var sum = Vector(repeating: 0)
      for i in values.indices {
        let residual = measured[i] - values[i]
        sum.addProduct(weights[i] * residual, residual)
        values[i] = scale[i] * residual
      }
      return Sums(sum)
    }.first
  }

  /// - Returns: the sums of squares of the change and of the slice.
  private func update(
    _ slice: borrowing Plane, _ change: borrowing Plane, _ pixelStep: borrowing Plane,
    _ problem: borrowing TomographyProblem
  ) -> Sums {
    let floor = TomographyProblem.floor(isNonNegative)
    return slice.sum(problem.workers) { rows in
      var x = slice.vectors(ofRows: rows)
      let change = change.reading(rows: rows)
      let step = pixelStep.reading(rows: rows)
      var moved = Vector(repeating: 0)
      var norm = Vector(repeating: 0)
      for i in x.indices {
        let old = x[i]
        let new = atLeast(floor, old.addingProduct(step[i], change[i]))
        x[i] = new
        moved.addProduct(new - old, new - old)
        norm.addProduct(new, new)
      }
      return Sums(moved, norm)
    }
  }
}
