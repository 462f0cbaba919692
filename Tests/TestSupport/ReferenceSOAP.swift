import Foundation

/// SOAP for one matrix in double precision, written as in the paper (arXiv:2409.11321, algorithms 3
/// and 4): the first moments stay in the parameters' own basis.
public struct ReferenceSOAP: Sendable {
  public let rows: Int
  public let columns: Int
  public let rate: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let interval: Int
  /// `L` and `R`, and their bases, eigenvectors in columns.
  public private(set) var left: [Double]
  public private(set) var right: [Double]
  private var leftBasis: [Double]
  private var rightBasis: [Double]
  private var first: [Double]
  private var second: [Double]
  private var step = 0

  /// - Parameters:
  ///   - gradient: that of the first step, which only makes statistics.
  ///   - leftBasis: eigenvectors of these statistics; where these leave a choice, so does the paper.
  public init(
    rows: Int, columns: Int, rate: Double, beta1: Double, beta2: Double, epsilon: Double,
    interval: Int, gradient: [Double], leftBasis: [Double], rightBasis: [Double]
  ) {
    (self.rows, self.columns, self.rate) = (rows, columns, rate)
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    (self.leftBasis, self.rightBasis) = (leftBasis, rightBasis)
    self.interval = interval
    left = [Double](repeating: 0, count: rows * rows)
    right = [Double](repeating: 0, count: columns * columns)
    first = [Double](repeating: 0, count: rows * columns)
    second = first
    addStatistics(gradient)
  }

  private mutating func addStatistics(_ g: [Double]) {
    let gTransposed = transposed(g, rows, columns)
    let outer = product(g, gTransposed, rows, columns, rows)
    let inner = product(gTransposed, g, columns, rows, columns)
    left = zip(left, outer).map { beta2 * $0 + (1 - beta2) * $1 }
    right = zip(right, inner).map { beta2 * $0 + (1 - beta2) * $1 }
  }

  /// - Parameter number: of the step in the run, counted from 1; that of the bases is the first.
  public mutating func update(_ weights: inout [Double], along g: [Double], number: Int) {
    let leftBack = transposed(leftBasis, rows, rows)
    let rightBack = transposed(rightBasis, columns, columns)
    func turned(_ x: [Double]) -> [Double] {
      product(product(leftBack, x, rows, rows, columns), rightBasis, rows, columns, columns)
    }
    step += 1
    first = zip(first, g).map { beta1 * $0 + (1 - beta1) * $1 }
    second = zip(second, turned(g)).map { beta2 * $0 + (1 - beta2) * $1 * $1 }
    let direction = zip(turned(first), second).map { m, v in
      m / (1 - pow(beta1, Double(step)))
        / ((v / (1 - pow(beta2, Double(step)))).squareRoot() + epsilon)
    }
    let back = product(
      product(leftBasis, direction, rows, rows, columns), rightBack, rows, columns, columns)
    weights = zip(weights, back).map { $0 - rate * $1 }
    addStatistics(g)
    guard number % interval == 0 else { return }
    leftBasis = orthonormal(product(left, leftBasis, rows, rows, rows), rows)
    rightBasis = orthonormal(product(right, rightBasis, columns, columns, columns), columns)
  }

  /// Gram and Schmidt's orthonormal basis of the columns, made orthogonal twice for precision.
  private func orthonormal(_ a: [Double], _ n: Int) -> [Double] {
    var q = transposed(a, n, n)
    func dot(_ i: Int, _ j: Int) -> Double {
      (0..<n).reduce(0) { $0 + q[i * n + $1] * q[j * n + $1] }
    }
    for i in 0..<n {
      for _ in 0..<2 {
        for j in 0..<i {
          let share = dot(i, j)
          for k in 0..<n { q[i * n + k] -= share * q[j * n + k] }
        }
        let length = dot(i, i).squareRoot()
        for k in 0..<n { q[i * n + k] /= length }
      }
    }
    return transposed(q, n, n)
  }

  private func transposed(_ a: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    (0..<columns).flatMap { column in (0..<rows).map { a[$0 * columns + column] } }
  }

  private func product(_ a: [Double], _ b: [Double], _ rows: Int, _ inner: Int, _ columns: Int)
    -> [Double]
  {
    (0..<rows).flatMap { row in
      (0..<columns).map { column in
        (0..<inner).reduce(0) { $0 + a[row * inner + $1] * b[$1 * columns + column] }
      }
    }
  }
}
