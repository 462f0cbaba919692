import Foundation
import Imaging
import SplineGeometry

/// Square panels in rows, each of a part of the plane: partitions, lines, points, pictures.
struct PartitionPage {
  /// The part of the plane that panels show, a square.
  let range: ClosedRange<Double>
  /// Whether the second coordinate runs downwards, as in pictures.
  let isDownwards: Bool
  private(set) var picture: VectorPicture

  private static let side = 320.0
  private static let margin = 8.0
  private static let caption = 24.0

  init(columns: Int, rows: Int, range: ClosedRange<Double> = -1...1, isDownwards: Bool = false) {
    self.range = range
    self.isDownwards = isDownwards
    picture = VectorPicture(
      width: Double(columns) * (Self.side + Self.margin) + Self.margin,
      height: Double(rows) * (Self.side + Self.caption + Self.margin) + Self.margin)
  }

  /// A panel of the page.
  struct Panel {
    let column: Int
    let row: Int
  }

  private func origin(of panel: Panel) -> SIMD2<Double> {
    SIMD2(Double(panel.column), Double(panel.row))
      * SIMD2(Self.side + Self.margin, Self.side + Self.caption + Self.margin) + Self.margin
      + SIMD2(0, Self.caption)
  }

  private func place(_ point: SIMD2<Double>, in panel: Panel) -> SIMD2<Double> {
    var share = (point - range.lowerBound) / (range.upperBound - range.lowerBound)
    if !isDownwards { share.y = 1 - share.y }
    return origin(of: panel) + Self.side * share
  }

  mutating func write(_ caption: String, over panel: Panel) {
    picture.write(caption, at: origin(of: panel) - SIMD2(0, Self.caption - 2))
  }

  /// Draws a partition: regions in pale colours that go with their patterns if `isColored`, and edges.
  mutating func draw(_ partition: PlanarPartition, in panel: Panel, isColored: Bool) {
    let places = partition.vertices.map { place($0, in: panel) }
    if isColored {
      var polygons = Array(repeating: VectorPicture.Paths(), count: Self.colors.count)
      for region in 0..<partition.regionCount {
        let color = Int(partition.patternHash(of: region) % UInt64(Self.colors.count))
        polygons[color].append(partition.corners(of: region).map { places[Int($0)] })
      }
      for (polygons, color) in zip(polygons, Self.colors) { picture.fill(polygons, with: color) }
    }
    var edges = VectorPicture.Paths()
    for edge in partition.edges {
      edges.append([places[Int(edge.ends.x)], places[Int(edge.ends.y)]])
    }
    // As much ink as the regions leave room for.
    let width = min(max(Self.side / Double(partition.regionCount).squareRoot() / 8, 0.35), 1)
    picture.stroke(edges, with: [0.1, 0.15, 0.25], width: width)
  }

  /// Thirty-six pale colours.
  private static let colors: [VectorPicture.Color] = (0..<36).map { number in
    let hue = Double(number / 2) / 18
    let lightness = [0.8, 0.9][number % 2]
    var color = VectorPicture.Color()
    for channel in 0..<3 {
      let wave = cos(2 * Double.pi * (hue - Double(channel) / 3))
      color[channel] = Float(lightness + 0.7 * (1 - lightness) * wave)
    }
    return color
  }

  mutating func draw(_ lines: [LevelContour.Polyline], in panel: Panel) {
    var paths = VectorPicture.Paths()
    for line in lines {
      let points = line.isClosed ? line.points + line.points.prefix(1) : line.points
      paths.append(points.map { place($0, in: panel) })
    }
    picture.stroke(paths, with: [1, 1, 1], width: 4)
    picture.stroke(paths, with: [0.85, 0.05, 0.1], width: 2)
  }

  /// Draws points as small squares on their corners.
  mutating func draw(
    _ points: [SIMD2<Double>], in panel: Panel, color: VectorPicture.Color, radius: Double = 3
  ) {
    var paths = VectorPicture.Paths()
    for point in points {
      let center = place(point, in: panel)
      paths.append([[0, -radius], [radius, 0], [0, radius], [-radius, 0]].map { center + $0 })
    }
    picture.fill(paths, with: color)
  }

  /// Draws a square picture, a polygon a pixel.
  mutating func draw(
    _ image: Image, in panel: Panel, color: (Float) -> VectorPicture.Color = Self.gray
  ) {
    let levels = 64
    var pixels = Array(repeating: VectorPicture.Paths(), count: levels + 1)
    let size = Self.side / Double(image.width)
    let origin = origin(of: panel)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let a = origin + size * SIMD2(Double(column), Double(row))
        let value = min(max(image[row, column, 0], 0), 1)
        pixels[Int((value * Float(levels)).rounded())].append([
          a, a + SIMD2(size, 0), a + SIMD2(size, size), a + SIMD2(0, size),
        ])
      }
    }
    for (level, pixels) in pixels.enumerated() {
      picture.fill(pixels, with: color(Float(level) / Float(levels)))
    }
    var outline = VectorPicture.Paths()
    let end = Self.side
    outline.append(
      [[0, 0], [end, 0], [end, end], [0, end], [0, 0]].map { origin + $0 })
    picture.stroke(outline, with: [0.5, 0.5, 0.5], width: 1)
  }

  static func gray(_ value: Float) -> VectorPicture.Color { VectorPicture.Color(repeating: value) }

  /// Blue below ½, white there, red above.
  static func diverging(_ value: Float) -> VectorPicture.Color {
    let away = abs(2 * value - 1)
    return value < 0.5
      ? [1 - 0.85 * away, 1 - 0.6 * away, 1 - 0.3 * away]
      : [1 - 0.2 * away, 1 - 0.8 * away, 1 - 0.85 * away]
  }
}
