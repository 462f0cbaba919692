import Foundation
import Imaging
import SplineGeometry

/// Partitions as a picture: one panel, or one for each layer.
struct RegionDrawing {
  struct Panel {
    /// Nil of a panel that stands alone.
    let caption: String?
    let partition: PlanarPartition
    /// A level set, on top.
    let lines: [LevelContour.Polyline]
    /// The layer whose edges stand out; nil if all have their own colours.
    var newestLayer: Int?
    /// If they are known.
    var slopes: RegionSlopes?
  }

  let panels: [Panel]
  let frame: ContourDrawing.Frame
  let coloring: RegionOptions.Coloring
  let layerCount: Int

  private static let margin = 8.0
  private static let line = 16.0

  var picture: VectorPicture {
    let columns =
      panels.count <= 4 ? panels.count : Int(Double(panels.count).squareRoot().rounded(.up))
    let rows = (panels.count + columns - 1) / columns
    let caption = panels[0].caption == nil ? 0 : Self.line + Self.margin
    let legend = hasLegend ? Self.line + Self.margin : 0
    let cell = SIMD2(max(frame.size.x, 200), frame.size.y + caption + legend) + Self.margin
    var picture = VectorPicture(
      width: Double(columns) * cell.x + Self.margin, height: Double(rows) * cell.y + Self.margin)
    for (number, panel) in panels.enumerated() {
      let corner =
        SIMD2(Double(number % columns), Double(number / columns)) * cell + Self.margin
      if let caption = panel.caption { picture.write(caption, at: corner) }
      let origin = corner + SIMD2(0, caption)
      draw(panel, at: origin, on: &picture)
    }
    return picture
  }

  private var hasLegend: Bool { coloring == .slope || coloring == .layer }

  private func draw(_ panel: Panel, at origin: SIMD2<Double>, on picture: inout VectorPicture) {
    let places = panel.partition.vertices.map { frame.place(of: $0) + origin }
    let below = origin + SIMD2(0, frame.size.y + Self.margin)
    switch coloring {
    case .plain: break
    case .layer: Self.drawLayerLegend(layerCount, at: below, on: &picture)
    case .pattern: fillPatterns(panel.partition, places, on: &picture)
    case .slope:
      let slopes = panel.slopes ?? RegionSlopes(panel.partition)
      fill(panel.partition, places, slopes, on: &picture)
      drawLegend(of: slopes, at: below, on: &picture)
    }
    drawEdges(of: panel, places, on: &picture)
    var lines = VectorPicture.Paths()
    for line in panel.lines {
      let points = line.isClosed ? line.points + line.points.prefix(1) : line.points
      lines.append(points.map { frame.place(of: $0) + origin })
    }
    // With a rim, so that it is seen on any ground.
    picture.stroke(lines, with: [1, 1, 1], width: 4)
    picture.stroke(lines, with: Self.red, width: 2)
  }

  static let red: VectorPicture.Color = [0.85, 0.05, 0.1]

  // MARK: - Regions

  private func fillPatterns(
    _ partition: PlanarPartition, _ places: [SIMD2<Double>], on picture: inout VectorPicture
  ) {
    let count = UInt64(Self.patternColors.count)
    fill(partition, places, with: Self.patternColors, on: &picture) {
      Int(partition.patternHash(of: $0) % count)
    }
  }

  private func fill(
    _ partition: PlanarPartition, _ places: [SIMD2<Double>], _ slopes: RegionSlopes,
    on picture: inout VectorPicture
  ) {
    let count = Self.heatColors.count
    fill(partition, places, with: Self.heatColors, on: &picture) {
      min(Int(slopes.share(of: $0) * Double(count)), count - 1)
    }
  }

  /// - Parameter number: of each region, that of its colour.
  private func fill(
    _ partition: PlanarPartition, _ places: [SIMD2<Double>], with colors: [VectorPicture.Color],
    on picture: inout VectorPicture, number: (_ region: Int) -> Int
  ) {
    var polygons = Array(repeating: VectorPicture.Paths(), count: colors.count)
    for region in 0..<partition.regionCount {
      polygons[number(region)].append(partition.corners(of: region).map { places[Int($0)] })
    }
    for (polygons, color) in zip(polygons, colors) { picture.fill(polygons, with: color) }
  }

  private static let heatColors = (0..<64).map { HeatColor.color(of: (Float($0) + 0.5) / 64) }

  /// 48 hues in three lightnesses.
  static let patternColors: [VectorPicture.Color] = (0..<144).map { number in
    let hue = Double(number / 3) / 48
    let lightness = [0.72, 0.8, 0.88][number % 3]
    var color = VectorPicture.Color()
    for channel in 0..<3 {
      let wave = cos(2 * Double.pi * (hue - Double(channel) / 3))
      color[channel] = Float(lightness + 0.8 * (1 - lightness) * wave)
    }
    return color
  }

  // MARK: - Edges

  private func drawEdges(
    of panel: Panel, _ places: [SIMD2<Double>], on picture: inout VectorPicture
  ) {
    let partition = panel.partition
    var outline = VectorPicture.Paths()
    var layers = Array(repeating: VectorPicture.Paths(), count: max(layerCount, 1))
    for edge in partition.edges {
      let ends = [places[Int(edge.ends.x)], places[Int(edge.ends.y)]]
      if let neuron = partition.neuron(of: edge) {
        layers[neuron.layer].append(ends)
      } else {
        outline.append(ends)
      }
    }
    // Of a region as large as the mean.
    let side = (frame.size.x * frame.size.y / Double(partition.regionCount)).squareRoot()
    let width = min(max(side / (coloring == .layer ? 10 : 16), 0.1), 1.25)
    // The first layer's lines, of which there are fewest, are drawn last.
    for (layer, lines) in layers.enumerated().reversed() where layer != panel.newestLayer {
      let isQuiet = panel.newestLayer != nil
      picture.stroke(
        lines, with: isQuiet ? [0.6, 0.6, 0.6] : edgeColor(layer), width: width,
        opacity: isQuiet || coloring == .layer ? 1 : 0.7)
    }
    if let newest = panel.newestLayer {
      picture.stroke(layers[newest], with: edgeColor(newest), width: max(1.5 * width, 0.8))
    }
    picture.stroke(outline, with: [0.4, 0.4, 0.4], width: 1)
  }

  private func edgeColor(_ layer: Int) -> VectorPicture.Color {
    switch coloring {
    case .layer: Self.layerColor(layer, of: layerCount)
    case .plain: [0.1, 0.1, 0.1]
    case .pattern: [0.25, 0.25, 0.3]
    case .slope: [1, 1, 1]
    }
  }

  /// Dark for the first layer, light for the last.
  static func layerColor(_ layer: Int, of count: Int) -> VectorPicture.Color {
    HeatColor.color(of: 0.15 + 0.62 * Float(layer) / Float(max(count - 1, 1)))
  }

  // MARK: - Legends

  private func drawLegend(
    of slopes: RegionSlopes, at place: SIMD2<Double>, on picture: inout VectorPicture
  ) {
    let low = "slope \(shortFigure(slopes.lowest))"
    picture.write(low, at: place)
    let start = place.x + 12 * Double(low.count) + 4
    let length = 96.0
    for (k, color) in Self.heatColors.enumerated() {
      let (a, b) = (
        start + length * Double(k) / 64, start + length * Double(k + 1) / 64
      )
      Self.fillBox(at: [a, place.y], size: [b - a, 14], with: color, on: &picture)
    }
    picture.write(shortFigure(slopes.highest), at: [start + length + 8, place.y])
  }

  static func drawLayerLegend(
    _ count: Int, at place: SIMD2<Double>, on picture: inout VectorPicture
  ) {
    var place = place
    picture.write("layer", at: place)
    place.x += 68
    for layer in 0..<count {
      fillBox(at: place, size: [14, 14], with: layerColor(layer, of: count), on: &picture)
      picture.write("\(layer + 1)", at: SIMD2(place.x + 18, place.y))
      place.x += layer < 9 ? 40 : 52
    }
  }

  private static func fillBox(
    at corner: SIMD2<Double>, size: SIMD2<Double>, with color: VectorPicture.Color,
    on picture: inout VectorPicture
  ) {
    let (x, y, end) = (corner.x, corner.y, corner + size)
    let corners: [SIMD2<Double>] = [[x, y], [end.x, y], [end.x, end.y], [x, end.y]]
    var box = VectorPicture.Paths()
    box.append(corners)
    picture.fill(box, with: color)
  }
}

/// Three digits.
func shortFigure(_ value: Double) -> String { String(format: "%.3g", value) }

/// How steep a network is in each region: the Frobenius norm of its gradients.
struct RegionSlopes {
  let values: [Double]
  /// The least and the greatest that colours tell apart, evenly in the logarithm: 1 % and 99 % of the
  /// area are below, for a few thin regions may be far steeper, but not more than a factor of a
  /// thousand lies between them.
  let lowest: Double
  let highest: Double

  init(_ partition: PlanarPartition) {
    values = (0..<partition.regionCount).map { region in
      partition.map(of: region).gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let sorted = values.enumerated().map { (slope: $1, area: partition.area(of: $0)) }
      .sorted { $0.slope < $1.slope }
    let area = sorted.reduce(0) { $0 + $1.area }
    func quantile(_ share: Double) -> Double {
      var sum = 0.0
      return sorted.first {
        sum += $0.area
        return sum >= share * area
      }?.slope ?? 0
    }
    highest = quantile(0.99)
    lowest = max(quantile(0.01), highest / 1000)
  }

  /// Where a region stands between the lowest and the highest, in 0...1.
  func share(of region: Int) -> Double {
    guard highest > lowest else { return 0.5 }
    let slope = max(values[region], lowest)
    return min(log(slope / lowest) / log(highest / lowest), 1)
  }
}
