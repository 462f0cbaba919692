import Compute
import Networks

/// The gradient of a grid's tables.
///
/// Tiles leave their points and ∂L/∂features here; each level then adds them up in the order of the
/// batch, so that the sum does not depend on the number of threads. A level takes its step at once, while
/// the table is in a core's cache; but where one has most of the numbers, all threads share all steps.
final class TableGradient: @unchecked Sendable {
  private let kernel: GridKernel
  /// Floats of a point: its coordinates and ∂L/∂features.
  private let pointSize: Int
  private let levelParts: [[UpdatePart]]
  /// The parts that wait until all levels are summed.
  let sharedParts: [UpdatePart]
  /// Of each tile, one after the other: a row a coordinate, then a row a feature.
  private var tiles = AlignedBuffer(count: 0)
  /// Samples of the batch, and from a tile's first sample to the next tile's.
  private var (count, tileRows) = (0, 1)
  private var isSummed = false

  init?(_ layout: ParameterLayout) {
    guard let kernel = layout.grid else { return nil }
    self.kernel = kernel
    pointSize = layout.inputs + layout.features
    levelParts = kernel.levels.map {
      UpdatePart.parts(of: $0.vectors(features: kernel.features), layer: 0)
    }
    let counts = levelParts.map { $0.reduce(0) { $0 + $1.range.count } }
    let isShared = 2 * (counts.max() ?? 0) > counts.reduce(0, +)
    sharedParts = isShared ? levelParts.flatMap(\.self) : []
  }

  /// Floats that a batch of `rows` samples takes.
  static func memory(_ layout: ParameterLayout, rows: Int) -> Int {
    layout.grid == nil ? 0 : rows * (layout.inputs + layout.features)
  }

  var levelCount: Int { kernel.levels.count }

  /// Makes room for a batch.
  ///
  /// - Parameter total: whose tables are to hold zeros.
  func begin(count: Int, tileRows: Int, total: inout AlignedBuffer) {
    if isSummed {
      for level in kernel.levels { total.clear(level.range(features: kernel.features)) }
      isSummed = false
    }
    (self.count, self.tileRows) = (count, tileRows)
    let needed = (count + tileRows - 1) / tileRows * tileRows * pointSize
    if tiles.count < needed { tiles = AlignedBuffer(count: needed) }
  }

  /// Takes what a backward pass left, from the tile whose first sample is the batch's `start`th.
  func store(_ pass: TilePass, from start: Int, width: Int) {
    pass.copyForGrid(into: tiles, at: start * pointSize / Vector.scalarCount, width: width)
  }

  /// Adds the batch's gradient of a level, counted from the finest, up in `total`.
  func sum(fromFinest index: Int, into total: borrowing AlignedBuffer) {
    guard !isSummed else { return }
    let level = levelCount - 1 - index
    var gradient = total.concurrentFloats(kernel.levels[level].range(features: kernel.features))
    for start in stride(from: 0, to: count, by: tileRows) {
      let samples = min(tileRows, count - start)
      let width = AlignedBuffer.vectorCount(for: samples)
      let first = start * pointSize / Vector.scalarCount
      let tile = tiles.vectors.extracting(first..<first + width * pointSize)
      kernel.addGradient(
        ofLevel: level, tile.extracting(..<(kernel.axes * width)),
        tile.extracting((kernel.axes * width)...), width: width, count: samples, to: &gradient)
    }
  }

  func sumAll(into total: borrowing AlignedBuffer, _ workers: Workers) {
    workers.forEach(levelCount) { _, index in sum(fromFinest: index, into: total) }
    isSummed = true
  }

  /// The parts that a level, counted from the finest, takes a step for as soon as it is summed.
  func ownParts(fromFinest index: Int) -> [UpdatePart] {
    sharedParts.isEmpty ? levelParts[levelCount - 1 - index] : []
  }

  /// To be called after all parts took their step.
  func finishStep() { isSummed = false }
}
