import Imaging

/// The coarser levels of a picture, each pixel the mean of the four below it; rows come from the top.
///
/// The picture itself is not kept. White is 65535; a mean is rounded to the nearest whole number.
package struct LevelPictures: Sendable {
  let channels: Int
  /// From the picture's own size on.
  let sizes: [(width: Int, height: Int)]
  /// `[height, width, channels]` of each level but the first, which is empty.
  private(set) var samples: [[UInt16]]
  /// A level's row that waits for the one below it.
  private var waiting: [[UInt16]]

  package init(sizes: [(width: Int, height: Int)], channels: Int) {
    self.sizes = sizes
    self.channels = channels
    samples = sizes.map { _ in [] }
    waiting = sizes.map { _ in [] }
    for level in sizes.indices.dropFirst() {
      samples[level].reserveCapacity(sizes[level].width * sizes[level].height * channels)
    }
  }

  /// The pyramid of a picture that is read row by row.
  init(
    _ reader: PNGRowReader, sizes: [(width: Int, height: Int)]
  ) throws(ImageFileError) {
    self.init(sizes: sizes, channels: reader.channels)
    while reader.row < reader.height { append(try reader.read(1)) }
  }

  /// Takes the picture's next row.
  package mutating func append(_ row: [UInt16]) {
    var row = row
    for level in 0..<(sizes.count - 1) {
      let isLast =
        samples[level + 1].count
        == (sizes[level + 1].height - 1) * sizes[level + 1].width * channels
        && sizes[level].height % 2 == 1
      if waiting[level].isEmpty, !isLast {
        waiting[level] = row
        return
      }
      // The last of an odd number of rows has none below it.
      row = mean(isLast ? row : waiting[level], row, width: sizes[level].width)
      waiting[level] = []
      samples[level + 1] += row
    }
  }

  /// Means of two pixels by two; the last of an odd number of columns counts twice.
  private func mean(_ upper: [UInt16], _ lower: [UInt16], width: Int) -> [UInt16] {
    let (upper, lower) = (upper.span, lower.span)
    var means = [UInt16](repeating: 0, count: (width + 1) / 2 * channels)
    for pixel in 0..<((width + 1) / 2) {
      let left = 2 * pixel * channels
      let right = 2 * pixel + 1 < width ? left + channels : left
      for c in 0..<channels {
        let top = UInt32(upper[left + c]) + UInt32(upper[right + c])
        let bottom = UInt32(lower[left + c]) + UInt32(lower[right + c])
        means[pixel * channels + c] = UInt16((top + bottom + 2) / 4)
      }
    }
    return means
  }

  /// Rows of a level above the first.
  package func rows(_ range: Range<Int>, level: Int) -> ArraySlice<UInt16> {
    let length = sizes[level].width * channels
    return samples[level][(range.lowerBound * length)..<(range.upperBound * length)]
  }

  /// Forgets a level that is not needed any more.
  mutating func forget(_ level: Int) { samples[level] = [] }
}
