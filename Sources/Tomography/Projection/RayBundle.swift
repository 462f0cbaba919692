import Foundation

/// Rays of a view that step along the same axis of the grid, line by line of pixels.
///
/// Joseph's method: where a ray is steeper than 45° it crosses one row of pixels after the other, and
/// takes from each the value linearly interpolated between the two nearest pixels; flatter rays do
/// the same with columns. On line `l` ray `j` passes position
/// `start(l) + scale(l) · offsets[j]`, and each value counts `lengths[j]`.
///
/// - Source: Joseph, An improved algorithm for reprojecting rays through pixel images, IEEE TMI 1
///   (1982).
struct RayBundle: Sendable {
  enum Lines: Sendable { case rows, columns }

  /// `constant + slope · line`.
  struct Affine: Sendable {
    let constant: Double
    let slope: Double

    func callAsFunction(_ line: Int) -> Double { constant + slope * Double(line) }
  }

  let lines: Lines
  /// The bins of the detector that these rays belong to.
  let bins: Range<Int>
  let start: Affine
  let scale: Affine
  /// Monotone; one a bin of ``bins``.
  let offsets: [Float]
  /// The length of the ray from one line to the next; one a bin.
  let lengths: [Float]
  /// The distance between neighbouring positions on a line where it is the same for all.
  let pitch: Double?

  /// The rays (by their number in the bundle) that pass line `line` within one pixel of its
  /// `pixelCount` pixels.
  func rays(on line: Int, pixelCount: Int) -> Range<Int> {
    let (start, scale) = (start(line), scale(line))
    guard scale != 0 else { return 0..<0 }
    // A little less than the line is long, because positions are rounded.
    let margin = 1e-3
    let ends = ((margin - 1 - start) / scale, (Double(pixelCount) - margin - start) / scale)
    let (low, high) = (Float(min(ends.0, ends.1)), Float(max(ends.0, ends.1)))
    let rises = offsets.count < 2 || offsets[0] < offsets[offsets.count - 1]
    if rises {
      let first = firstIndex { $0 >= low }
      return first..<max(first, firstIndex { $0 > high })
    }
    let first = firstIndex { $0 <= high }
    return first..<max(first, firstIndex { $0 < low })
  }

  /// The first offset with a property that all later ones have, too.
  private func firstIndex(where holds: (Float) -> Bool) -> Int {
    let offsets = offsets.span
    var (low, high) = (0, offsets.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(offsets[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension RayBundle {
  /// The bundles of one view.
  static func bundles(ofView angle: Double, _ scan: ScanGeometry, _ grid: SliceGrid) -> [RayBundle]
  {
    switch scan.beam {
    case .parallel: [parallel(angle, scan, grid)]
    case .fan(let sourceToOrigin, let sourceToDetector):
      fan(angle, sourceToOrigin, sourceToDetector, scan, grid)
    }
  }

  private static func parallel(_ angle: Double, _ scan: ScanGeometry, _ grid: SliceGrid)
    -> RayBundle
  {
    let (c, s) = (exactCos(angle), exactSin(angle))
    let step = scan.binWidth / grid.pixelSize
    // Rows: x = (s − y sin θ) / cos θ;  columns: y = (s − x cos θ) / sin θ, and rows count downwards.
    let walksRows = abs(c) >= abs(s)
    let pitch = walksRows ? step / c : -step / s
    let start: Affine =
      walksRows
      ? Affine(
        constant: grid.axisColumn - scan.center * pitch - grid.axisRow * s / c, slope: s / c)
      : Affine(
        constant: grid.axisRow - scan.center * pitch - grid.axisColumn * c / s, slope: c / s)
    let length = grid.pixelSize / max(abs(c), abs(s))
    return RayBundle(
      lines: walksRows ? .rows : .columns, bins: 0..<scan.binCount, start: start,
      scale: Affine(constant: 1, slope: 0),
      offsets: (0..<scan.binCount).map { Float(Double($0) * pitch) },
      lengths: Array(repeating: Float(length), count: scan.binCount), pitch: pitch)
  }

  private static func fan(
    _ angle: Double, _ sourceToOrigin: Double, _ sourceToDetector: Double, _ scan: ScanGeometry,
    _ grid: SliceGrid
  ) -> [RayBundle] {
    let (c, s) = (exactCos(angle), exactSin(angle))
    let source = (x: sourceToOrigin * s, y: -sourceToOrigin * c)
    let directions = (0..<scan.binCount).map { bin in
      let t = scan.detectorPosition(ofBin: bin)
      return (x: t * c - sourceToDetector * s, y: t * s + sourceToDetector * c)
    }
    // Runs of bins whose rays step along the same axis, in the same sense.
    func kind(_ d: (x: Double, y: Double)) -> Int {
      abs(d.y) >= abs(d.x) ? (d.y > 0 ? 0 : 1) : (d.x > 0 ? 2 : 3)
    }
    var bundles: [RayBundle] = []
    var first = 0
    while first < directions.count {
      let kindOfFirst = kind(directions[first])
      let end =
        directions[first...].firstIndex { kind($0) != kindOfFirst } ?? directions.count
      let rays = directions[first..<end]
      let walksRows = kindOfFirst < 2
      let slopes = rays.map { walksRows ? $0.x / $0.y : $0.y / $0.x }
      // Measured from the middle ray, so that products of a distant source's large `scale` and small
      // offsets are no larger than the slice, and exact to a small part of a pixel.
      let middle = slopes[slopes.count / 2]
      let p = grid.pixelSize
      // The source, in pixels; rows count downwards.
      let column = grid.axisColumn + source.x / p
      let row = grid.axisRow - source.y / p
      let (across, along) = walksRows ? (column, row) : (row, column)
      bundles.append(
        RayBundle(
          lines: walksRows ? .rows : .columns, bins: first..<end,
          start: Affine(constant: across + along * middle, slope: -middle),
          // Upwards to a row, or to the left to a column.
          scale: Affine(constant: along, slope: -1),
          offsets: slopes.map { Float($0 - middle) },
          lengths: slopes.map { Float(p * (1 + $0 * $0).squareRoot()) }, pitch: nil))
      first = end
    }
    return bundles
  }

  /// The cosine, exact at whole quarter turns, so that a view along the grid is along the grid.
  static func exactCos(_ angle: Double) -> Double {
    let value = cos(angle)
    return abs(value) < 1e-12 ? 0 : value
  }

  static func exactSin(_ angle: Double) -> Double {
    let value = sin(angle)
    return abs(value) < 1e-12 ? 0 : value
  }
}
