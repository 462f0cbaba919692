/// The polygons (in the plane: the lines) of a zero set, before those of all cells are joined.
struct LevelPolygons: Sendable {
  /// Corners of polygons, one after another; they run counter-clockwise seen from where f < 0. In
  /// the plane, the ends of lines with f > 0 to the left.
  private(set) var corners: [LevelCorner] = []
  private(set) var ends: [Int] = []
  /// Polygons that are facets of their cells, which another cell may have too.
  private(set) var facetPolygons: [Int] = []

  /// Makes room for so many polygons of the usual size.
  mutating func reserve(_ count: Int) {
    corners.reserveCapacity(6 * count)
    ends.reserveCapacity(count)
  }

  mutating func append(_ corner: LevelCorner) { corners.append(corner) }

  mutating func endPolygon(isFacet: Bool = false) {
    if isFacet { facetPolygons.append(ends.count) }
    ends.append(corners.count)
  }
}

/// A corner of a polygon, before those of all cells are joined.
struct LevelCorner: Sendable {
  let identity: VertexIdentity
  let position: SIMD3<Double>
}
