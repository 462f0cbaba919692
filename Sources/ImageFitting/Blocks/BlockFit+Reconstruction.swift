import Compute
import Foundation
import Imaging

extension BlockFit {
  /// Draws the model at the picture's size, row by row, and compares it with the picture.
  ///
  /// - Parameter path: a PNG file to write, under a name that may be replaced.
  /// - Returns: the mean squared error of the samples clipped to [0, 1].
  public func reconstruct(to path: String) throws -> Double {
    let renderer = BlockRenderer(model, workers: workers)
    let writer = try PNGRowWriter(
      path, width: width, height: height, channels: channels, bitDepth: bitDepth)
    let reader = try PNGRowReader(configuration.picture)
    let count = max(configuration.stripRows, 1)
    var sum = 0.0
    for start in stride(from: 0, to: height, by: count) {
      let rows = start..<min(start + count, height)
      let samples = renderer.samples(width: width, height: height, rows: rows, columns: 0..<width)
      try writer.write(samples)
      sum += Self.squaredErrors(of: samples, against: try reader.read(rows.count))
    }
    return sum / (Double(width) * Double(height) * Double(channels))
  }

  private static func squaredErrors(of samples: [Float], against pixels: [UInt16]) -> Double {
    let (samples, pixels) = (samples.span, pixels.span)
    var sum = 0.0
    for start in stride(from: 0, to: samples.count, by: 4096) {
      // Sums of Floats stay short.
      var part: Float = 0
      for i in start..<min(start + 4096, samples.count) {
        let error = min(max(samples[i], 0), 1) - Float(pixels[i]) / 65535
        part += error * error
      }
      sum += Double(part)
    }
    return sum
  }
}
