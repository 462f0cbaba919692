import Foundation

/// The mean structural similarity of two pictures: 1 where they are the same; `nil` where one side
/// of the pictures is shorter than the window of 11 pixels, because no window fits.
///
/// The window is a Gaussian with σ = 1.5 pixels, cut off at 5; the mean is over all windows that
/// lie inside the picture, then over the channels (alpha included). White is 1.
///
/// - Source: Wang et al., Image Quality Assessment, IEEE TIP 13 (2004), eq. 13; the variances are
///   those of the population. Same numbers as scikit-image's `structural_similarity` with
///   `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1`.
public func ssim(_ first: Image, _ second: Image) -> Double? {
  checkShapes(first, second)
  guard min(first.width, first.height) >= SimilarityWindow.size else { return nil }
  var sum = 0.0
  for channel in 0..<first.channels {
    sum += SimilarityWindow.meanSimilarity(first, second, channel: channel)
  }
  return sum / Double(first.channels)
}

/// A Gaussian window that moves over two pictures and compares what it sees.
private enum SimilarityWindow {
  static let size = 11
  static let weights: [Double] = {
    let values = (0..<size).map { exp(-0.5 * pow(Double($0 - size / 2) / 1.5, 2)) }
    return values.map { $0 / values.reduce(0, +) }
  }()

  /// For a pixel x of one picture and y of the other: (x, y, x² + y², x y); or averages of these.
  typealias Moments = SIMD4<Double>

  /// The mean over all windows in one channel.
  ///
  /// It passes over the rows once and keeps the last 11 of them, already averaged along the rows,
  /// so its memory is that of a few rows.
  static func meanSimilarity(_ first: Image, _ second: Image, channel: Int) -> Double {
    let windowsPerRow = first.width - size + 1
    // Row r stands at place r % 11.
    var lastRows = [Moments](repeating: .zero, count: size * windowsPerRow)
    var pixels = [Moments](repeating: .zero, count: first.width)
    var averages = [Moments](repeating: .zero, count: windowsPerRow)
    var sum = 0.0
    for row in 0..<first.height {
      load(row, of: first, second, channel: channel, into: &pixels)
      averageAlongRow(pixels.span, into: &lastRows, at: row % size * windowsPerRow)
      if row < size - 1 { continue }
      averageAlongColumns(lastRows.span, oldestRow: (row + 1) % size, into: &averages)
      for window in averages { sum += similarity(window) }
    }
    return sum / Double(windowsPerRow * (first.height - size + 1))
  }

  private static func load(
    _ row: Int, of first: Image, _ second: Image, channel: Int, into pixels: inout [Moments]
  ) {
    let stride = first.channels
    let start = row * first.width * stride + channel
    let (a, b) = (first.samples.span, second.samples.span)
    for column in pixels.indices {
      let x = Double(a[start + column * stride])
      let y = Double(b[start + column * stride])
      pixels[column] = Moments(x, y, x * x + y * y, x * y)
    }
  }

  private static func averageAlongRow(
    _ pixels: Span<Moments>, into rows: inout [Moments], at start: Int
  ) {
    let weights = weights.span
    for column in 0..<pixels.count - size + 1 {
      var sum = Moments.zero
      for offset in 0..<size { sum += weights[offset] * pixels[column + offset] }
      rows[start + column] = sum
    }
  }

  private static func averageAlongColumns(
    _ rows: Span<Moments>, oldestRow: Int, into averages: inout [Moments]
  ) {
    let count = averages.count
    for column in 0..<count { averages[column] = .zero }
    for offset in 0..<size {
      let weight = weights[offset]
      let start = (oldestRow + offset) % size * count
      for column in 0..<count { averages[column] += weight * rows[start + column] }
    }
  }

  private static func similarity(_ averages: Moments) -> Double {
    let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
    let (meanX, meanY) = (averages.x, averages.y)
    let squares = meanX * meanX + meanY * meanY
    let variances = averages.z - squares
    let covariance = averages.w - meanX * meanY
    return (2 * meanX * meanY + c1) * (2 * covariance + c2)
      / ((squares + c1) * (variances + c2))
  }
}
