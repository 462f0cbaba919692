extension AffineMap {
  /// The singular values of a map of few inputs: those of ``singularValues()``, in a fraction of the
  /// time, for all regions of a domain.
  ///
  /// The columns are turned pairwise until they are orthogonal; their lengths then are the singular
  /// values, each right to some units of its own last place.
  ///
  /// - Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958
  ///   (one-sided Jacobi rotations).
  var thinSingularValues: SingularValues {
    var columns = (0..<inputs).map { axis in (0..<outputs).map { gradients[$0 * inputs + axis] } }
    // Three columns need six rounds at most in practice; each one squares the error.
    for _ in 0..<30 where Self.turnAll(&columns) == 0 { break }
    let lengths = columns.map { Self.product($0, $0).squareRoot() }.sorted(by: >)
    return SingularValues(
      Array(lengths.prefix(min(inputs, outputs))), outputs: outputs, inputs: inputs)
  }

  /// - Returns: how many pairs were not orthogonal.
  private static func turnAll(_ columns: inout [[Double]]) -> Int {
    var count = 0
    for p in columns.indices {
      for q in p + 1..<max(columns.count, p + 1) {
        let (a, b) = (product(columns[p], columns[p]), product(columns[q], columns[q]))
        let mixed = product(columns[p], columns[q])
        guard abs(mixed) > 1e-16 * (a * b).squareRoot() else { continue }
        count += 1
        let cotangent = (b - a) / (2 * mixed)
        let tangent =
          (cotangent < 0 ? -1 : 1) / (abs(cotangent) + (1 + cotangent * cotangent).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = cosine * tangent
        for row in columns[p].indices {
          let (x, y) = (columns[p][row], columns[q][row])
          columns[p][row] = cosine * x - sine * y
          columns[q][row] = sine * x + cosine * y
        }
      }
    }
    return count
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for k in a.indices { sum.addProduct(a[k], b[k]) }
    return sum
  }
}
