import COpenBLAS

/// Factorizations of square matrices by LAPACK, computed by the calling thread alone.
///
/// All matrices are `[order, order]`, row by row.
public enum MatrixFactorization {
  // OpenBLAS starts threads of its own unless told otherwise.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// The inverse of a symmetric positive definite matrix, by Cholesky's factorization in double
  /// precision; `nil` if the matrix is not positive definite, or not finite.
  ///
  /// Only the diagonal and what is above it are read.
  public static func inverse(ofPositiveDefinite matrix: [Double], order: Int) -> [Double]? {
    check(matrix.count, order)
    guard order > 0 else { return [] }
    _ = singleThreaded
    var a = matrix
    var (n, info) = (blasint(order), blasint(0))
    // Above the diagonal row by row is below it column by column.
    var triangle = CChar(bitPattern: UInt8(ascii: "L"))
    // SAFETY: a has n · n elements, and neither routine asks for more.
    unsafe dpotrf_(&triangle, &n, &a, &n, &info, 1)
    guard info == 0 else { return nil }
    unsafe dpotri_(&triangle, &n, &a, &n, &info, 1)
    guard info == 0 else { return nil }
    for row in 0..<order {
      for column in 0..<row { a[row * order + column] = a[column * order + row] }
    }
    return a.allSatisfy(\.isFinite) ? a : nil
  }

  /// The orthogonal factor `Q` of `matrix = Q R`, its columns from the first column on: Gram and
  /// Schmidt's basis, each column up to its sign.
  public static func orthogonalFactor(of matrix: [Float], order: Int) -> [Float] {
    check(matrix.count, order)
    guard order > 0 else { return [] }
    _ = singleThreaded
    // LAPACK wants columns where we have rows.
    var a = transposed(matrix, order)
    var (n, info) = (blasint(order), blasint(0))
    var reflectors = [Float](repeating: 0, count: order)
    // A block of 32 columns, as LAPACK takes them, and room for more.
    var work = [Float](repeating: 0, count: 64 * order)
    var workCount = blasint(work.count)
    // SAFETY: a has n · n elements, reflectors n, work as many as its count says.
    unsafe sgeqrf_(&n, &n, &a, &n, &reflectors, &work, &workCount, &info)
    unsafe sorgqr_(&n, &n, &n, &a, &n, &reflectors, &work, &workCount, &info)
    return transposed(a, order)
  }

  /// The eigenvectors of a symmetric matrix, one a column, that of the largest eigenvalue first;
  /// `nil` if LAPACK's iteration does not converge, or the matrix is not finite.
  ///
  /// Only the diagonal and what is above it are read.
  public static func eigenvectors(ofSymmetric matrix: [Double], order: Int) -> [Double]? {
    check(matrix.count, order)
    guard order > 0 else { return [] }
    guard matrix.allSatisfy(\.isFinite) else { return nil }
    _ = singleThreaded
    var (a, values) = (matrix, [Double](repeating: 0, count: order))
    var work = [Double](repeating: 0, count: 1 + 6 * order + 2 * order * order)
    var integers = [blasint](repeating: 0, count: 3 + 5 * order)
    var (n, info) = (blasint(order), blasint(0))
    var (workCount, integerCount) = (blasint(work.count), blasint(integers.count))
    var job = CChar(bitPattern: UInt8(ascii: "V"))
    var triangle = CChar(bitPattern: UInt8(ascii: "L"))
    // SAFETY: a has n · n elements, values n, and the others what dsyevd asks for with vectors.
    unsafe dsyevd_(
      &job, &triangle, &n, &a, &n, &values, &work, &workCount, &integers, &integerCount, &info, 1,
      1)
    guard info == 0 else { return nil }
    // LAPACK's columns, the smallest eigenvalue first, are our rows.
    var vectors = [Double](repeating: 0, count: order * order)
    for k in 0..<order {
      for i in 0..<order { vectors[i * order + (order - 1 - k)] = a[k * order + i] }
    }
    return vectors
  }

  private static func transposed(_ matrix: [Float], _ order: Int) -> [Float] {
    var result = matrix
    for row in 0..<order {
      for column in 0..<order { result[column * order + row] = matrix[row * order + column] }
    }
    return result
  }

  private static func check(_ count: Int, _ order: Int) {
    precondition(
      order >= 0 && count == order * order,
      "\(count) elements are no matrix [\(order), \(order)]")
  }
}
