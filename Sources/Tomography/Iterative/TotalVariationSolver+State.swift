import Compute

extension TotalVariationSolver {
  /// The variables of the iteration, and its three passes over them.
  ///
  /// With y = (q, u) the dual variables of rays and gradients, K = (A, ∇) and r the relaxation:
  ///
  ///     x̃ = prox(x − τ Kᵀ y)            x ← x + r (x̃ − x)
  ///     ỹ = prox(y + σ K (2 x̃ − x))     y ← y + r (ỹ − y)
  struct State: ~Copyable, Sendable {
    let problem: TomographyProblem
    let relaxation: Vector
    /// x, x̃, and 2 x̃ − x.
    let slice: Plane
    let solution: Plane
    let ahead: Plane
    /// A x and A x̃, which follow from the projections of 2 x̃ − x.
    let sliceValues: Plane
    let solutionValues: Plane
    /// q, the weighted residual in the end.
    let dataDual: Plane
    /// u, for each corner of length λ ω / 4 at most.
    let gradientDual: GradientDual
    let anchor: Plane
    let gradientWeights: Plane
    /// λ ω / 4.
    let radius: Plane
    /// τ, 0 outside the mask.
    let primalStep: Plane
    /// q̃ = damping · q + dataStep · (A (2 x̃ − x) − b).
    let damping: Plane
    let dataStep: Plane
    private let sums: OperatorSums
    private let pixelValues: Plane
    private let rayValues: Plane

    init(_ problem: consuming TomographyProblem, _ start: consuming Plane, _ steps: Steps) {
      relaxation = Vector(repeating: Float(steps.relaxation))
      let (rows, columns) = (start.rows, start.columns)
      let (views, bins) = (problem.measured.rows, problem.measured.columns)
      solution = Plane(start.matrix, problem.workers)
      ahead = Plane(rows: rows, columns: columns)
      pixelValues = Plane(rows: rows, columns: columns)
      sliceValues = Plane(problem.projector.project(start.matrix), problem.workers)
      solutionValues = Plane(sliceValues.matrix, problem.workers)
      dataDual = Plane(rows: views, columns: bins)
      rayValues = Plane(rows: views, columns: bins)
      gradientDual = GradientDual(rows: rows, columns: columns)
      anchor = Plane(rows: rows, columns: columns)
      gradientWeights = Plane(rows: rows, columns: columns, value: 1)
      radius = Plane(rows: rows, columns: columns)
      sums = OperatorSums(problem)
      primalStep = Plane(rows: rows, columns: columns)
      damping = Plane(rows: views, columns: bins)
      dataStep = Plane(rows: views, columns: bins)
      slice = start
      self.problem = problem
    }

    /// Sets q to what it is in the end, the weighted residual, here of the slice as it is: good from a
    /// start near the solution; from zero it is better to begin with zero.
    func moveDualToResidual() {
      dataDual.forEachBand(problem.workers) { rows in
        var dual = dataDual.vectors(ofRows: rows)
        let values = sliceValues.reading(rows: rows)
        let measured = problem.measured.reading(rows: rows)
        let weights = problem.weights.reading(rows: rows)
        for i in dual.indices { dual[i] = weights[i] * (values[i] - measured[i]) }
      }
    }

    /// Takes up another λ: the radii, and the steps that suit it.
    ///
    /// - Returns: σ of the gradients.
    func setLambda(_ lambda: Double, balance: Double, gain: Double) -> Float {
      let factor = Vector(repeating: Float(lambda / 4))
      let total = radius.sum(problem.workers) { rows in
        var radius = radius.vectors(ofRows: rows)
        let weights = gradientWeights.reading(rows: rows)
        var sum = Vector(repeating: 0)
        for i in radius.indices {
          radius[i] = factor * weights[i]
          sum += radius[i]
        }
        return Sums(sum)
      }.first
      let sizes = sums.stepSizes(
        balance, gain, meanRadius: total / Double(radius.rows * radius.columns))
      primalStep.load(sizes.primal, problem.workers)
      damping.load(sizes.damping, problem.workers)
      dataStep.load(sizes.data, problem.workers)
      return sizes.gradient
    }

    // MARK: Primal

    /// - Returns: the sums of squares of the slice's change and of the slice.
    func moveSlice(anchorStrength: Float, isNonNegative: Bool) -> Sums {
      pixelValues.load(problem.projector.backproject(dataDual.matrix), problem.workers)
      let floor = TomographyProblem.floor(isNonNegative)
      let strength = Vector(repeating: anchorStrength)
      return slice.sum(problem.workers) { rows in
        var moved = Vector(repeating: 0)
        var norm = Vector(repeating: 0)
        for row in rows {
          var x = slice.vectors(ofRow: row)
          var found = solution.vectors(ofRow: row)
          var beyond = ahead.vectors(ofRow: row)
          let data = pixelValues.reading(row: row)
          let step = primalStep.reading(row: row)
          let target = anchor.reading(row: row)
          let around = gradientDual.rows(around: row)
          var carried: Float = 0
          for i in x.indices {
            let gradient = data[i] + around.transposedGradient(at: i, carrying: &carried)
            let old = x[i]
            let pull = strength * step[i]
            let free = old - step[i] * gradient
            let new = atLeast(floor, free.addingProduct(pull, target[i]) / (pull + 1))
            let change = new - found[i]
            found[i] = new
            beyond[i] = new + new - old
            x[i] = old.addingProduct(relaxation, new - old)
            moved.addProduct(change, change)
            norm.addProduct(new, new)
          }
        }
        return Sums(moved, norm)
      }
    }

    // MARK: Dual

    func moveGradientDual(step: Float, huber: Double) {
      gradientDual.move(
        along: ahead, radius: radius, step: step, huber: Float(huber),
        relaxation: relaxation, problem.workers)
    }

    /// - Returns: the weighted sum of squares of the solution's residual.
    func moveDataDual() -> Double {
      rayValues.load(problem.projector.project(ahead.matrix), problem.workers)
      let half = Vector(repeating: 0.5)
      return rayValues.sum(problem.workers) { rows in
        let values = rayValues.reading(rows: rows)
        var current = sliceValues.vectors(ofRows: rows)
        var solution = solutionValues.vectors(ofRows: rows)
        var dual = dataDual.vectors(ofRows: rows)
        let damping = damping.reading(rows: rows)
        let steps = dataStep.reading(rows: rows)
        let measured = problem.measured.reading(rows: rows)
        let weights = problem.weights.reading(rows: rows)
        var sum = Vector(repeating: 0)
        for i in values.indices {
          let old = current[i]
          let found = half * (values[i] + old)
          current[i] = old.addingProduct(relaxation, found - old)
          solution[i] = found
          let residual = found - measured[i]
          sum.addProduct(weights[i] * residual, residual)
          let new = (damping[i] * dual[i]).addingProduct(steps[i], values[i] - measured[i])
          dual[i] += relaxation * (new - dual[i])
        }
        return Sums(sum)
      }.first
    }
  }
}

extension Plane {
  /// Sets all elements, but not the padding.
  func fill(with value: Float) {
    for row in 0..<rows {
      var target = floats(ofRow: row)
      for i in target.indices { target[i] = value }
    }
  }
}
