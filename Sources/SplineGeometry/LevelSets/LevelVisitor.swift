/// Collects the polygons (in the plane: the lines) where the only output is 0, cell by cell.
///
/// The zero set is taken for the boundary of {f > 0} inside the domain:
///
/// - a cell with vertices on both sides of 0 is cut, and the cut is a polygon;
/// - of a cell that is nowhere negative, a facet on which f vanishes is a polygon, unless the cell
///   behind it is nowhere negative either: then both give the facet, and the two are taken out;
/// - a cell on which f vanishes altogether gives none, and is counted.
struct LevelVisitor: LeafVisitor, Sendable {
  private(set) var polygons = LevelPolygons()
  private(set) var flatCellCount = 0
  private(set) var unresolvedCellCount = 0

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let block = walk.blocks[walk.network.hiddenCount]
    let found = walk.stack.classify(cell, by: block.form(0), tolerance: block.tolerance(0))
    if found.hasBoth {
      guard walk.stack.trace(cell) else {
        unresolvedCellCount += 1
        return
      }
      for corner in walk.stack.rim { append(walk.stack.rimPosition(corner, of: cell), walk) }
      polygons.endPolygon()
    } else if found.hasPositive {
      if found.least <= found.tolerance { addFacets(of: cell, walk) }
    } else if !found.hasNegative {
      flatCellCount += 1
    }
  }

  /// Adds the facets (in the plane: the sides) of a cell on which f vanishes.
  private mutating func addFacets(of cell: CellStack.Cell, _ walk: borrowing CellWalk) {
    let convex = walk.stack.convexCell(cell)
    let signs = walk.stack.signs
    var facets = convex.facets
    if walk.domain.dimension == 2 {
      // A side's own direction has the cell, where f > 0, to the left.
      let polygon = facets[0]
      facets = polygon.indices.map { [polygon[$0], polygon[($0 + 1) % polygon.count]] }
    }
    for facet in facets where facet.allSatisfy({ signs[Int($0)] == 0 }) {
      let points = facet.map { convex.positions[Int($0)] }
      guard !walk.domain.hasSide(through: points) else { continue }
      for point in points { append(point, walk) }
      polygons.endPolygon(isFacet: true)
    }
  }

  private mutating func append(_ point: SIMD3<Double>, _ walk: borrowing CellWalk) {
    polygons.append(LevelCorner(identity: walk.identity(of: point), position: point))
  }
}
