import Compute
import Foundation
import Networks
import SplineGeometry

/// The kinds of files for level lines, by their endings.
enum ContourFormat: String, CaseIterable {
  case svg, obj, npy

  init?(endingOf path: String) {
    self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }
}

/// Level lines as the bytes of a file.
struct ContourDrawing {
  /// Where a drawing has the network's coordinates.
  struct Frame {
    /// In pixels, without the margin.
    let size: SIMD2<Double>
    private let box: [ClosedRange<Double>]
    /// Whether the second coordinate is the one that runs to the right.
    private let isTransposed: Bool
    private let y: ContourOptions.YDirection

    static let longestSide = 800.0

    /// The box in its proportions; of a picture's network, in those of the picture.
    init(
      box: [ClosedRange<Double>], model: Model?, y: ContourOptions.YDirection?,
      longestSide: Double = longestSide
    ) {
      isTransposed = model?.axes == .yx
      self.box = isTransposed ? box.reversed() : box
      self.y = y ?? (model?.isPicture == true ? .down : .up)
      var size = SIMD2(
        self.box[0].upperBound - self.box[0].lowerBound,
        self.box[1].upperBound - self.box[1].lowerBound)
      if let model, model.isPicture, let width = model.integer("width"),
        let height = model.integer("height"),
        width > 0, height > 0
      {
        size *= SIMD2(Double(width), Double(height))
      }
      self.size = size * (longestSide / size.max())
    }

    func place(of point: SIMD2<Double>) -> SIMD2<Double> {
      let p = isTransposed ? SIMD2(point.y, point.x) : point
      let shareX = (p.x - box[0].lowerBound) / (box[0].upperBound - box[0].lowerBound)
      let shareY = (p.y - box[1].lowerBound) / (box[1].upperBound - box[1].lowerBound)
      return SIMD2(shareX, y == .down ? shareY : 1 - shareY) * size
    }
  }

  let lines: [(level: Double, polylines: [LevelContour.Polyline])]
  let frame: Frame

  func encoded(as format: ContourFormat) -> Data {
    switch format {
    case .svg: Data(svg.utf8)
    case .obj: Data(obj.utf8)
    case .npy: npy
    }
  }

  /// One group a level, one path a line, inside the outline of the box.
  private var svg: String {
    let margin = 8.0
    let (width, height) = (text(frame.size.x + 2 * margin), text(frame.size.y + 2 * margin))
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)">
      <rect width="100%" height="100%" fill="white"/>
      <g transform="translate(\(text(margin)) \(text(margin)))" fill="none" stroke-linejoin="round">
      <rect width="\(text(frame.size.x))" height="\(text(frame.size.y))" stroke="#888"/>

      """
    for (number, (level, polylines)) in lines.enumerated() {
      svg +=
        "<g stroke=\"\(color(number))\" stroke-width=\"1.25\"><title>\(shortText(level))</title>\n"
      for line in polylines {
        let places = line.points.map { frame.place(of: $0) }
        let path = places.map { "\(text($0.x)) \(text($0.y))" }.joined(separator: "L")
        svg += "<path d=\"M\(path)\(line.isClosed ? "Z" : "")\"/>\n"
      }
      svg += "</g>\n"
    }
    return svg + "</g>\n</svg>\n"
  }

  /// From blue, the lowest level, to red.
  private func color(_ number: Int) -> String {
    guard lines.count > 1 else { return "#14407a" }
    let rank = lines.count { $0.level < lines[number].level }
    let share = Double(rank) / Double(lines.count - 1)
    let (low, middle, high) = (
      SIMD3<Double>(33, 102, 172), SIMD3<Double>(120, 120, 120), SIMD3<Double>(178, 24, 43)
    )
    let color =
      share < 0.5
      ? low + 2 * share * (middle - low) : middle + (2 * share - 1) * (high - middle)
    return "#"
      + (0..<3).map { String(format: "%02x", Int(color[$0].rounded())) }.joined()
  }

  /// A ten-thousandth of a pixel.
  private func text(_ value: Double) -> String {
    shortText((value * 10_000).rounded() / 10_000)
  }

  /// Vertices with z = 0 and all their digits, an element `l` a line, and a group a level.
  private var obj: String {
    var text = ""
    var numbers: [SIMD2<Double>: Int] = [:]
    for point in lines.lazy.flatMap(\.polylines).flatMap(\.points) where numbers[point] == nil {
      numbers[point] = numbers.count + 1
      text += "v \(shortText(point.x)) \(shortText(point.y)) 0\n"
    }
    for (level, polylines) in lines {
      text += "g level_\(shortText(level))\n"
      for line in polylines {
        let points = line.isClosed ? line.points + line.points.prefix(1) : line.points
        text += "l " + points.compactMap { numbers[$0].map(String.init) }.joined(separator: " ")
        text += "\n"
      }
    }
    return text
  }

  private var npy: Data {
    var ends: [Double] = []
    for line in lines.lazy.flatMap(\.polylines) {
      for k in 0..<line.segmentCount {
        let (a, b) = (line.points[k], line.points[(k + 1) % line.points.count])
        ends += [a.x, a.y, b.x, b.y]
      }
    }
    return NumpyArray.encoded(ends, shape: [ends.count / 4, 2, 2])
  }
}
