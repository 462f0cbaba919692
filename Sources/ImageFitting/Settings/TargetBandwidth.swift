import Foundation
import Imaging

/// How fine a picture is, seen from the pixels of a fit.
///
/// Of a stationary field with power spectrum P, the mean squared difference of two points at distance
/// d is D(d) = 2 ∫ P(ν) (1 − cos 2πνd) dν (its structure function, twice the variogram), and of a
/// single wave D(2d)/D(d) = 2 (1 + cos 2πνd). So one ratio of differences tells the frequency of the
/// wave that would look as fine, for any selection of pixels that has neighbours
/// (`Documentation/Math/target-bandwidth.md`).
public struct TargetBandwidth: Sendable, Equatable {
  /// The equivalent wave's frequency as a share of the highest one that the samples show: 0 smooth,
  /// ½ edges and Brownian detail (D grows with d), ⅔ white noise, 1 a chessboard.
  public let radius: Double
  /// Pixels from one sample to the next.
  public let spacing: Int

  /// - Returns: nil where too few pixels have neighbours, or where all are equal.
  public init?(of picture: Image, seen pixels: [Int32]) {
    guard !pixels.isEmpty else { return nil }
    let density = Double(pixels.count) / Double(picture.pixelCount)
    let spacing = max(1, Int((1 / density.squareRoot()).rounded()))
    let differences = SeenDifferences(picture, pixels)
    guard var near = differences.meanSquare(at: spacing),
      var far = differences.meanSquare(at: 2 * spacing)
    else { return nil }
    // Differences smaller than a step of the samples tell more of the steps than of the picture.
    var factor = 1
    while near < differences.squaredStep,
      let farther = differences.meanSquare(at: 4 * factor * spacing), farther > 0
    {
      (near, far, factor) = (far, farther, 2 * factor)
    }
    guard far > 0 else { return nil }
    self.spacing = spacing
    let wave = near > 0 ? acos(min(max(far / near / 2 - 1, -1), 1)) / .pi : 0
    radius = wave / Double(factor)
  }
}

/// Differences between pixels that a fit sees.
private struct SeenDifferences {
  private let picture: Image
  /// Empty where all pixels are.
  private let isSeen: [Bool]

  init(_ picture: Image, _ pixels: [Int32]) {
    self.picture = picture
    guard pixels.count < picture.pixelCount else {
      isSeen = []
      return
    }
    var isSeen = [Bool](repeating: false, count: picture.pixelCount)
    for pixel in pixels { isSeen[Int(pixel)] = true }
    self.isSeen = isSeen
  }

  private func isSeen(_ pixel: Int) -> Bool { isSeen.isEmpty || isSeen[pixel] }

  /// Over all pairs of seen pixels of a row, and of a column, that are so far apart; less what the
  /// rounding of samples to the steps of the file adds, two variances of a step squared / 12.
  func meanSquare(at distance: Int) -> Double? {
    let (width, height) = (picture.width, picture.height)
    var (sum, count) = (0.0, 0)
    for row in 0..<height {
      for column in 0..<width where isSeen(row * width + column) {
        let pixel = row * width + column
        if column + distance < width, isSeen(pixel + distance) {
          sum += squaredDistance(pixel, pixel + distance)
          count += 1
        }
        if row + distance < height, isSeen(pixel + distance * width) {
          sum += squaredDistance(pixel, pixel + distance * width)
          count += 1
        }
      }
    }
    return count == 0 ? nil : sum / Double(count) - squaredStep / 6
  }

  /// The step from one value of the file's samples to the next, squared, over all channels.
  var squaredStep: Double {
    let step = picture.bitDepth == .eight ? 1 / 255.0 : 1 / 65_535.0
    return Double(picture.colorChannels) * step * step
  }

  private func squaredDistance(_ one: Int, _ other: Int) -> Double {
    let channels = picture.channels
    return (0..<picture.colorChannels).reduce(0) { sum, c in
      let difference = Double(
        picture.samples[one * channels + c] - picture.samples[other * channels + c])
      return sum + difference * difference
    }
  }
}
