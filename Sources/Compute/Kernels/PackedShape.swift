/// The sizes of the packed factors of a product.
struct PackedShape {
  let size: ProductSize
  /// Lanes along the inner dimension.
  let lanes: Int
  /// Lanes that there is room for: whole vectors.
  let laneCapacity: Int

  /// Rows that are computed at once.
  static let blockRows = 8
  /// Rows of a panel of the left factor, columns of one of the right factor: two vectors.
  static let panelWidth = 2 * Vector.scalarCount

  /// - Parameter depth: elements along the inner dimension that one lane holds.
  init(_ size: ProductSize, depth: Int) {
    self.size = size
    lanes = (size.inner + depth - 1) / depth
    laneCapacity = AlignedBuffer.vectorCount(for: lanes) * Vector.scalarCount
  }

  /// Floats of a panel.
  var panelCount: Int { Self.panelWidth * laneCapacity }
  var leftCount: Int { Self.panels(for: size.rows) * panelCount }
  var rightCount: Int { Self.panels(for: size.columns) * panelCount }

  private static func panels(for count: Int) -> Int { (count + panelWidth - 1) / panelWidth }
}

/// Where the kernel finds the left factor: lane `l` of row `i` stands at
/// `i / 32 · panelStride + i % 32 · rowStride + l · laneStride`.
struct LeftPlaces {
  let rowStride: Int
  let laneStride: Int
  let panelStride: Int

  init(_ layout: MatrixLayout, _ shape: PackedShape) {
    (rowStride, laneStride) =
      layout == .asStored ? (shape.laneCapacity, 1) : (1, PackedShape.panelWidth)
    panelStride = shape.panelCount
  }

  func start(ofRow row: Int) -> Int {
    let (panel, place) = row.quotientAndRemainder(dividingBy: PackedShape.panelWidth)
    return panel * panelStride + place * rowStride
  }
}
