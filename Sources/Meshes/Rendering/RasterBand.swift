/// Some rows of a picture with their depth buffer.
struct RasterBand {
  private let rows: Int
  private let columns: Int
  private let samples: Int
  private let firstSampleRow: Int
  private let width: Int
  private var nearness: [Float]
  private var shades: [Float]

  /// - Parameters:
  ///   - rows, columns, firstRow: in pixels.
  init(rows: Int, columns: Int, samples: Int, firstRow: Int) {
    self.rows = rows
    self.columns = columns
    self.samples = samples
    firstSampleRow = firstRow * samples
    width = columns * samples
    nearness = [Float](repeating: -.infinity, count: rows * samples * width)
    shades = [Float](repeating: 0, count: rows * samples * width)
  }

  /// Draws what is nearer than anything before. Coordinates are whole numbers, so a sample on an
  /// edge, or beside it, is decided exactly, and no gap opens between neighbours.
  mutating func draw(_ triangle: FlatTriangle) {
    var (x, y, near) = (
      SIMD3<Int64>(truncatingIfNeeded: triangle.x), SIMD3<Int64>(truncatingIfNeeded: triangle.y),
      triangle.nearness
    )
    var area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    guard area != 0 else { return }
    if area < 0 {
      (x[1], x[2], y[1], y[2], near[1], near[2]) = (x[2], x[1], y[2], y[1], near[2], near[1])
      area = -area
    }
    // The samples whose middles are in the triangle's box.
    let unit = Int64(FlatScene.unit)
    let left = max(Int((x.min() + unit / 2 - 1) >> 8), 0)
    let right = min(Int((x.max() - unit / 2) >> 8), width - 1)
    let top = max(Int((y.min() + unit / 2 - 1) >> 8), firstSampleRow)
    let bottom = min(Int((y.max() - unit / 2) >> 8), firstSampleRow + rows * samples - 1)
    guard left <= right, top <= bottom else { return }
    // Twice the areas that a sample spans with each side, opposite to corner 0, 1, 2.
    func share(_ from: Int, _ to: Int) -> (value: Int64, across: Int64, down: Int64) {
      let (dx, dy) = (x[to] - x[from], y[to] - y[from])
      let (px, py) = (Int64(left) * unit + unit / 2, Int64(top) * unit + unit / 2)
      return (dx * (py - y[from]) - dy * (px - x[from]), -dy * unit, dx * unit)
    }
    let (a, b, c) = (share(1, 2), share(2, 0), share(0, 1))
    let scale = 1 / Double(area)
    let steps = SIMD3(Double(a.across), Double(b.across), Double(c.across)) * scale
    let (least, most) = (Float(near.min()), Float(near.max()))
    var start = SIMD3(a.value, b.value, c.value)
    for row in top...bottom {
      var shares = start
      let weights = SIMD3<Double>(Double(start.x), Double(start.y), Double(start.z)) * scale
      let first = weights.dot(near)
      let slope = steps.dot(near)
      let offset = (row - firstSampleRow) * width
      for column in left...right {
        if shares.x | shares.y | shares.z >= 0 {
          let depth = Float(first + slope * Double(column - left))
          let clamped = min(max(depth, least), most)
          if clamped > nearness[offset + column] {
            nearness[offset + column] = clamped
            shades[offset + column] = triangle.shade
          }
        }
        shares = shares &+ SIMD3(a.across, b.across, c.across)
      }
      start = start &+ SIMD3(a.down, b.down, c.down)
    }
  }

  /// The means over the samples of each pixel.
  func pixels() -> (shade: [Float], coverage: [Float]) {
    var shade = [Float](repeating: 0, count: rows * columns)
    var coverage = shade
    for row in 0..<rows {
      for column in 0..<columns {
        var (sum, count) = (0 as Float, 0 as Float)
        for y in row * samples..<(row + 1) * samples {
          for x in column * samples..<(column + 1) * samples
          where nearness[y * width + x] > -.infinity {
            sum += shades[y * width + x]
            count += 1
          }
        }
        let pixel = row * columns + column
        shade[pixel] = count > 0 ? sum / count : 0
        coverage[pixel] = count / Float(samples * samples)
      }
    }
    return (shade, coverage)
  }
}
