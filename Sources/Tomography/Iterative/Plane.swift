import Compute

/// A slice or a sinogram as the iterative methods keep it: rows padded with zeros to whole vectors.
///
/// Threads write to different rows at the same time; who does sees to it that nobody reads them.
struct Plane: ~Copyable, Sendable {
  let rows: Int
  let columns: Int
  let vectorsPerRow: Int
  let buffer: AlignedBuffer

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    vectorsPerRow = AlignedBuffer.vectorCount(for: columns)
    buffer = AlignedBuffer(count: rows * vectorsPerRow * Vector.scalarCount)
  }

  init(_ matrix: Matrix, _ workers: Workers) {
    self.init(rows: matrix.rows, columns: matrix.columns)
    load(matrix, workers)
  }

  /// A plane of `value`, with zeros in the padding.
  init(rows: Int, columns: Int, value: Float) {
    self.init(rows: rows, columns: columns)
    for row in 0..<rows {
      var target = floats(ofRow: row)
      for i in target.indices { target[i] = value }
    }
  }

  // MARK: Parts

  /// The rows in groups of about 4096 elements, one a piece of work for a thread.
  var bands: [Range<Int>] {
    let height = max(1, 256 / max(vectorsPerRow, 1))
    return stride(from: 0, to: rows, by: height).map { $0..<min($0 + height, rows) }
  }

  @_lifetime(borrow self)
  func vectors(ofRow row: Int) -> MutableSpan<Vector> {
    buffer.concurrentVectors(row * vectorsPerRow..<(row + 1) * vectorsPerRow)
  }

  @_lifetime(borrow self)
  func vectors(ofRows rows: Range<Int>) -> MutableSpan<Vector> {
    buffer.concurrentVectors(rows.lowerBound * vectorsPerRow..<rows.upperBound * vectorsPerRow)
  }

  @_lifetime(borrow self)
  func reading(row: Int) -> Span<Vector> { reading(rows: row..<row + 1) }

  @_lifetime(borrow self)
  func reading(rows: Range<Int>) -> Span<Vector> {
    buffer.vectors.extracting(rows.lowerBound * vectorsPerRow..<rows.upperBound * vectorsPerRow)
  }

  /// The elements of a row without the padding.
  @_lifetime(borrow self)
  func floats(ofRow row: Int) -> MutableSpan<Float> {
    let first = row * vectorsPerRow * Vector.scalarCount
    return buffer.concurrentFloats(first..<first + columns)
  }

  // MARK: Matrices

  func load(_ matrix: Matrix, _ workers: Workers) {
    precondition(matrix.rows == rows && matrix.columns == columns)
    let (bands, columns) = (bands, columns)
    workers.forEach(bands.count) { _, item in
      for row in bands[item] {
        var target = floats(ofRow: row)
        let source = matrix.elements.span.extracting(row * columns..<(row + 1) * columns)
        for i in target.indices { target[i] = source[i] }
      }
    }
  }

  var matrix: Matrix {
    var elements = [Float](repeating: 0, count: rows * columns)
    var all = elements.mutableSpan
    for row in 0..<rows {
      let first = row * vectorsPerRow * Vector.scalarCount
      let source = buffer.floats.extracting(first..<first + columns)
      var target = all.slice(row * columns..<(row + 1) * columns)
      for i in target.indices { target[i] = source[i] }
    }
    return Matrix(rows: rows, columns: columns, elements: elements)
  }

  // MARK: Sums

  /// Sets each vector to what `body` makes of its number (the same in all planes of this shape).
  func forEachBand(_ workers: Workers, _ body: @Sendable (_ rows: Range<Int>) -> Void) {
    let bands = bands
    workers.forEach(bands.count) { _, item in body(bands[item]) }
  }

  /// The sum over the bands of what `body` makes of each, in their order.
  func sum(_ workers: Workers, _ body: @Sendable (_ rows: Range<Int>) -> Sums) -> Sums {
    let bands = bands
    return workers.map(bands.count) { _, item in body(bands[item]) }.reduce(Sums(), +)
  }
}

/// Two sums that a pass over the data takes along.
struct Sums: Sendable {
  var first = 0.0
  var second = 0.0

  init() {}

  /// Adds the sixteen lanes of both up.
  init(_ first: Vector, _ second: Vector = Vector(repeating: 0)) {
    for lane in 0..<Vector.scalarCount {
      self.first += Double(first[lane])
      self.second += Double(second[lane])
    }
  }

  static func + (a: Sums, b: Sums) -> Sums {
    var sum = a
    sum.first += b.first
    sum.second += b.second
    return sum
  }
}
