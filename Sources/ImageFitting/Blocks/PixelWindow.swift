/// Some rows and columns of a level's pixels, or of a lattice.
package struct PixelWindow: Sendable, Equatable {
  package let rows: Range<Int>
  package let columns: Range<Int>
  let channels: Int
  /// `[rows, columns, channels]`.
  package var samples: [Float]

  /// Samples of a row.
  var rowLength: Int { columns.count * channels }

  /// A window that shows one colour.
  package init(rows: Range<Int>, columns: Range<Int>, color: [Float]) {
    self.rows = rows
    self.columns = columns
    channels = color.count
    samples = []
    samples.reserveCapacity(rows.count * columns.count * channels)
    for _ in 0..<(rows.count * columns.count) { samples += color }
  }

  package init(rows: Range<Int>, columns: Range<Int>, channels: Int, samples: [Float]) {
    precondition(samples.count == rows.count * columns.count * channels)
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.samples = samples
  }
}
