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

  /// Draws what is nearer than anything before.
  mutating func draw(_ triangle: FlatTriangle) {
    let area = firstSampleRow..<firstSampleRow + rows * samples
    guard let scan = TriangleScan(triangle, rows: area, width: width) else { return }
    let (least, most) = (Float(triangle.nearness.min()), Float(triangle.nearness.max()))
    var start = scan.shares
    for row in scan.rows {
      var shares = start
      let first = scan.nearness(start)
      let offset = (row - firstSampleRow) * width
      for column in scan.columns {
        if shares.x | shares.y | shares.z >= 0 {
          let depth = Float(first + scan.slope * Double(column - scan.columns.lowerBound))
          let clamped = min(max(depth, least), most)
          if clamped > nearness[offset + column] {
            nearness[offset + column] = clamped
            shades[offset + column] = triangle.shade
          }
        }
        shares = shares &+ scan.across
      }
      start = start &+ scan.down
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

/// The samples that a triangle may cover.
///
/// Of a sample, the share of a corner is twice the area that the sample spans with the side opposite
/// to it; inside the triangle no share is negative. Coordinates are whole numbers, so a sample on a
/// side, or beside it, is decided exactly, and no gap opens between neighbours.
private struct TriangleScan {
  let rows: ClosedRange<Int>
  let columns: ClosedRange<Int>
  /// The shares of the first sample, and how they change to the next column and row.
  let shares: SIMD3<Int64>
  let across: SIMD3<Int64>
  let down: SIMD3<Int64>
  /// How the nearness changes to the next column.
  let slope: Double
  private let weights: SIMD3<Double>

  /// - Returns: nil if the triangle covers nothing of the rows.
  init?(_ triangle: FlatTriangle, rows area: Range<Int>, width: Int) {
    var (x, y, near) = (
      SIMD3<Int64>(truncatingIfNeeded: triangle.x), SIMD3<Int64>(truncatingIfNeeded: triangle.y),
      triangle.nearness
    )
    var size = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    guard size != 0 else { return nil }
    if size < 0 {
      (x[1], x[2], y[1], y[2], near[1], near[2]) = (x[2], x[1], y[2], y[1], near[2], near[1])
      size = -size
    }
    // The samples whose middles are in the triangle's box.
    let unit = Int64(FlatScene.unit)
    let left = max(Int((x.min() + unit / 2 - 1) >> 8), 0)
    let right = min(Int((x.max() - unit / 2) >> 8), width - 1)
    let top = max(Int((y.min() + unit / 2 - 1) >> 8), area.lowerBound)
    let bottom = min(Int((y.max() - unit / 2) >> 8), area.upperBound - 1)
    guard left <= right, top <= bottom else { return nil }
    (rows, columns) = (top...bottom, left...right)
    // Sides from corner 1 to 2, 2 to 0, and 0 to 1.
    let (fromX, fromY) = (SIMD3(x[1], x[2], x[0]), SIMD3(y[1], y[2], y[0]))
    let (alongX, alongY) = (SIMD3(x[2], x[0], x[1]) &- fromX, SIMD3(y[2], y[0], y[1]) &- fromY)
    let (sampleX, sampleY) = (Int64(left) * unit + unit / 2, Int64(top) * unit + unit / 2)
    shares = alongX &* (sampleY &- fromY) &- alongY &* (sampleX &- fromX)
    across = 0 &- alongY &* unit
    down = alongX &* unit
    weights = near / Double(size)
    slope = SIMD3<Double>(across).dot(weights)
  }

  func nearness(_ shares: SIMD3<Int64>) -> Double { SIMD3<Double>(shares).dot(weights) }
}
