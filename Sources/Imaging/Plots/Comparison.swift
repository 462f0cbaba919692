import Foundation

extension Image {
  /// Target, reconstruction and the size of their difference side by side, with captions: an RGB
  /// picture.
  ///
  /// - Large pictures are averaged over squares of pixels until the whole has at most
  ///   `maximumWidth` columns and each picture as many rows; the pixels of small ones are enlarged.
  /// - Alpha is shown over a checkerboard. Samples are clipped to 0...1.
  /// - The error of a pixel is the mean of |difference| over the channels. The colours end at the
  ///   first of 1, 2, 5, 10, … · 10ⁿ, at least 0.001, that 99.8 % of the shown errors do not
  ///   exceed; a ≥ before the printed end says that others do.
  public static func comparison(
    target: Image, reconstruction: Image, caption: String = "reconstruction",
    maximumWidth: Int = 2400
  ) -> Image {
    checkShapes(target, reconstruction)
    let page = ComparisonPage(showing: target, maximumWidth: maximumWidth)
    let error = absoluteDifference(target, reconstruction).areaAveraged(by: page.shrinking)
    let scale = ErrorScale(error.samples)
    var picture = page.blank
    page.place(target.areaAveraged(by: page.shrinking).opaque, in: 0, of: &picture)
    page.place(reconstruction.areaAveraged(by: page.shrinking).opaque, in: 1, of: &picture)
    page.place(error.heatMap(end: scale.end), in: 2, of: &picture)
    page.write("target", over: 0, of: &picture)
    page.write(caption, over: 1, of: &picture)
    page.drawScale(from: "|error| 0", to: scale.label, over: 2, of: &picture)
    return picture
  }

  /// The mean of |difference| over the channels of each pixel.
  private static func absoluteDifference(_ first: Image, _ second: Image) -> Image {
    let (x, y) = (first.samples.span, second.samples.span)
    let samples = [Float](capacity: first.pixelCount) { samples in
      for pixel in 0..<first.pixelCount {
        var sum: Float = 0
        for i in pixel * first.channels..<(pixel + 1) * first.channels { sum += abs(x[i] - y[i]) }
        samples.append(sum / Float(first.channels))
      }
    }
    return Image(width: first.width, height: first.height, channels: 1, samples: samples)
  }

  /// The picture in RGB, clipped to 0...1, over a checkerboard where it is transparent.
  private var opaque: Image {
    var samples: [Float] = []
    samples.reserveCapacity(3 * pixelCount)
    for row in 0..<height {
      for column in 0..<width {
        let alpha = hasAlpha ? clipped(row, column, channels - 1) : 1
        let board: Float = (row / 8 + column / 8).isMultiple(of: 2) ? 1 : 0.8
        for channel in 0..<3 {
          let value = clipped(row, column, colorChannels == 1 ? 0 : channel)
          samples.append(alpha * value + (1 - alpha) * board)
        }
      }
    }
    return Image(width: width, height: height, channels: 3, samples: samples)
  }

  private func clipped(_ row: Int, _ column: Int, _ channel: Int) -> Float {
    min(max(self[row, column, channel], 0), 1)
  }

  private func heatMap(end: Float) -> Image {
    let colors = samples.flatMap { sample in
      let color = HeatColor.color(of: sample / end)
      return [color.x, color.y, color.z]
    }
    return Image(width: width, height: height, channels: 3, samples: colors)
  }
}

/// Where the colours of an error map end.
struct ErrorScale {
  let end: Float
  let label: String

  init(_ errors: [Float]) {
    let sorted = errors.filter(\.isFinite).sorted()
    let typical = sorted.isEmpty ? 0 : sorted[Int(0.998 * Float(sorted.count - 1))]
    let power = pow(10, floor(log10(max(Double(typical), 0.001))))
    let ends = [0.1, 1, 2, 5, 10, 20].map { Float($0 * power) }
    end = ends.first { $0 >= max(typical, 0.001) * 0.9999 } ?? typical
    let number = AxisMarks.label(of: Double(end), step: Double(end))
    label = (sorted.last ?? 0) > end ? "≥" + number : number
  }
}

/// The layout of a comparison: three cells in a row, a caption over each.
private struct ComparisonPage {
  static let margin = 16
  /// Enough for captions of 25 small letters.
  private static let leastWidth = 300
  static let ink = SIMD3<Float>(repeating: 0.1)

  /// The side of the squares of pixels that become one.
  let shrinking: Int
  /// The side of the square that one pixel becomes.
  private let enlarging: Int
  private let letterScale: Int
  private let cellWidth: Int
  private let cellHeight: Int

  init(showing image: Image, maximumWidth: Int) {
    let room = max(1, (maximumWidth - 4 * Self.margin) / 3)
    shrinking = max(
      (image.width + room - 1) / room, (image.height + maximumWidth - 1) / maximumWidth)
    enlarging = max(1, min(room, Self.leastWidth) / max(image.width, image.height))
    let width = (image.width + shrinking - 1) / shrinking * enlarging
    cellHeight = (image.height + shrinking - 1) / shrinking * enlarging
    cellWidth = max(width, min(room, Self.leastWidth))
    letterScale = cellWidth < 560 ? 2 : 3
  }

  private var captionHeight: Int { letterScale * BitmapFont.height + Self.margin / 2 }

  private func left(ofCell cell: Int) -> Int { Self.margin + cell * (cellWidth + Self.margin) }

  var blank: Image {
    Image(
      width: 3 * cellWidth + 4 * Self.margin, height: cellHeight + captionHeight + 2 * Self.margin,
      channels: 3, filledWith: 1)
  }

  func place(_ image: Image, in cell: Int, of page: inout Image) {
    let (top, left) = (Self.margin + captionHeight, left(ofCell: cell))
    for row in 0..<image.height * enlarging {
      for column in 0..<image.width * enlarging {
        for channel in 0..<3 {
          page[top + row, left + column, channel] =
            image[row / enlarging, column / enlarging, channel]
        }
      }
    }
  }

  func write(_ caption: String, over cell: Int, of page: inout Image) {
    let room = cellWidth / (BitmapFont.advance * letterScale)
    page.draw(
      String(caption.prefix(room)), row: Self.margin, column: left(ofCell: cell),
      scale: letterScale, color: Self.ink)
  }

  /// Draws the colours from 0 to 1 between two captions.
  func drawScale(from start: String, to end: String, over cell: Int, of page: inout Image) {
    let gap = letterScale * BitmapFont.advance
    write(start, over: cell, of: &page)
    let first = left(ofCell: cell) + start.count * gap + gap / 2
    let endLeft = left(ofCell: cell) + cellWidth - BitmapFont.width(of: end) * letterScale
    page.draw(end, row: Self.margin, column: endLeft, scale: letterScale, color: Self.ink)
    let columns = first..<max(first + 1, endLeft - gap)
    for column in columns {
      let share = Float(column - columns.lowerBound) / Float(columns.count)
      page.fill(
        rows: Self.margin..<Self.margin + 7 * letterScale, columns: column..<column + 1,
        with: HeatColor.color(of: share))
    }
  }
}
