import Compute

/// The row and column sums of √w A, and what the data say about the size of slice values.
struct OperatorSums: Sendable {
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
  ///     τ = 1 / (η (Σᵢ √wᵢ aᵢⱼ + 16 s)),   σᵢ = η / (√wᵢ Σⱼ aᵢⱼ),   σ = s η / 2 for u
  ///
  /// A pixel takes part in sixteen differences, four a corner.
  func stepSizes(_ balance: Double, _ gain: Double, meanRadius: Double)
    -> (primal: Matrix, damping: Matrix, data: Matrix, gradient: Float)
  {
    // Where λ is so large that the slice becomes constant, its size does not matter any more.
    let largest = 0.1 * meanColumnSum * meanLength
    let sigma = gain * min(meanRadius / typicalValue, largest)
    let eta = max(balance * meanLength, 32 * sigma / meanColumnSum)
    var primal = columnSums
    for i in primal.elements.indices {
      let sum = Double(columnSums.elements[i])
      let bound = eta * sum + 32 * sigma
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
