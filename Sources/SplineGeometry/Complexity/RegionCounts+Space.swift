/// Collects the cells of a part of space, with the words of their vertices, edges and facets.
struct CellVisitor: LeafVisitor, Sendable {
  struct Facet: Sendable {
    let word: SIMD2<UInt64>
    let area: Double
    let isOnSide: Bool
  }

  private(set) var volumes: [Double] = []
  private(set) var gradients: [Double] = []
  private(set) var vertices: Set<SIMD2<UInt64>> = []
  private(set) var edges: Set<SIMD2<UInt64>> = []
  private(set) var facets: [Facet] = []
  /// Where each cell's facets end.
  private(set) var facetEnds: [Int] = []

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let convex = walk.stack.convexCell(cell)
    let words = convex.positions.map { walk.identity(of: $0).words }
    vertices.formUnion(words)
    var volume = 0.0
    let origin = convex.positions[0]
    for facet in convex.facets {
      let area = Self.vectorArea(facet, convex.positions)
      volume += ((convex.positions[Int(facet[0])] - origin) * area).sum() / 3
      var word = SIMD2<UInt64>.zero
      var previous = facet[facet.count - 1]
      for corner in facet {
        word &+= words[Int(corner)]
        // The cell's other facet at this edge goes the other way.
        if previous < corner { edges.insert(words[Int(previous)] &+ words[Int(corner)]) }
        previous = corner
      }
      let isOnSide = walk.domain.sides.contains { side in
        facet.allSatisfy {
          abs(side.value(at: convex.positions[Int($0)])) <= walk.domain.tolerance
        }
      }
      facets.append(Facet(word: word, area: length(area), isOnSide: isOnSide))
    }
    facetEnds.append(facets.count)
    volumes.append(volume)
    gradients += walk.affineMap.gradients
  }

  private static func vectorArea(_ facet: [Int32], _ positions: [SIMD3<Double>]) -> SIMD3<Double> {
    let origin = positions[Int(facet[0])]
    var sum = SIMD3<Double>.zero
    for k in facet.indices.dropFirst().dropLast() {
      sum += cross(positions[Int(facet[k])] - origin, positions[Int(facet[k + 1])] - origin)
    }
    return sum / 2
  }
}

/// Puts the cells of all parts of space together.
struct CellJoin {
  var tally: RegionTally
  private var vertices = WordTable()
  private var edges = WordTable()
  private var facetTable = WordTable()
  /// The region that a facet was first seen at; −1 once it has its second.
  private var openRegions: [Int32] = []
  private var sideCount = 0

  init(neuronCount: Int) { tally = RegionTally(dimension: 3, neuronCount: neuronCount) }

  mutating func add(_ part: CellVisitor) {
    for word in part.vertices { _ = vertices.insert(word) }
    for word in part.edges { _ = edges.insert(word) }
    var first = 0
    for (cell, end) in part.facetEnds.enumerated() {
      let region = Int32(tally.measures.count + cell)
      for facet in part.facets[first..<end] { add(facet, of: region) }
      first = end
    }
    tally.measures += part.volumes
    tally.gradients += part.gradients
  }

  private mutating func add(_ facet: CellVisitor.Facet, of region: Int32) {
    let number = Int(facetTable.number(of: facet.word))
    if number == openRegions.count {
      openRegions.append(facet.isOnSide ? -1 : region)
      if facet.isOnSide { sideCount += 1 }
    } else if openRegions[number] >= 0 {
      tally.borders.append(
        RegionTally.Border(regions: [openRegions[number], region], measure: facet.area))
      openRegions[number] = -1
    }
  }

  consuming func finish() -> RegionCounts {
    tally.vertexCount = vertices.count
    tally.edgeCount = edges.count
    tally.facetCount = facetTable.count
    tally.looseCount = openRegions.count { $0 >= 0 }
    return tally.counts()
  }
}
