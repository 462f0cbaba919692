import Compute

extension Matrix {
  /// Elements uniform in `-bound..<bound`.
  public static func random(
    _ rows: Int, _ columns: Int, bound: Double = 1, using random: inout SplitMix64
  ) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in random.nextUniform(bound: bound) })
  }
}
