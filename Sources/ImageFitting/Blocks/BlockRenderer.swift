import Compute

/// Evaluates a block model: any rows and columns of any level or lattice, asking only the blocks that
/// these touch.
///
/// Networks are asked at the centres of pixels alone, where they were trained; between these the picture
/// is interpolated. Each pixel is computed by itself, so a part has the bits that it has in the whole.
public final class BlockRenderer: Sendable {
  let model: BlockModel
  private let workers: Workers
  private let states: WorkerStates<BlockSampler>

  public init(_ model: BlockModel, workers: Workers) {
    self.model = model
    self.workers = workers
    states = WorkerStates(workers) { [features = model.features] in BlockSampler(features) }
  }

  /// Pixels of a level.
  package func window(level: Int, rows: Range<Int>, columns: Range<Int>) -> PixelWindow {
    guard level < model.levels.count else {
      return PixelWindow(rows: rows, columns: columns, color: model.color)
    }
    var window = prediction(level: level, rows: rows, columns: columns)
    add(model.levels[level], to: &window)
    return window
  }

  /// What the coarser levels say about pixels of a level.
  package func prediction(level: Int, rows: Range<Int>, columns: Range<Int>) -> PixelWindow {
    PixelWindow(
      rows: rows, columns: columns, channels: model.channels,
      samples: samples(
        ofLevel: level + 1, x: Interpolation.doubled(columns), y: Interpolation.doubled(rows)))
  }

  /// A level between its pixels, at places counted in them.
  private func samples(ofLevel level: Int, x: [Double], y: [Double]) -> [Float] {
    guard level < model.levels.count else {
      return PixelWindow(rows: 0..<y.count, columns: 0..<x.count, color: model.color).samples
    }
    let across = Interpolation(at: x, count: model.levels[level].width)
    let down = Interpolation(at: y, count: model.levels[level].height)
    return window(level: level, rows: down.needed, columns: across.needed)
      .interpolated(across, down, workers: workers)
  }

  /// A part of the picture drawn with `width` x `height` pixels, `[rows, columns, channels]`.
  ///
  /// The level whose pixels are nearest in size to those wanted is interpolated at their centres.
  public func samples(
    width: Int, height: Int, rows: Range<Int>, columns: Range<Int>
  ) -> [Float] {
    let across = Double(model.width) / Double(width)
    let down = Double(model.height) / Double(height)
    let level = self.level(forStep: (across * down).squareRoot())
    let size = Double(1 << level)
    if across == size, down == size {
      return window(level: level, rows: rows, columns: columns).samples
    }
    return samples(
      ofLevel: level, x: columns.map { (Double($0) + 0.5) * across / size },
      y: rows.map { (Double($0) + 0.5) * down / size })
  }

  /// The level whose pixels are nearest to `step` pixels of the picture along a side.
  func level(forStep step: Double) -> Int {
    var level = 0
    while level + 1 < model.levels.count, step > 1.5 * Double(1 << level) { level += 1 }
    return level
  }

  /// Adds what a level's blocks give.
  private func add(_ level: BlockLevel, to window: inout PixelWindow) {
    let size = model.shape.size
    let across = BlockWeights(size: size, count: level.columns)
    let down = BlockWeights(size: size, count: level.rows)
    let columns = across.blocks(seeing: window.columns)
    let rows = down.blocks(seeing: window.rows)
    let strips = states.map(rows.count) {
      [model, pixels = (rows: window.rows, columns: window.columns)] sampler, item in
      let row = rows.lowerBound + item
      let lines = down.pixels(of: row, in: pixels.rows)
      var strip = BlockStrip(lines: lines, columns: pixels.columns, channels: model.channels)
      let heights = lines.map { down.weight(of: row, at: Double($0) + 0.5) }
      for column in columns {
        let block = row * level.columns + column
        guard level.units[block] > 0 else { continue }
        let reach = across.pixels(of: column, in: pixels.columns)
        let widths = reach.map { across.weight(of: column, at: Double($0) + 0.5) }
        sampler.evaluate(level, block: block)
        sampler.add(
          origin: (x: column * size, y: row * size), columns: reach, weights: (widths, heights),
          to: &strip)
      }
      return strip
    }
    // Where two rows of blocks overlap, the upper one is added first.
    for strip in strips { strip.add(to: &window) }
  }
}

/// Lines of a window that one row of blocks gives.
struct BlockStrip: Sendable {
  /// In pixels of the level.
  let lines: Range<Int>
  let columns: Range<Int>
  let channels: Int
  private var samples: [Float]

  init(lines: Range<Int>, columns: Range<Int>, channels: Int) {
    self.lines = lines
    self.columns = columns
    self.channels = channels
    samples = [Float](repeating: 0, count: lines.count * columns.count * channels)
  }

  /// Adds to a part of a line what one block gives there.
  ///
  /// - Parameters:
  ///   - values: one row of `channelLength` numbers a channel; those of the part begin at `first`.
  ///   - weights: one for each column of the part; all are multiplied by `factor`.
  mutating func add(
    _ values: borrowing AlignedBuffer, channelLength: Int, from first: Int,
    weights: [Float], factor: Float, line: Int, column: Int
  ) {
    let values = values.floats
    let start =
      ((line - lines.lowerBound) * columns.count + column - columns.lowerBound) * channels
    let channels = channels
    var target = samples.mutableSpan
    for i in weights.indices {
      let weight = weights[i] * factor
      for c in 0..<channels {
        target[start + i * channels + c] += weight * values[c * channelLength + first + i]
      }
    }
  }

  func add(to window: inout PixelWindow) {
    let start = (lines.lowerBound - window.rows.lowerBound) * window.rowLength
    let source = samples.span
    var target = window.samples.mutableSpan
    for i in source.indices { target[start + i] += source[i] }
  }
}
