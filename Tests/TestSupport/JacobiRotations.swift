/// Slow twins of LAPACK, by rotations that make one pair of rows or columns orthogonal at a time.
///
/// - Source: Jacobi, 1846; Hestenes, "Inversion of matrices by biorthogonalization and related
///   results", 1958.
public enum JacobiRotations {
  /// The eigenvalues of a symmetric matrix `[order, order]`, the largest first.
  public static func eigenvalues(ofSymmetric matrix: [Double], order: Int) -> [Double] {
    var a = matrix
    for _ in 0..<sweepCount {
      for p in 0..<order {
        for q in 0..<p where a[p * order + q] != 0 {
          let (c, s) = rotation(a[q * order + q], a[p * order + p], a[p * order + q])
          for k in 0..<order {
            let (x, y) = (a[k * order + q], a[k * order + p])
            (a[k * order + q], a[k * order + p]) = (c * x - s * y, s * x + c * y)
          }
          for k in 0..<order {
            let (x, y) = (a[q * order + k], a[p * order + k])
            (a[q * order + k], a[p * order + k]) = (c * x - s * y, s * x + c * y)
          }
        }
      }
    }
    return (0..<order).map { a[$0 * order + $0] }.sorted(by: >)
  }

  /// The singular values of a matrix `[rows, columns]`, the largest first: the lengths of its
  /// columns once they are orthogonal.
  public static func singularValues(of matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var a = (0..<columns).map { j in (0..<rows).map { matrix[$0 * columns + j] } }
    func product(_ x: [Double], _ y: [Double]) -> Double {
      zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for _ in 0..<sweepCount {
      for p in 0..<columns {
        for q in 0..<p {
          let angle = product(a[p], a[q])
          guard angle != 0 else { continue }
          let (c, s) = rotation(product(a[q], a[q]), product(a[p], a[p]), angle)
          let (x, y) = (a[q], a[p])
          a[q] = zip(x, y).map { c * $0 - s * $1 }
          a[p] = zip(x, y).map { s * $0 + c * $1 }
        }
      }
    }
    let lengths = a.map { product($0, $0).squareRoot() }.sorted(by: >)
    return Array(lengths.prefix(min(rows, columns)))
  }

  /// Each sweep about squares what is left off the diagonal.
  private static let sweepCount = 12

  /// The cosine and sine that make the pair with the products `[[x, xy], [xy, y]]` orthogonal.
  private static func rotation(_ x: Double, _ y: Double, _ xy: Double) -> (Double, Double) {
    let ratio = (y - x) / (2 * xy)
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    return (cosine, tangent * cosine)
  }
}
