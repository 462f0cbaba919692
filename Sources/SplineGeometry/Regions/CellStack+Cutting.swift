extension CellStack {
  /// Cuts a cell whose signs have been set into a positive and a negative part, the positive one
  /// last; nil if the vertices' signs do not divide the cell into two convex ones, which only cells
  /// thinner than the tolerance can do.
  mutating func split(_ cell: Cell) -> (positive: Cell, negative: Cell)? {
    guard trace(cell) else { return nil }
    if dimension == 3 {
      plus.addFacet(rim)
      minus.addFacet(rim.reversed())
    }
    guard plus.facetCount > 0, minus.facetCount > 0 else { return nil }
    let negative = push(minus, of: cell)
    let positive = push(plus, of: cell)
    return (positive, negative)
  }

  /// Divides the facets by the signs, and finds the ``rim``; false if it is not one closed line.
  mutating func trace(_ cell: Cell) -> Bool {
    // Each corner may bring a crossing with it, and the rim has at most as many again.
    plus.clear(capacity: 3 * cell.corners.count)
    minus.clear(capacity: 3 * cell.corners.count)
    crossings.removeAll(keepingCapacity: true)
    rimEdges.removeAll(keepingCapacity: true)
    var first = cell.corners.lowerBound
    for facet in cell.facets {
      let end = cell.corners.lowerBound + Int(facetEnds[facet])
      Self.divide(
        corners, first..<end, of: cell, positions, signs, values, &crossings, &plus, &minus)
      first = end
    }
    var start = 0
    for facet in 0..<plus.facetCount {
      let end = Int(plus.facetEnds[facet])
      collectRimEdges(start..<end, vertexCount: cell.vertices.count)
      start = end
    }
    return closeRim(vertexCount: cell.vertices.count)
  }

  /// Divides one facet.
  private static func divide(
    _ corners: [Int32], _ range: Range<Int>, of cell: Cell, _ positions: [SIMD3<Double>],
    _ signs: [Int8], _ values: [Double], _ crossings: inout [Crossing], _ plus: inout Part,
    _ minus: inout Part
  ) {
    let facet = corners.span.extracting(range)
    let signs = signs.span
    var (positiveCount, negativeCount) = (plus.cornerCount, minus.cornerCount)
    var positive = plus.corners.mutableSpan
    var negative = minus.corners.mutableSpan
    var (hasPositive, hasNegative) = (false, false)
    var previous = facet[facet.count - 1]
    var before = signs[Int(previous)]
    for corner in facet.indices {
      let next = facet[corner]
      let after = signs[Int(next)]
      if before &* after < 0 {
        let crossing = crossing(previous, next, of: cell, positions, values, in: &crossings)
        positive[positiveCount] = crossing
        negative[negativeCount] = crossing
        positiveCount += 1
        negativeCount += 1
      }
      if after >= 0 {
        positive[positiveCount] = next
        positiveCount += 1
        if after > 0 { hasPositive = true }
      }
      if after <= 0 {
        negative[negativeCount] = next
        negativeCount += 1
        if after < 0 { hasNegative = true }
      }
      (previous, before) = (next, after)
    }
    // A side where the facet only touches the plane has nothing of it.
    if hasPositive { plus.cornerCount = positiveCount }
    if hasNegative { minus.cornerCount = negativeCount }
    plus.endFacet()
    minus.endFacet()
  }

  /// The number of the point where an edge meets the plane.
  ///
  /// It is computed from the lower to the higher vertex, once for both facets.
  private static func crossing(
    _ a: Int32, _ b: Int32, of cell: Cell, _ positions: [SIMD3<Double>],
    _ values: [Double], in crossings: inout [Crossing]
  ) -> Int32 {
    let edge = SIMD2(min(a, b), max(a, b))
    for k in crossings.indices where crossings[k].edge == edge {
      return Int32(cell.vertices.count + k)
    }
    let (from, to) = (Int(edge.x), Int(edge.y))
    let share = values[from] / (values[from] - values[to])
    let p = positions[cell.vertices.lowerBound + from]
    let q = positions[cell.vertices.lowerBound + to]
    crossings.append(Crossing(edge: edge, position: p + share * (q - p)))
    return Int32(cell.vertices.count + crossings.count - 1)
  }

  private func isOnPlane(_ corner: Int32, vertexCount: Int) -> Bool {
    Int(corner) >= vertexCount || signs[Int(corner)] == 0
  }

  /// Edges of a facet of the positive part that lie in the plane. Two facets that share one take it
  /// away again.
  private mutating func collectRimEdges(_ facet: Range<Int>, vertexCount: Int) {
    var previous = plus.corners[facet.upperBound - 1]
    var previousIsOn = isOnPlane(previous, vertexCount: vertexCount)
    for k in facet {
      let next = plus.corners[k]
      let isOn = isOnPlane(next, vertexCount: vertexCount)
      if previousIsOn, isOn {
        if let other = rimEdges.firstIndex(of: SIMD2(next, previous)) {
          rimEdges.remove(at: other)
        } else {
          rimEdges.append(SIMD2(previous, next))
        }
      }
      (previous, previousIsOn) = (next, isOn)
    }
  }

  /// Puts the rim's edges in a row, against their direction.
  private mutating func closeRim(vertexCount: Int) -> Bool {
    rim.removeAll(keepingCapacity: true)
    guard let start = rimEdges.first else { return false }
    guard dimension == 3 else {
      rim.append(start.x)
      rim.append(start.y)
      return rimEdges.count == 1
    }
    var corner = start.y
    repeat {
      rim.append(corner)
      guard rim.count <= rimEdges.count,
        let edge = rimEdges.first(where: { $0.y == corner })
      else { return false }
      corner = edge.x
    } while corner != start.y
    return rim.count == rimEdges.count && rim.count >= 3
  }

  /// Where a corner of the ``rim`` is.
  func rimPosition(_ corner: Int32, of cell: Cell) -> SIMD3<Double> {
    let count = cell.vertices.count
    return Int(corner) < count
      ? positions[cell.vertices.lowerBound + Int(corner)]
      : crossings[Int(corner) - count].position
  }
}
