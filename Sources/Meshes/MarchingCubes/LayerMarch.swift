/// The vertices of one plane and the triangles of the layer of cells above it.
struct LayerMarch: Sendable {
  /// In the order of ``PlaneEdges``, then those inside cells.
  private(set) var positions: [SIMD3<Double>] = []
  /// Three for each triangle: vertices of the plane, or with ``nextPlane`` added, of the next one.
  private(set) var corners: [Int32] = []
  /// A sample with an infinite value next to the surface.
  private(set) var infinite: (sample: SIMD3<Int>, value: Float)?

  static let nextPlane: Int32 = 1 << 30

  private let slab: Slab
  private let plane: Int
  private let frame: GridFrame

  /// Vertices stay this far from the ends of their edges, in units of the edge, so that those around
  /// a sample at the level do not meet.
  static let leastShare = 1e-4

  init(_ slab: Slab, plane: Int, frame: GridFrame) {
    self.slab = slab
    self.plane = plane
    self.frame = frame
  }

  // MARK: Vertices

  mutating func addVertices(_ edges: PlaneEdges) {
    positions.reserveCapacity(edges.count)
    let words = slab.words
    for y in 0..<slab.height {
      for i in y * words..<(y + 1) * words {
        addVertices(edges.alongX[i], 64 * (i - y * words), y, [1, 0, 0])
        addVertices(edges.alongY[i], 64 * (i - y * words), y, [0, 1, 0])
      }
    }
    for i in edges.alongZ.indices {
      addVertices(edges.alongZ[i], 64 * (i % words), i / words, [0, 0, 1])
    }
  }

  /// A vertex on each edge of `mask`, whose first bit is the sample at (x, y).
  @inline(__always)
  private mutating func addVertices(_ mask: UInt64, _ x: Int, _ y: Int, _ step: SIMD3<Int>) {
    var mask = mask
    while mask != 0 {
      let x = x + mask.trailingZeroBitCount
      mask &= mask - 1
      let first = slab.value(x, y, plane)
      let second = slab.value(x + step.x, y + step.y, plane + step.z)
      let share = min(max(first / (first - second), Self.leastShare), 1 - Self.leastShare)
      let place = SIMD3<Double>(Double(x), Double(y), Double(slab.firstPlane + plane))
      positions.append(frame.position(place + share * SIMD3<Double>(step)))
      if max(abs(first), abs(second)) > 0x1p127 { checkInfinite([x, y, plane], step) }
    }
  }

  private mutating func checkInfinite(_ lower: SIMD3<Int>, _ step: SIMD3<Int>) {
    for end in [lower, lower &+ step] {
      let value = slab.values[(end.z * slab.height + end.y) * slab.width + end.x]
      let sample = end &+ [0, 0, slab.firstPlane]
      if value.isInfinite, !frame.isPadding(sample), infinite == nil { infinite = (sample, value) }
    }
  }

  // MARK: Triangles

  /// - Parameters:
  ///   - lower, upper: what belongs to this plane and to the next one.
  mutating func addTriangles(
    _ lower: (signs: PlaneSigns, edges: PlaneEdges), _ upper: (signs: PlaneSigns, edges: PlaneEdges)
  ) {
    let words = slab.words
    let (bits0, bits1) = (lower.signs.bits.span, upper.signs.bits.span)
    for y in 0..<slab.height - 1 {
      for word in 0..<words {
        let i = y * words + word
        let here = SIMD4(bits0[i], bits0[i + words], bits1[i], bits1[i + words])
        let isLast = word + 1 == words
        let following =
          isLast
          ? .zero : SIMD4(bits0[i + 1], bits0[i + words + 1], bits1[i + 1], bits1[i + words + 1])
        let right = here &>> 1 | following &<< 63
        let (any, all) = (here | right, here & right)
        var active =
          (any[0] | any[1] | any[2] | any[3]) & ~(all[0] & all[1] & all[2] & all[3])
          & PlaneEdges.edgeMask(word, slab.width)
        while active != 0 {
          let bit = UInt64(active.trailingZeroBitCount)
          active &= active - 1
          let sides = (here &>> bit) & 1 | ((right &>> bit) & 1) &<< 1
          let above = Int(sides[0] | sides[1] << 2 | sides[2] << 4 | sides[3] << 6)
          addTriangles(above, 64 * word + Int(bit), y, lower.edges, upper.edges)
        }
      }
    }
  }

  private mutating func addTriangles(
    _ above: Int, _ x: Int, _ y: Int, _ lower: PlaneEdges, _ upper: PlaneEdges
  ) {
    let patterns = frame.patterns
    var vertices = InlineArray<32, Int32>(repeating: 0)
    var edges = patterns.edges[above]
    while edges != 0 {
      let edge = edges.trailingZeroBitCount
      edges &= edges - 1
      vertices[edge] = vertex(onEdge: edge, x, y, lower, upper)
    }
    if patterns.isOpen[above] {
      let patch = patterns.patch(above: above, slab.cell(x, y, plane))
      for (k, loop) in patch.centers.enumerated() {
        vertices[12 + k] = Int32(positions.count)
        positions.append(center(of: loop, x, y))
      }
      for corner in patch.triangles { corners.append(vertices[Int(corner)]) }
    } else {
      for k in Int(patterns.triangleStarts[above])..<Int(patterns.triangleStarts[above + 1]) {
        corners.append(vertices[Int(patterns.triangles[k])])
      }
    }
  }

  @inline(__always)
  private func vertex(
    onEdge edge: Int, _ x: Int, _ y: Int, _ lower: PlaneEdges, _ upper: PlaneEdges
  ) -> Int32 {
    let words = slab.words
    let (first, second) = (edge & 1, edge >> 1 & 1)
    switch edge >> 2 {
    case 0:
      let row = (y + first) * words
      return second == 0
        ? lower.number(axis: 0, row: row, x)
        : upper.number(axis: 0, row: row, x) + Self.nextPlane
    case 1:
      return second == 0
        ? lower.number(axis: 1, row: y * words, x + first)
        : upper.number(axis: 1, row: y * words, x + first) + Self.nextPlane
    default: return lower.number(axis: 2, row: (y + second) * words, x + first)
    }
  }

  /// A vertex inside a cell: the middle of a loop's vertices, moved onto the surface of the
  /// interpolant along its gradient as long as that stays inside.
  private func center(of loop: [UInt8], _ x: Int, _ y: Int) -> SIMD3<Double> {
    let cell = slab.cell(x, y, plane)
    var sum = SIMD3<Double>.zero
    for edge in loop {
      let lower = Cube.lowerCorner(ofEdge: Int(edge))
      let upper = Cube.upperCorner(ofEdge: Int(edge))
      let (first, second) = (cell.values[lower], cell.values[upper])
      let share = min(max(first / (first - second), Self.leastShare), 1 - Self.leastShare)
      let (from, to) = (Cube.position(ofCorner: lower), Cube.position(ofCorner: upper))
      sum += from + share * (to - from)
    }
    let inside = cell.projected(sum / Double(loop.count))
    return frame.position(
      inside + [Double(x), Double(y), Double(slab.firstPlane + plane)])
  }
}
