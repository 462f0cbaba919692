import Foundation
import Imaging

/// A picture that is fitted, at most 512 x 512 pixels of its middle.
struct QualityPicture {
  let name: String
  let image: Image

  static let side = 512

  /// - Parameter side: averaged in squares of equal size until no side is longer, and called so.
  init(_ path: String, side: Int? = nil) throws {
    let whole = try Image.read(path)
    let (width, height) = (min(whole.width, Self.side), min(whole.height, Self.side))
    let (x, y) = ((whole.width - width) / 2, (whole.height - height) / 2)
    let middle = whole.cropped(rows: y..<y + height, columns: x..<x + width)
    let size = side.map { (max(width, height) + $0 - 1) / $0 } ?? 1
    image = middle.areaAveraged(by: size)
    let file = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    name = size > 1 ? "\(file)-\(max(image.width, image.height))" : file
  }

  /// Two photographs of the Kodak collection, where `folder` has them.
  static let colourNames = ["kodim03.png", "kodim08.png"]

  var isInColour: Bool { image.channels == 3 }

  var description: String {
    "\(name), \(image.width) x \(image.height), \(image.channels == 1 ? "gray" : "\(image.channels) channels")"
  }
}

/// Pixels between the samples of every second row and column, by their neighbours.
enum Interpolation {
  /// Whether a pixel is one of the samples.
  static func isSample(_ pixel: Int, width: Int) -> Bool {
    (pixel / width) % 2 == 0 && (pixel % width) % 2 == 0
  }

  /// Of the samples beside the point halfway between two of them.
  static let linear: [Float] = [0.5, 0.5]
  /// Keys' cubic convolution with a = −1/2 (IEEE Trans. ASSP 29, 1981) at that point.
  static let cubic: [Float] = [-0.0625, 0.5625, 0.5625, -0.0625]

  /// PSNR of the pixels that are no samples; beyond the last sample the picture goes on as it ends.
  static func heldOutPSNR(of picture: Image, weights: [Float]) -> Double {
    heldOutPSNR(of: interpolated(picture, weights: weights), against: picture)
  }

  /// PSNR of the pixels that are no samples, in values clipped to black and white.
  static func heldOutPSNR(of found: Image, against picture: Image) -> Double {
    let channels = picture.channels
    var (sum, count) = (0.0, 0)
    for pixel in 0..<picture.pixelCount where !isSample(pixel, width: picture.width) {
      for i in pixel * channels..<(pixel + 1) * channels {
        let difference = Double(min(max(found.samples[i], 0), 1) - picture.samples[i])
        sum += difference * difference
        count += 1
      }
    }
    return -10 * log10(sum / Double(count))
  }

  private static func interpolated(_ picture: Image, weights: [Float]) -> Image {
    let (lastRow, lastColumn) = ((picture.height - 1) / 2 * 2, (picture.width - 1) / 2 * 2)
    // The samples around a place and their weights, along one axis.
    func neighbours(_ place: Int, last: Int) -> [(place: Int, weight: Float)] {
      guard place % 2 == 1 else { return [(place, 1)] }
      return weights.enumerated().map { k, weight in
        (min(max(place + 1 + 2 * (k - weights.count / 2), 0), last), weight)
      }
    }
    var samples: [Float] = []
    samples.reserveCapacity(picture.samples.count)
    for row in 0..<picture.height {
      let rows = neighbours(row, last: lastRow)
      for column in 0..<picture.width {
        let columns = neighbours(column, last: lastColumn)
        for c in 0..<picture.channels {
          var value: Float = 0
          for (y, a) in rows { for (x, b) in columns { value += a * b * picture[y, x, c] } }
          samples.append(value)
        }
      }
    }
    return Image(
      width: picture.width, height: picture.height, channels: picture.channels, samples: samples)
  }
}
