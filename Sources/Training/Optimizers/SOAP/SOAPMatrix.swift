import Compute
import Networks

/// What ``SOAP`` knows of one matrix `[rows, columns]`, and its step in blocks that threads share out.
///
/// Names are the paper's: a gradient `G`, statistics `L` and `R` (means of `G Gᵀ` and `Gᵀ G`), and bases
/// `Q_L` and `Q_R`, eigenvectors in their columns.
final class SOAPMatrix: @unchecked Sendable {
  enum Side: Sendable, CaseIterable { case left, right }
  /// Some rows of the matrix (left), or some of its columns.
  struct Block: Sendable {
    let side: Side
    let range: Range<Int>
  }

  let layer: Int
  let rows: Int
  let columns: Int
  /// Rows of a plane of the parameters, and where the planes begin.
  private let planeRows: Int
  private let offsets: [Int]

  private var gradient: AlignedBuffer
  private var gradientTransposed: AlignedBuffer
  private var work: AlignedBuffer
  private var step: AlignedBuffer
  private let left: SOAPBasis
  private let right: SOAPBasis
  /// Adam's moments, in the eigenbasis.
  private var first: AlignedBuffer
  private var second: AlignedBuffer

  /// Rows of a block: enough for a product to be efficient, few enough for all threads.
  private static let blockSize = 32

  init(layer: Int, _ plan: ParameterLayout.LayerPlan) {
    self.layer = layer
    let planes = plan.field == .real ? 1 : 2
    (rows, columns, planeRows) = (planes * plan.rows, plan.inputs, plan.rows)
    offsets = (0..<planes).map { plan.weightOffset + $0 * plan.weightPlane }
    let count = rows * columns
    gradient = AlignedBuffer(count: count)
    gradientTransposed = AlignedBuffer(count: count)
    work = AlignedBuffer(count: count)
    step = AlignedBuffer(count: count)
    first = AlignedBuffer(count: count)
    second = AlignedBuffer(count: count)
    left = SOAPBasis(order: rows)
    right = SOAPBasis(order: columns)
  }

  var blocks: [Block] {
    func cut(_ side: Side, _ count: Int) -> [Block] {
      stride(from: 0, to: count, by: Self.blockSize).map {
        Block(side: side, range: $0..<min($0 + Self.blockSize, count))
      }
    }
    return cut(.left, rows) + cut(.right, columns)
  }

  /// Where a row begins in the parameters.
  private func offset(ofRow row: Int) -> Int {
    offsets[row / planeRows] + row % planeRows * columns
  }

  // MARK: A step

  /// Copies a block of the gradient.
  func load(_ total: borrowing AlignedBuffer, _ block: Block) {
    switch block.side {
    case .left: copyRows(block.range, of: total, to: gradient)
    case .right: copyColumns(block.range, of: total, to: gradientTransposed)
    }
  }

  private func copyRows(
    _ range: Range<Int>, of total: borrowing AlignedBuffer, to gradient: borrowing AlignedBuffer
  ) {
    let source = total.floats
    var target = gradient.concurrentFloats(range.lowerBound * columns..<range.upperBound * columns)
    for (i, row) in range.enumerated() {
      let start = offset(ofRow: row)
      for column in 0..<columns { target[i * columns + column] = source[start + column] }
    }
  }

  private func copyColumns(
    _ range: Range<Int>, of total: borrowing AlignedBuffer, to transposed: borrowing AlignedBuffer
  ) {
    let source = total.floats
    var target = transposed.concurrentFloats(range.lowerBound * rows..<range.upperBound * rows)
    for row in 0..<rows {
      let start = offset(ofRow: row)
      for (i, column) in range.enumerated() { target[i * rows + row] = source[start + column] }
    }
  }

  /// `L ← β L + (1 − β) G Gᵀ`, or `R ← β R + (1 − β) Gᵀ G`.
  func addStatistics(_ block: Block, beta: Float) {
    switch block.side {
    case .left:
      left.add(gradient, by: gradient, .transposed, rows: block.range, inner: columns, beta: beta)
    case .right:
      right.add(
        gradientTransposed, by: gradient, .asStored, rows: block.range, inner: rows, beta: beta)
    }
  }

  /// Adam on a block of rows in the eigenbasis: leaves `N′ Q_Rᵀ` in `step`, to be multiplied by `Q_L`.
  func findStep(_ block: Block, _ adam: Adam, step number: Int) {
    guard block.side == .left else { return }
    let range = block.range
    // 1. G′ = Q_Lᵀ G Q_R
    MatrixProduct.multiply(
      rows: range, of: left.rows, by: gradient, inner: rows, columns: columns, into: work)
    MatrixProduct.multiply(
      rows: range, of: work, by: right.columns, inner: columns, columns: columns, into: step)
    // 2. Adam there
    adam.findDirections(
      range.lowerBound * columns..<range.upperBound * columns, along: step, moments: first, second,
      step: number, into: work)
    // 3. half of the way back
    MatrixProduct.multiply(
      rows: range, of: work, by: right.rows, inner: columns, columns: columns, into: step)
  }

  /// `W ← keep · W − rate · Q_L (N′ Q_Rᵀ)` for a block of rows.
  func apply(
    _ block: Block, to parameters: borrowing AlignedBuffer, rate: Float, keeping keep: Float
  ) {
    guard block.side == .left else { return }
    MatrixProduct.multiply(
      rows: block.range, of: left.columns, by: step, inner: rows, columns: columns, into: work)
    subtract(block.range, of: work, from: parameters, rate: rate, keeping: keep)
  }

  private func subtract(
    _ range: Range<Int>, of work: borrowing AlignedBuffer, from parameters: borrowing AlignedBuffer,
    rate: Float, keeping keep: Float
  ) {
    let direction = work.floats
    for row in range {
      let start = offset(ofRow: row)
      var target = parameters.concurrentFloats(start..<start + columns)
      for column in 0..<columns {
        target[column] = keep * target[column] - rate * direction[row * columns + column]
      }
    }
  }

  // MARK: The bases

  private func basis(_ side: Side) -> SOAPBasis { side == .left ? left : right }

  /// The eigenvectors of a statistic, for the first step.
  func findBasis(_ side: Side) { basis(side).findEigenvectors() }

  /// One step of power iteration for a basis, between ``leaveBases()`` and ``enterBases()``.
  func turnBasis(_ side: Side) { basis(side).iterate() }

  /// `M = Q_L M′ Q_Rᵀ`: the first moments as they are without a basis. The second stay what they are.
  func leaveBases() { turnMoments(by: left.columns, right.rows) }

  /// `M′ = Q_Lᵀ M Q_R`.
  func enterBases() { turnMoments(by: left.rows, right.columns) }

  private func turnMoments(by left: borrowing AlignedBuffer, _ right: borrowing AlignedBuffer) {
    MatrixProduct.multiply(
      rows: 0..<rows, of: left, by: first, inner: rows, columns: columns, into: work)
    MatrixProduct.multiply(
      rows: 0..<rows, of: work, by: right, inner: columns, columns: columns, into: first)
  }

  // MARK: Interruption

  private var count: Int { rows * columns }
  var stateSize: Int { left.stateSize + right.stateSize + 2 * count }

  var state: [Float] {
    left.state + right.state + first.elements(0..<count) + second.elements(0..<count)
  }

  func restore(_ state: ArraySlice<Float>) {
    var rest = state
    left.restore(rest.prefix(left.stateSize))
    rest = rest.dropFirst(left.stateSize)
    right.restore(rest.prefix(right.stateSize))
    rest = rest.dropFirst(right.stateSize)
    first.copy(Array(rest.prefix(count)))
    second.copy(Array(rest.dropFirst(count)))
  }

  /// Floats that a layer's matrix takes.
  static func memory(_ plan: ParameterLayout.LayerPlan) -> Int {
    let (rows, columns) = (plan.rows * (plan.field == .real ? 1 : 2), plan.inputs)
    return 6 * rows * columns + 3 * (rows * rows + columns * columns)
  }
}
