import Compute
import Networks

extension ReferenceNetwork {
  /// What each layer takes in at a point.
  public func layerInputs(at x: [Double]) -> [[Complex]] { trace(x, .training).inputs }

  /// Derivatives of one value at one point with respect to all parameters, shaped as the network.
  public func parameterSlopes(at x: [Double], output: Int) -> ReferenceNetwork {
    let point = Matrix(rows: 1, columns: x.count, elements: x.map { Float($0) })
    return gradient(at: point) { values, _ in values.indices.map { $0 == output ? 1 : 0 } }
  }

  /// `vᵀ F w` for the Gauss-Newton matrix F of the mean squared error, from the derivatives of every
  /// value at every point.
  public func curvature(at points: Matrix, along v: [Double], _ w: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<points.rows {
      for output in 0..<outputs {
        let slopes = parameterSlopes(at: points.row(row), output: output).flatParameters
        func dot(_ x: [Double]) -> Double { zip(slopes, x).reduce(0) { $0 + $1.0 * $1.1 } }
        sum += dot(v) * dot(w)
      }
    }
    return 2 * sum / Double(points.rows * outputs)
  }

  /// Weights and biases of all layers, one after the other.
  public var flatParameters: [Double] { weightsAndBiases.flatMap(\.values) }
}

/// Solves `matrix · x = right` by Gauss's elimination with row pivots.
public func denseSolution(_ matrix: [Double], _ right: [Double]) -> [Double] {
  let n = right.count
  precondition(matrix.count == n * n)
  var (a, x) = (matrix, right)
  for k in 0..<n {
    let pivot = (k..<n).max { abs(a[$0 * n + k]) < abs(a[$1 * n + k]) } ?? k
    if pivot != k {
      for j in 0..<n { a.swapAt(k * n + j, pivot * n + j) }
      x.swapAt(k, pivot)
    }
    for i in k + 1..<n where a[i * n + k] != 0 {
      let factor = a[i * n + k] / a[k * n + k]
      for j in k..<n { a[i * n + j] -= factor * a[k * n + j] }
      x[i] -= factor * x[k]
    }
  }
  for k in (0..<n).reversed() {
    for j in k + 1..<n { x[k] -= a[k * n + j] * x[j] }
    x[k] /= a[k * n + k]
  }
  return x
}
