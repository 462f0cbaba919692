extension Image {
  /// The part of the picture in the given rows and columns.
  public func cropped(rows: Range<Int>, columns: Range<Int>) -> Image {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
        && columns.upperBound <= width,
      "rows \(rows) and columns \(columns) are not all in \(width) x \(height) pixels")
    var part: [Float] = []
    part.reserveCapacity(rows.count * columns.count * channels)
    for row in rows {
      let start = row * width * channels
      part += samples[start + columns.lowerBound * channels..<start + columns.upperBound * channels]
    }
    return Image(
      width: columns.count, height: rows.count, channels: channels, samples: part,
      bitDepth: bitDepth)
  }

  /// The picture in gray, without alpha.
  ///
  /// - Source: the weights of red, green and blue are those of ITU-R BT.709, applied to the samples
  ///   as they are.
  public var luminance: Image {
    if channels == 1 { return self }
    let gray = (0..<pixelCount).map { pixel in
      let first = pixel * channels
      if channels == 2 { return samples[first] }
      return 0.2126 * samples[first] + 0.7152 * samples[first + 1] + 0.0722 * samples[first + 2]
    }
    return Image(width: width, height: height, channels: 1, samples: gray, bitDepth: bitDepth)
  }

  /// The averages of squares of `size` x `size` pixels.
  ///
  /// Where the size does not divide the picture, the last squares average the pixels they have, so
  /// the result has `ceil(width / size)` columns; crop first where every square must be whole.
  public func areaAveraged(by size: Int) -> Image {
    precondition(size > 0, "squares of \(size) pixels cannot be averaged")
    if size == 1 { return self }
    let newWidth = (width + size - 1) / size
    let newHeight = (height + size - 1) / size
    var averages: [Float] = []
    averages.reserveCapacity(newWidth * newHeight * channels)
    for newRow in 0..<newHeight {
      let rows = newRow * size..<min((newRow + 1) * size, height)
      var sums = [Float](repeating: 0, count: newWidth * channels)
      for row in rows {
        var source = row * width * channels
        for column in 0..<width {
          let target = column / size * channels
          for channel in 0..<channels {
            sums[target + channel] += samples[source]
            source += 1
          }
        }
      }
      for i in sums.indices {
        let firstColumn = i / channels * size
        averages.append(sums[i] / Float(rows.count * min(size, width - firstColumn)))
      }
    }
    return Image(
      width: newWidth, height: newHeight, channels: channels, samples: averages,
      bitDepth: bitDepth)
  }
}
