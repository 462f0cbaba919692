extension VectorPicture {
  /// The drawing in pixels, RGB.
  ///
  /// A polygon has the pixels whose centres it covers; polygons that share sides cover each pixel
  /// once. Lines are smooth at their sides.
  public var image: Image {
    var image = Image(
      width: Int(width.rounded(.up)), height: Int(height.rounded(.up)), channels: 3, filledWith: 1)
    var mask = LineMask(width: image.width, height: image.height)
    for shape in shapes {
      switch shape {
      case .fill(let polygons, let color):
        for polygon in 0..<polygons.count { image.fill(polygons[polygon], with: color) }
      case .stroke(let lines, let color, let width, let opacity):
        for line in 0..<lines.count {
          let points = lines[line]
          for (a, b) in zip(points, points.dropFirst()) { mask.draw(from: a, to: b, width: width) }
        }
        mask.paint(on: &image, with: color, opacity: Float(opacity))
      case .text(let text, let place, let size, let color):
        let scale = max(1, Int((size / Double(BitmapFont.height)).rounded()))
        image.draw(
          text, row: Int(place.y.rounded()), column: Int(place.x.rounded()), scale: scale,
          color: color)
      }
    }
    return image
  }
}

extension Image {
  /// Paints the pixels whose centres lie in a convex polygon.
  fileprivate mutating func fill(
    _ polygon: ArraySlice<SIMD2<Double>>, with color: VectorPicture.Color
  ) {
    let heights = polygon.lazy.map(\.y)
    guard let top = heights.min(), let bottom = heights.max() else { return }
    let rows = Self.pixels(from: top, to: bottom, count: height)
    for row in rows {
      let y = Double(row) + 0.5
      var (left, right) = (Double.infinity, -Double.infinity)
      var before = polygon[polygon.endIndex - 1]
      for corner in polygon {
        // The same for both polygons at a side.
        let (a, b) = before.y <= corner.y ? (before, corner) : (corner, before)
        before = corner
        guard a.y <= y, y < b.y else { continue }
        let x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)
        left = min(left, x)
        right = max(right, x)
      }
      guard left < right else { continue }
      fill(
        rows: row..<row + 1, columns: Self.pixels(from: left, to: right, count: width), with: color)
    }
  }

  /// The pixels of a row whose centres lie in `from..<to`.
  private static func pixels(from start: Double, to end: Double, count: Int) -> Range<Int> {
    let limit = Double(count)
    let first = Int(min(max((start - 0.5).rounded(.up), 0), limit))
    let last = Int(min(max((end - 0.5).rounded(.up), 0), limit))
    return first..<max(first, last)
  }
}

/// How much of each pixel lines cover; where they overlap, the largest share counts.
private struct LineMask {
  private let width: Int
  private let height: Int
  private var shares: [Float]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    shares = Array(repeating: 0, count: width * height)
  }

  /// A line thinner than a pixel is a pixel wide and paler.
  mutating func draw(from a: SIMD2<Double>, to b: SIMD2<Double>, width lineWidth: Double) {
    let (reach, strength) = (max(lineWidth, 1) / 2 + 0.5, min(lineWidth, 1))
    let d = b - a
    let square = (d * d).sum()
    // Along the longer axis, a few pixels across.
    let isFlat = abs(d.x) >= abs(d.y)
    let (along, across) = isFlat ? (0, 1) : (1, 0)
    let slope = d[along] == 0 ? 0 : d[across] / d[along]
    let spread = reach * (1 + slope * slope).squareRoot()
    let counts = isFlat ? SIMD2(width, height) : SIMD2(height, width)
    let (low, high) = (min(a[along], b[along]), max(a[along], b[along]))
    for step in Self.range(low - reach, high + reach, counts.x) {
      let place = min(max(Double(step) + 0.5, low), high)
      let middle = a[across] + slope * (place - a[along])
      for other in Self.range(middle - spread, middle + spread, counts.y) {
        var p = SIMD2<Double>.zero
        p[along] = Double(step) + 0.5
        p[across] = Double(other) + 0.5
        let share = square == 0 ? 0 : min(max(((p - a) * d).sum() / square, 0), 1)
        let off = p - a - share * d
        let covered = min(max(reach - (off * off).sum().squareRoot(), 0), 1) * strength
        let pixel = isFlat ? other * width + step : step * width + other
        shares[pixel] = max(shares[pixel], Float(covered))
      }
    }
  }

  private static func range(_ start: Double, _ end: Double, _ count: Int) -> Range<Int> {
    let limit = Double(count)
    let first = Int(min(max(start.rounded(.down), 0), limit))
    return first..<max(first, Int(min(max(end.rounded(.up), 0), limit)))
  }

  /// Paints what the lines cover, and forgets them.
  mutating func paint(on image: inout Image, with color: VectorPicture.Color, opacity: Float) {
    for row in 0..<height {
      for column in 0..<width where shares[row * width + column] > 0 {
        let share = shares[row * width + column] * opacity
        for channel in 0..<3 {
          image[row, column, channel] += share * (color[channel] - image[row, column, channel])
        }
        shares[row * width + column] = 0
      }
    }
  }
}
