import Imaging
import SplineGeometry

/// A network along a line as a picture: its graph, and where its pieces end.
struct LineDrawing {
  let pieces: LinePieces
  /// Of the value drawn, at the pieces' ends.
  let values: [Double]
  let level: Double
  let crossings: [Double]
  let layerCount: Int
  /// Pixels of the graph's width.
  let width: Double

  var picture: VectorPicture {
    let (margin, line, height) = (8.0, 16.0, width / 2)
    let corner = SIMD2(margin, margin + line + margin)
    let size = SIMD2(width, height)
    var picture = VectorPicture(
      width: width + 2 * margin, height: corner.y + height + 2 * (margin + line) + margin)
    let (low, high) = range
    func place(_ t: Double, _ value: Double) -> SIMD2<Double> {
      let (start, end) = (pieces.ends[0], pieces.ends[pieces.count])
      let share = SIMD2((t - start) / (end - start), (high - value) / (high - low))
      return corner + share * size
    }
    picture.write("\(shortFigure(high)) above, \(shortFigure(low)) below", at: [margin, margin])
    var layers = Array(repeating: VectorPicture.Paths(), count: max(layerCount, 1))
    for (k, t) in pieces.breakpoints.enumerated() {
      guard let neuron = pieces.neurons(at: k).first else { continue }
      layers[neuron.layer].append([place(t, low), place(t, high)])
    }
    let gap = width / Double(pieces.count)
    for (layer, lines) in layers.enumerated().reversed() {
      picture.stroke(
        lines, with: RegionDrawing.layerColor(layer, of: layerCount),
        width: min(max(gap / 10, 0.2), 1), opacity: 0.6)
    }
    if low <= level, level <= high {
      var ground = VectorPicture.Paths()
      let (start, end) = (pieces.ends[0], pieces.ends[pieces.count])
      ground.append([place(start, level), place(end, level)])
      picture.stroke(ground, with: [0.5, 0.5, 0.5], width: 1)
    }
    var graph = VectorPicture.Paths()
    graph.append(zip(pieces.ends, values).map { place($0, $1) })
    picture.stroke(graph, with: [0.1, 0.1, 0.1], width: 1.5)
    var dots = VectorPicture.Paths()
    for t in crossings { dots.append([place(t, level), place(t, level)]) }
    picture.stroke(dots, with: RegionDrawing.red, width: 7)
    let below = SIMD2(margin, corner.y + height + margin)
    picture.write(
      "t from \(shortFigure(pieces.ends[0])) to \(shortFigure(pieces.ends[pieces.count]))",
      at: below)
    RegionDrawing.drawLayerLegend(
      layerCount, at: SIMD2(below.x, below.y + line + margin / 2), on: &picture)
    return picture
  }

  /// Of a constant, with room around it.
  private var range: (low: Double, high: Double) {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    return low < high ? (low, high) : (low - 1, high + 1)
  }
}
