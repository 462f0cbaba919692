/// A dense row-major matrix of `Float`s with value semantics.
///
/// The engine's own working memory is ``AlignedBuffer``; this type holds what people hand in and
/// get back: weights, coordinates (one row a point), values (one row a point, one column a channel).
public struct Matrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  /// Row by row.
  public var elements: [Float]

  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "a \(rows)×\(columns) matrix cannot hold \(elements.count) elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, elements: Array(repeating: 0, count: rows * columns))
  }

  public subscript(row: Int, column: Int) -> Float {
    get { elements[index(row, column)] }
    set { elements[index(row, column)] = newValue }
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "[\(row), \(column)] is outside a \(rows)×\(columns) matrix")
    return row * columns + column
  }
}
