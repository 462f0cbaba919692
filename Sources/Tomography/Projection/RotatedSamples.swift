import Foundation

/// The points at which one view samples a slice: one ray a bin, on each one point a row of the slice,
/// a pixel apart, as far from the axis as the row is.
///
/// Together the points are the pixels of the turned frame. Positions are fixed-point numbers, so that
/// which of them lie on the slice, and in which band of it, is exact; they count from the zeros
/// around the slice: pixel (row, column) lies at `(row + 1, column + 1)`.
struct RotatedSamples: Sendable {
  /// Bits behind the point of a position.
  static let fraction = 32

  /// The position of the axis, and how it changes from bin to bin and from point to point.
  private let axis: (row: Double, column: Double)
  private let perBin: (row: Double, column: Double)
  private let perPoint: (row: Double, column: Double)
  private let center: Double
  private let axisRow: Double
  private let grid: SliceGrid
  /// From point to point, in fixed point.
  let rowStep: Int
  let columnStep: Int

  /// - Parameter angle: of the view, in radians.
  init(angle: Double, _ scan: ScanGeometry, _ grid: SliceGrid) {
    let (sine, cosine) = (sin(angle), cos(angle))
    let width = scan.binWidth / grid.pixelSize
    axis = (grid.axisRow + 1, grid.axisColumn + 1)
    perBin = (-width * sine, width * cosine)
    perPoint = (cosine, sine)
    center = scan.center
    axisRow = grid.axisRow
    self.grid = grid
    rowStep = Self.fixed(cosine)
    columnStep = Self.fixed(sine)
  }

  /// Some points of a ray: positions from the first one on.
  struct Run {
    var row: Int
    var column: Int
    let count: Int
  }

  /// The points of a bin's ray whose row, rounded down, is one of `rows`, where the slice or the zeros
  /// around it are near enough to count.
  func run(ofBin bin: Int, in rows: Range<Int>) -> Run {
    let distance = Double(bin) - center
    let row = Self.fixed(axis.row + distance * perBin.row - axisRow * perPoint.row)
    let column = Self.fixed(axis.column + distance * perBin.column - axisRow * perPoint.column)
    var points = 0..<grid.rows
    points = Self.steps(of: points, from: row, by: rowStep, within: rows)
    points = Self.steps(of: points, from: column, by: columnStep, within: 0..<grid.columns + 1)
    return Run(
      row: row + points.lowerBound * rowStep, column: column + points.lowerBound * columnStep,
      count: points.count)
  }

  /// Positions too far off to lie on any slice stay there.
  private static func fixed(_ position: Double) -> Int {
    let bound = 0x1p29
    return Int((min(max(position, -bound), bound) * 0x1p32).rounded())
  }

  /// The steps of `range` after which `start + n · step`, rounded down to a whole number, is in
  /// `whole`.
  private static func steps(
    of range: Range<Int>, from start: Int, by step: Int, within whole: Range<Int>
  ) -> Range<Int> {
    let (low, high) = (whole.lowerBound << fraction, whole.upperBound << fraction)
    // Steps downwards, looked at from below.
    let (first, stop, from, by) =
      step < 0 ? (1 - high, 1 - low, -start, -step) : (low, high, start, step)
    guard by > 0 else { return first..<stop ~= from ? range : range.lowerBound..<range.lowerBound }
    let inverse = 1 / Double(by)
    func reach(_ bound: Int) -> Int {
      let guess = Double(bound - from) * inverse
      var n = Int(min(max(guess, Double(range.lowerBound)), Double(range.upperBound)))
      // The guess is off by one at most.
      while n > range.lowerBound, from + (n - 1) * by >= bound { n -= 1 }
      while n < range.upperBound, from + n * by < bound { n += 1 }
      return n
    }
    let begin = reach(first)
    return begin..<max(begin, reach(stop))
  }
}
