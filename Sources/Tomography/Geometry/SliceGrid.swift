/// The pixels of a slice and where they lie.
///
/// Pixel (row, column) has its centre at `x = (column − axisColumn) · pixelSize` (to the right) and
/// `y = (axisRow − row) · pixelSize` (upwards); the rotation axis is the origin.
public struct SliceGrid: Sendable, Equatable, Codable {
  public var rows: Int
  public var columns: Int
  /// The side of a pixel; every length of a scan has the same unit.
  public var pixelSize: Double
  /// The pixel index of the rotation axis, fractional where it lies between pixels.
  public var axisRow: Double
  public var axisColumn: Double

  public init(
    rows: Int, columns: Int, pixelSize: Double = 1, axisRow: Double, axisColumn: Double
  ) {
    precondition(rows > 0 && columns > 0, "a slice cannot have \(rows) x \(columns) pixels")
    precondition(pixelSize > 0 && pixelSize.isFinite, "a pixel cannot have the side \(pixelSize)")
    self.rows = rows
    self.columns = columns
    self.pixelSize = pixelSize
    self.axisRow = axisRow
    self.axisColumn = axisColumn
  }

  /// A slice with the rotation axis where `convention` has it.
  public init(
    rows: Int, columns: Int, pixelSize: Double = 1, convention: Convention = .scikitImage
  ) {
    self.init(
      rows: rows, columns: columns, pixelSize: pixelSize,
      axisRow: convention.axis(among: rows), axisColumn: convention.axis(among: columns))
  }

  public var pixelCount: Int { rows * columns }

  /// The centre of a pixel.
  public func position(row: Int, column: Int) -> (x: Double, y: Double) {
    ((Double(column) - axisColumn) * pixelSize, (axisRow - Double(row)) * pixelSize)
  }

  /// The radius of the circle around the axis that touches the nearest side of the slice, as
  /// scikit-image has it: half the shorter side, rounded down to whole pixels.
  public var inscribedRadius: Double { Double(min(rows, columns) / 2) * pixelSize }

  /// For each pixel, row by row, whether its centre lies at most `radius` away from the axis.
  public func circle(radius: Double) -> [Bool] {
    var inside: [Bool] = []
    inside.reserveCapacity(pixelCount)
    for row in 0..<rows {
      for column in 0..<columns {
        let (x, y) = position(row: row, column: column)
        inside.append(x * x + y * y <= radius * radius)
      }
    }
    return inside
  }
}
