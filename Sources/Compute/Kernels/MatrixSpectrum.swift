import COpenBLAS

/// Singular values and eigenvalues in double precision, by LAPACK, computed by the calling thread
/// alone.
///
/// A value is right to a few units of the last place of the *largest* one: those far below 10⁻¹⁵
/// times the largest say nothing.
public enum MatrixSpectrum {
  // OpenBLAS starts threads of its own unless told otherwise.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// The singular values of a matrix `[rows, columns]`, row by row: `min(rows, columns)` of them,
  /// the largest first.
  public static func singularValues(
    of matrix: [Double], rows: Int, columns: Int
  ) throws(MatrixSpectrumError) -> [Double] {
    try check(matrix, rows: rows, columns: columns)
    let count = min(rows, columns)
    guard count > 0 else { return [] }
    _ = singleThreaded
    // What stands row by row is the transpose for LAPACK, with the same singular values.
    var (m, n, one) = (blasint(columns), blasint(rows), blasint(1))
    var a = matrix
    var values = [Double](repeating: 0, count: count)
    var integers = [blasint](repeating: 0, count: 8 * count)
    var work = [0.0]
    var (job, workCount, info) = (CChar(bitPattern: UInt8(ascii: "N")), blasint(-1), blasint(0))
    // The first call asks how much memory the second wants.
    for _ in 0..<2 {
      // SAFETY: a has m · n elements, and the others what dgesdd asks for; without vectors it
      // touches neither u nor vt.
      unsafe dgesdd_(
        &job, &m, &n, &a, &m, &values, nil, &one, nil, &one, &work, &workCount, &integers, &info, 1)
      guard workCount < 0 else { break }
      workCount = blasint(work[0])
      work = [Double](repeating: 0, count: Int(workCount))
    }
    guard info == 0 else { throw .noConvergence(rows: rows, columns: columns) }
    return values
  }

  /// The eigenvalues of a symmetric matrix `[order, order]`, the largest first.
  ///
  /// Only the diagonal and what is above it are read.
  public static func eigenvalues(
    ofSymmetric matrix: [Double], order: Int
  ) throws(MatrixSpectrumError) -> [Double] {
    try check(matrix, rows: order, columns: order)
    guard order > 0 else { return [] }
    _ = singleThreaded
    var a = matrix
    var values = [Double](repeating: 0, count: order)
    var work = [Double](repeating: 0, count: 2 * order + 1)
    var (n, workCount, integer) = (blasint(order), blasint(work.count), blasint(0))
    var (one, info) = (blasint(1), blasint(0))
    var job = CChar(bitPattern: UInt8(ascii: "N"))
    // Above the diagonal row by row is below it column by column.
    var triangle = CChar(bitPattern: UInt8(ascii: "L"))
    // SAFETY: a has n · n elements, values n; dsyevd without vectors needs 2 n + 1 numbers and one
    // integer besides.
    unsafe dsyevd_(
      &job, &triangle, &n, &a, &n, &values, &work, &workCount, &integer, &one, &info, 1, 1)
    guard info == 0 else { throw .noConvergence(rows: order, columns: order) }
    return values.reversed()
  }

  private static func check(
    _ matrix: [Double], rows: Int, columns: Int
  ) throws(MatrixSpectrumError) {
    precondition(
      rows >= 0 && columns >= 0 && matrix.count == rows * columns,
      "\(matrix.count) elements are no matrix [\(rows), \(columns)]")
    if let place = matrix.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: place / columns, column: place % columns)
    }
  }
}

/// Why a matrix's singular values or eigenvalues are not known.
public enum MatrixSpectrumError: Error, Equatable, CustomStringConvertible {
  case notFinite(row: Int, column: Int)
  case noConvergence(rows: Int, columns: Int)

  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "the matrix has an entry in row \(row), column \(column), counted from 0, that is not finite; "
        + "singular values and eigenvalues need finite entries"
    case .noConvergence(let rows, let columns):
      "LAPACK's iteration for the values of a matrix [\(rows), \(columns)] did not converge"
    }
  }
}
