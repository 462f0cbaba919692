import Compute

/// The empirical neural tangent kernel on some points: the products `K(x, y) = ⟨∂f/∂θ(x), ∂f/∂θ(y)⟩`.
///
/// It tells how much a small gradient step for one point changes the values at another. Its
/// eigenvalues say how fast the parts of an error along its eigenvectors go away.
///
/// - Source: Jacot, Gabriel, Hongler, "Neural tangent kernel: convergence and generalization in neural
///   networks", NeurIPS 2018, arXiv:1806.07572.
public struct NeuralTangentKernel: Sendable, Equatable, Codable {
  /// Which parameters are trained.
  public enum Parameters: String, Sendable, Codable, CaseIterable {
    case weightsAndBiases
    /// For networks that are made without biases.
    case weights
  }

  public let pointCount: Int
  /// `[pointCount, pointCount]`, row by row, symmetric.
  public let values: [Double]

  public subscript(first: Int, second: Int) -> Double {
    precondition(first >= 0 && first < pointCount && second >= 0 && second < pointCount)
    return values[first * pointCount + second]
  }

  /// The sum of the eigenvalues.
  public var trace: Double { (0..<pointCount).reduce(0) { $0 + values[$1 * (pointCount + 1)] } }

  /// The eigenvalues, the largest first. None is negative but for rounding, about 10⁻¹⁵ times the
  /// largest.
  ///
  /// - Throws: if an entry is not finite.
  public func eigenvalues() throws(MatrixSpectrumError) -> [Double] {
    try MatrixSpectrum.eigenvalues(ofSymmetric: values, order: pointCount)
  }
}

extension SplineNetwork {
  /// The empirical neural tangent kernel on some points.
  ///
  /// With `∂f/∂W_l = δ_l a_{l−1}ᵀ` it is the sum over layers of `(δ_l · δ′_l)(a_{l−1} · a′_{l−1} + 1)`,
  /// so no derivative is ever written out; the 1 is the biases'. It takes about 12 bytes for each pair
  /// of points.
  ///
  /// - Parameters:
  ///   - output: the function f; if nil all outputs, whose kernels are summed.
  ///   - parameters: those that count.
  /// - Throws: if a layer has linear units, or there is no such output.
  public func neuralTangentKernel(
    at points: [[Double]], of output: ScalarOutput? = nil,
    parameters: NeuralTangentKernel.Parameters = .weightsAndBiases, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> NeuralTangentKernel {
    try checkParameters()
    let functions = try outputWeights(of: output)
    let groups = mapParameterLanes(at: points, workers: workers) { lanes, _ in
      var sensitivities = [[ParameterLanes.Lanes]](repeating: [], count: layers.count)
      for weights in functions {
        lanes.pullBack(weights)
        for l in layers.indices { sensitivities[l] += lanes.sensitivities[l] }
      }
      return layers.indices.flatMap { lanes.inputs[$0] + sensitivities[$0] }
    }
    let factors = TangentFactors(
      counts: layers.map { ($0.inputs, functions.count * $0.units) },
      biasTerm: parameters == .weights ? 0 : 1, groups: groups)
    return factors.kernel(points.count, workers)
  }
}

/// The factors of the derivatives at all points, of which the kernel is made.
private struct TangentFactors: Sendable {
  typealias Lanes = ParameterLanes.Lanes

  /// Of each layer the numbers of a and δ.
  let counts: [(inputs: Int, sensitivities: Int)]
  let biasTerm: Double
  /// For each group of eight points a and δ of the first layer, then of the others.
  let groups: [[Lanes]]

  func kernel(_ pointCount: Int, _ workers: Workers) -> NeuralTangentKernel {
    // Products are symmetric to the last bit, so half of them suffice.
    let rows = workers.map(groups.count) { _, row in
      (row..<groups.count).map { products(row, $0) }
    }
    var values = [Double](repeating: 0, count: pointCount * pointCount)
    for (group, row) in rows.enumerated() {
      for (offset, block) in row.enumerated() {
        for i in 0..<min(8, pointCount - 8 * group) {
          for j in 0..<min(8, pointCount - 8 * (group + offset)) {
            let (first, second) = (8 * group + i, 8 * (group + offset) + j)
            values[first * pointCount + second] = block[i][j]
            values[second * pointCount + first] = block[i][j]
          }
        }
      }
    }
    return NeuralTangentKernel(pointCount: pointCount, values: values)
  }

  /// The kernel of each point of one group with each of another.
  private func products(_ first: Int, _ second: Int) -> [8 of Lanes] {
    let (first, second) = (groups[first], groups[second])
    var sum = [8 of Lanes](repeating: .zero)
    var start = 0
    for count in counts {
      let middle = start + count.inputs
      let inputs = Self.products(first, second, start..<middle, from: biasTerm)
      start = middle + count.sensitivities
      let sensitivities = Self.products(first, second, middle..<start, from: 0)
      for i in 0..<8 { sum[i].addProduct(inputs[i], sensitivities[i]) }
    }
    return sum
  }

  private static func products(
    _ first: [Lanes], _ second: [Lanes], _ range: Range<Int>, from initial: Double
  ) -> [8 of Lanes] {
    let first = first.span
    let second = second.span
    var sums = [8 of Lanes](repeating: Lanes(repeating: initial))
    for k in range {
      let (factors, others) = (first[k], second[k])
      for i in 0..<8 { sums[i].addProduct(others, factors[i]) }
    }
    return sums
  }
}
