import Meshes

/// Collects what of a box's sides belongs to the solid: the outer facets of the cells at the sides,
/// as far as they lie on the solid's side of the level.
///
/// Both the cells and the way they are cut are those of the surface (``LevelVisitor``), and so are the
/// identities of their vertices. So the polygons match each other and the surface edge by edge.
struct CapVisitor: LeafVisitor, Sendable {
  /// The solid is the closure of {f > 0}, or what that leaves.
  let inside: MarchingCubes.Side
  private(set) var polygons = LevelPolygons()

  init(inside: MarchingCubes.Side) { self.inside = inside }

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let block = walk.blocks[walk.network.hiddenCount]
    let found = walk.stack.classify(cell, by: block.form(0), tolerance: block.tolerance(0))
    if found.hasBoth, walk.stack.trace(cell) {
      addFacets(of: cell, walk)
    } else {
      let isAbove = found.hasBoth ? found.isMostlyPositive : found.hasPositive
      guard isAbove == (inside == .above) else { return }
      let whole = walk.stack.convexCell(cell)
      for facet in whole.facets { append(facet.map { whole.positions[Int($0)] }, walk) }
    }
  }

  /// Adds the facets of one part of a cell that has been cut.
  private mutating func addFacets(of cell: CellStack.Cell, _ walk: borrowing CellWalk) {
    var start = 0
    let part = inside == .above ? walk.stack.plus : walk.stack.minus
    for facet in 0..<part.facetCount {
      let end = Int(part.facetEnds[facet])
      append(part.corners[start..<end].map { walk.stack.rimPosition($0, of: cell) }, walk)
      start = end
    }
  }

  /// Adds a facet if it lies on a side of the domain.
  private mutating func append(_ facet: [SIMD3<Double>], _ walk: borrowing CellWalk) {
    guard walk.domain.hasSide(through: facet) else { return }
    // Facets run counter-clockwise seen from outside.
    for point in inside == .above ? facet : facet.reversed() {
      polygons.append(LevelCorner(identity: walk.identity(of: point), position: point))
    }
    polygons.endPolygon()
  }
}

extension CellStack {
  /// Whether a cell has a facet on one of the domain's sides.
  func touchesSide(_ cell: Cell, of domain: SplineDomain) -> Bool {
    domain.sides.contains { side in
      var count = 0
      for vertex in cell.vertices where abs(side.value(at: positions[vertex])) <= domain.tolerance {
        count += 1
      }
      return count >= domain.dimension
    }
  }
}

extension SplineDomain {
  /// Whether all points lie on one and the same side.
  func hasSide(through points: [SIMD3<Double>]) -> Bool {
    sides.contains { side in points.allSatisfy { abs(side.value(at: $0)) <= tolerance } }
  }
}
