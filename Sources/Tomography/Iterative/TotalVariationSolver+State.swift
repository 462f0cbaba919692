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
    /// u, of length λ ω at most; a row holds the horizontal components, then the vertical ones.
    let gradientDual: Plane
    let anchor: Plane
    let gradientWeights: Plane
    /// λ ω.
    let radius: Plane
    /// τ, 0 outside the mask.
    let primalStep: Plane
    /// q̃ = damping · q + dataStep · (A (2 x̃ − x) − b).
    let damping: Plane
    let dataStep: Plane
    private let sums: OperatorSums
    /// 1 where a pixel has a neighbour on the right.
    let hasRight: Plane
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
      gradientDual = Plane(rows: 2 * rows, columns: columns)
      anchor = Plane(rows: rows, columns: columns)
      gradientWeights = Plane(rows: rows, columns: columns, value: 1)
      radius = Plane(rows: rows, columns: columns)
      sums = OperatorSums(problem)
      primalStep = Plane(rows: rows, columns: columns)
      damping = Plane(rows: views, columns: bins)
      dataStep = Plane(rows: views, columns: bins)
      let inner = (1...columns).map { Float($0 < columns ? 1 : 0) }
      hasRight = Plane(Matrix(rows: 1, columns: columns, elements: inner), Workers(count: 1))
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
      let factor = Vector(repeating: Float(lambda))
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
      let zeros = Plane(rows: 1, columns: slice.columns)
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
          let right = gradientDual.reading(row: 2 * row)
          let below = gradientDual.reading(row: 2 * row + 1)
          let above =
            row > 0 ? gradientDual.reading(row: 2 * row - 1) : zeros.reading(row: 0)
          var carried: Float = 0
          for i in x.indices {
            let horizontal = right[i]
            let gradient =
              data[i] + (shiftedUp(horizontal, carrying: carried) - horizontal)
              + (above[i] - below[i])
            carried = horizontal[15]
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

    func moveGradientDual(step gradientStep: Float, huber: Double) {
      let sigma = Vector(repeating: gradientStep)
      let softening = Vector(repeating: gradientStep * Float(huber) + .leastNormalMagnitude)
      ahead.forEachBand(problem.workers) { rows in
        for row in rows {
          let isLast = row + 1 == ahead.rows
          let x = ahead.reading(row: row)
          let next = ahead.reading(row: isLast ? row : row + 1)
          let radius = radius.reading(row: row)
          let inner = hasRight.reading(row: 0)
          var horizontal = gradientDual.vectors(ofRow: 2 * row)
          var vertical = gradientDual.vectors(ofRow: 2 * row + 1)
          for i in x.indices {
            let following = i + 1 < x.count ? x[i + 1][0] : 0
            let dx = (shiftedDown(x[i], carrying: following) - x[i]) * inner[i]
            let dy = next[i] - x[i]
            let (oldX, oldY) = (horizontal[i], vertical[i])
            let freeX = oldX.addingProduct(sigma, dx)
            let freeY = oldY.addingProduct(sigma, dy)
            let length = (freeX * freeX).addingProduct(freeY, freeY).squareRoot()
            let factor = radius[i] / atLeast(radius[i] + softening, length)
            horizontal[i] = oldX.addingProduct(relaxation, factor * freeX - oldX)
            vertical[i] = oldY.addingProduct(relaxation, factor * freeY - oldY)
          }
        }
      }
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

/// The row and column sums of √w A, and what the data say about the size of slice values.
private struct OperatorSums: Sendable {
  /// √wᵢ, and the length of ray i.
  let roots: Matrix
  let lengths: Matrix
  /// `Σᵢ √wᵢ aᵢⱼ`, below 0 outside the mask.
  let columnSums: Matrix
  let meanColumnSum: Double
  let meanLength: Double
  let typicalValue: Double

  init(_ problem: borrowing TomographyProblem) {
    var roots = problem.weights.matrix
    for i in roots.elements.indices { roots.elements[i] = roots.elements[i].squareRoot() }
    lengths = problem.rowSums()
    let inside = problem.support.matrix.elements
    var columnSums = problem.projector.backproject(roots)
    var (total, pixels) = (0.0, 0.0)
    for i in inside.indices {
      if inside[i] > 0 {
        total += Double(columnSums.elements[i])
        pixels += 1
      } else {
        columnSums.elements[i] = -1
      }
    }
    var (values, length, squares, rays) = (0.0, 0.0, 0.0, 0.0)
    let measured = problem.measured.matrix.elements
    // A ray of weight 0 is not there.
    for i in measured.indices where roots.elements[i] > 0 {
      let (value, ray) = (measured[i], lengths.elements[i])
      rays += 1
      values += Double(value) * Double(value)
      squares += Double(ray) * Double(ray)
      length += Double(ray)
    }
    self.roots = roots
    self.columnSums = columnSums
    meanColumnSum = total > 0 ? total / pixels : 1
    meanLength = rays > 0 ? length / rays : 1
    typicalValue = values > 0 && squares > 0 ? (values / squares).squareRoot() : 1
  }

  /// The steps of Pock and Chambolle for K = (√w A, s ∇), written for unscaled dual variables:
  ///
  ///     τ = 1 / (η (Σᵢ √wᵢ aᵢⱼ + 4 s)),   σᵢ = η / (√wᵢ Σⱼ aᵢⱼ),   σ = s η / 2 for u
  func stepSizes(_ balance: Double, _ gain: Double, meanRadius: Double)
    -> (primal: Matrix, damping: Matrix, data: Matrix, gradient: Float)
  {
    // Where λ is so large that the slice becomes constant, its size does not matter any more.
    let largest = 0.1 * meanColumnSum * meanLength
    let sigma = gain * min(meanRadius / typicalValue, largest)
    let eta = max(balance * meanLength, 8 * sigma / meanColumnSum)
    var primal = columnSums
    for i in primal.elements.indices {
      let sum = Double(columnSums.elements[i])
      let bound = eta * sum + 8 * sigma
      primal.elements[i] = sum >= 0 && bound > 0 ? Float(1 / bound) : 0
    }
    var (damping, data) = (lengths, lengths)
    for i in lengths.elements.indices {
      let root = roots.elements[i]
      let sum = root * lengths.elements[i]
      damping.elements[i] = sum / (sum + Float(eta))
      data.elements[i] = Float(eta) * root * root / (sum + Float(eta))
    }
    return (primal, damping, data, Float(sigma))
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

/// Each lane from the one before it, the first from outside.
@inline(always)
private func shiftedUp(_ x: Vector, carrying first: Float) -> Vector {
  Vector(
    lowHalf: SIMD8(first, x[0], x[1], x[2], x[3], x[4], x[5], x[6]),
    highHalf: SIMD8(x[7], x[8], x[9], x[10], x[11], x[12], x[13], x[14]))
}

/// Each lane from the one after it, the last from outside.
@inline(always)
private func shiftedDown(_ x: Vector, carrying last: Float) -> Vector {
  Vector(
    lowHalf: SIMD8(x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8]),
    highHalf: SIMD8(x[9], x[10], x[11], x[12], x[13], x[14], x[15], last))
}
