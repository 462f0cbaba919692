import Compute
import Networks

/// A layer's Kronecker factors in double precision, from the derivatives of every value at every point,
/// and what follows from them.
///
/// A matrix is complex, `[order, order]`; real ones have no imaginary parts. The last layer of a complex
/// network takes in `(Re h, −Im h, 1)`, and has real factors.
public struct ReferenceKFAC: Sendable {
  public let layer: Int
  public let inputOrder: Int
  public let slopeOrder: Int
  /// Whether the factors are Hermitian.
  public let isComplex: Bool
  public let input: [Complex]
  public let slope: [Complex]
  private let isRealPart: Bool

  /// - Parameter count: values of a point that take part, the first ones.
  public init(_ network: ReferenceNetwork, layer: Int, at points: Matrix) {
    let maps = network.layers[layer].maps
    let isLast = layer == network.layers.count - 1
    isRealPart = maps[0].field == .complex && isLast
    isComplex = maps[0].field == .complex && !isLast
    self.layer = layer
    inputOrder = isRealPart ? 2 * maps[0].inputs + 1 : maps[0].inputs + 1
    slopeOrder = maps.reduce(0) { $0 + $1.outputs }
    var input = [Complex](repeating: Complex(0), count: inputOrder * inputOrder)
    var slope = [Complex](repeating: Complex(0), count: slopeOrder * slopeOrder)
    let share = 1 / Double(points.rows)
    for row in 0..<points.rows {
      let h = Self.extended(network.layerInputs(at: points.row(row))[layer], isRealPart)
      Self.addOuter(h, share, to: &input)
      for output in 0..<network.outputs {
        // A bias's derivative is that of the pre-activation.
        let slopes = network.parameterSlopes(at: points.row(row), output: output)
        let g = slopes.layers[layer].maps.flatMap(\.bias)
        let weight = 2 * share / Double(network.outputs) * (isComplex ? 0.5 : 1)
        Self.addOuter(g, weight, to: &slope)
      }
    }
    (self.input, self.slope) = (input, slope)
  }

  private static func extended(_ h: [Complex], _ isRealPart: Bool) -> [Complex] {
    isRealPart
      ? h.map { Complex($0.real) } + h.map { Complex(-$0.imaginary) } + [Complex(1)]
      : h + [Complex(1)]
  }

  private static func addOuter(_ v: [Complex], _ share: Double, to matrix: inout [Complex]) {
    for i in v.indices {
      for j in v.indices { matrix[i * v.count + j] += Complex(share) * v[i] * v[j].conjugate }
    }
  }

  // MARK: Gradients as matrices

  /// A gradient (or a direction) as a matrix `[slopeOrder, inputOrder]`.
  public func matrix(_ gradient: ReferenceNetwork) -> [Complex] {
    gradient.layers[layer].maps.flatMap { map in
      (0..<map.outputs).flatMap { o -> [Complex] in
        let weights = map.weight[o * map.inputs..<(o + 1) * map.inputs]
        guard isRealPart else { return weights + [map.bias[o]] }
        return weights.map { Complex($0.real) } + weights.map { Complex($0.imaginary) }
          + [Complex(map.bias[o].real)]
      }
    }
  }

  /// The solution `D` of `(G + √λ/π) D (A + π√λ) = −∇`, by elimination in all its entries at once.
  public func direction(along gradient: ReferenceNetwork, damping: Double) -> [Complex] {
    func mean(_ matrix: [Complex], _ order: Int) -> Double {
      (0..<order).reduce(0) { $0 + matrix[$1 * order + $1].real } / Double(order)
    }
    let ratio = (mean(input, inputOrder) / mean(slope, slopeOrder)).squareRoot()
    let root = damping.squareRoot()
    var (a, g) = (input, slope)
    for i in 0..<inputOrder { a[i * inputOrder + i] += Complex(ratio * root) }
    for i in 0..<slopeOrder { g[i * slopeOrder + i] += Complex(root / ratio) }
    // Entry (i, j) of G D A is the sum over (k, l) of G[i, k] A[l, j] D[k, l].
    let (n, m) = (slopeOrder * inputOrder, inputOrder)
    var dense = [Double](repeating: 0, count: 4 * n * n)
    for row in 0..<n {
      for column in 0..<n {
        let c = g[row / m * slopeOrder + column / m] * a[column % m * m + row % m]
        dense[row * 2 * n + column] = c.real
        dense[row * 2 * n + n + column] = -c.imaginary
        dense[(n + row) * 2 * n + column] = c.imaginary
        dense[(n + row) * 2 * n + n + column] = c.real
      }
    }
    let right = matrix(gradient)
    let solution = denseSolution(dense, right.map { -$0.real } + right.map { -$0.imaginary })
    return (0..<n).map { Complex(solution[$0], solution[n + $0]) }
  }

  /// Writes a matrix back to the layer.
  public func store(_ matrix: [Complex], in network: inout ReferenceNetwork) {
    var row = 0
    for m in network.layers[layer].maps.indices {
      let inputs = network.layers[layer].maps[m].inputs
      for o in 0..<network.layers[layer].maps[m].outputs {
        let entries = Array(matrix[row * inputOrder..<(row + 1) * inputOrder])
        for i in 0..<inputs {
          network.layers[layer].maps[m].weight[o * inputs + i] =
            isRealPart ? Complex(entries[i].real, entries[inputs + i].real) : entries[i]
        }
        network.layers[layer].maps[m].bias[o] = entries[inputOrder - 1]
        row += 1
      }
    }
  }
}
