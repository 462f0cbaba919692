/// Convex cells that are cut in two again and again, depth first.
///
/// The cell that is worked on is the last one; its parts are put behind it, and once both are done
/// it is the last one again. So the memory grows with the depth, not with the number of cells.
///
/// Cells are lists of facets, so a vertex may have any number of them: hyperplanes through vertices
/// and edges that are already there need no perturbation.
struct CellStack {
  /// Where a cell stands in the arrays.
  struct Cell {
    var vertices: Range<Int>
    var facets: Range<Int>
    var corners: Range<Int>
  }

  /// Where an edge between vertices of both signs meets the plane.
  struct Crossing {
    /// The edge's vertices, the lower number first.
    let edge: SIMD2<Int32>
    let position: SIMD3<Double>
  }

  /// What a cut leaves of the facets on one side; numbers from the vertex count on are crossings.
  struct Part {
    /// The first `cornerCount` are in use, and the first `facetCount` ends.
    var corners: [Int32] = []
    var cornerCount = 0
    var facetEnds: [Int32] = []
    var facetCount = 0

    mutating func clear(capacity: Int) {
      (cornerCount, facetCount) = (0, 0)
      extend(&corners, to: capacity, with: 0)
      extend(&facetEnds, to: capacity, with: 0)
    }

    /// Ends a facet with the corners so far; what has no area any more is none.
    mutating func endFacet() {
      let start = facetCount == 0 ? 0 : Int(facetEnds[facetCount - 1])
      guard cornerCount - start >= 3 else {
        cornerCount = start
        return
      }
      facetEnds[facetCount] = Int32(cornerCount)
      facetCount += 1
    }

    mutating func addFacet(_ loop: some Sequence<Int32>) {
      for corner in loop {
        corners[cornerCount] = corner
        cornerCount += 1
      }
      endFacet()
    }
  }

  let dimension: Int
  /// What the cells use of these arrays ends with the last one.
  private(set) var positions: [SIMD3<Double>] = []
  /// Vertex numbers, counted from the cell's first.
  private(set) var corners: [Int32] = []
  /// Where each facet ends, counted from the cell's first corner.
  private(set) var facetEnds: [Int32] = []

  // The cut under way: signs and values of the cell's vertices (which stand first), and what comes
  // of them.
  private(set) var signs: [Int8] = []
  private(set) var values: [Double] = []
  var crossings: [Crossing] = []
  var plus = Part()
  var minus = Part()
  /// The corners of the cut, in the order of the facet that it is of the positive part. In the
  /// plane its two ends, with the positive part to the left.
  var rim: [Int32] = []
  var rimEdges: [SIMD2<Int32>] = []
  private var renumbering: [Int32] = []
  private var top = Cell(vertices: 0..<0, facets: 0..<0, corners: 0..<0)

  init(dimension: Int) { self.dimension = dimension }

  /// Empties the stack and puts a cell there.
  mutating func start(with cell: ConvexCell) -> Cell {
    positions = cell.positions
    corners = cell.facets.flatMap { $0 }
    facetEnds = []
    for facet in cell.facets { facetEnds.append((facetEnds.last ?? 0) + Int32(facet.count)) }
    top = Cell(
      vertices: positions.indices, facets: facetEnds.indices, corners: corners.indices)
    return top
  }

  func convexCell(_ cell: Cell) -> ConvexCell {
    var facets: [[Int32]] = []
    var first = cell.corners.lowerBound
    for facet in cell.facets {
      let end = cell.corners.lowerBound + Int(facetEnds[facet])
      facets.append(Array(corners[first..<end]))
      first = end
    }
    return ConvexCell(positions: Array(positions[cell.vertices]), facets: facets)
  }

  /// Removes all that stands behind a cell.
  mutating func removeAll(behind cell: Cell) { top = cell }

  /// Sets the signs of a cell's vertices by an affine form; 0 where it is within `tolerance`.
  ///
  /// - Returns: which signs there are.
  mutating func classify(_ cell: Cell, by form: AffineForm, tolerance: Double) -> SignSet {
    extend(&signs, to: cell.vertices.count, with: 0)
    extend(&values, to: cell.vertices.count, with: 0)
    return Self.classify(positions, cell.vertices, form, tolerance, &signs, &values)
  }

  // Storage of the stack that is written at the same time has to be passed on piece by piece.
  private static func classify(
    _ positions: [SIMD3<Double>], _ vertices: Range<Int>, _ form: AffineForm,
    _ tolerance: Double, _ signs: inout [Int8], _ values: inout [Double]
  ) -> SignSet {
    let points = positions.span.extracting(vertices)
    var signs = signs.mutableSpan
    var values = values.mutableSpan
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for k in points.indices {
      let value = form.value(at: points[k])
      signs[k] = value > tolerance ? 1 : value < -tolerance ? -1 : 0
      values[k] = value
      least = min(least, value)
      greatest = max(greatest, value)
    }
    return SignSet(least: least, greatest: greatest, tolerance: tolerance)
  }

  /// The least and greatest values of eight forms at a cell's vertices.
  func range(of forms: FormLanes, on cell: Cell) -> (
    least: FormLanes.Lanes, greatest: FormLanes.Lanes
  ) {
    let points = positions.span
    var least = forms.values(at: points[cell.vertices.lowerBound])
    var greatest = least
    for vertex in cell.vertices.dropFirst() {
      let values = forms.values(at: points[vertex])
      least = lesser(least, values)
      greatest = greater(greatest, values)
    }
    return (least, greatest)
  }

  struct SignSet {
    let least: Double
    let greatest: Double
    let tolerance: Double
    var hasPositive: Bool { greatest > tolerance }
    var hasNegative: Bool { least < -tolerance }
    /// Whether the positive side is the larger one.
    var isMostlyPositive: Bool { greatest > -least }
    var hasBoth: Bool { hasPositive && hasNegative }
  }

  /// Puts a part of the last cut behind all cells.
  mutating func push(_ part: borrowing Part, of cell: Cell) -> Cell {
    let vertexCount = cell.vertices.count
    let (firstVertex, firstFacet) = (top.vertices.upperBound, top.facets.upperBound)
    let firstCorner = top.corners.upperBound
    let possible = vertexCount + crossings.count
    extend(&positions, to: firstVertex + possible, with: .zero)
    extend(&facetEnds, to: firstFacet + part.facetCount, with: 0)
    extend(&corners, to: firstCorner + part.cornerCount, with: 0)
    extend(&renumbering, to: possible, with: 0)
    let newVertices = Self.renumber(
      part.corners.span.extracting(first: part.cornerCount), vertices: cell.vertices, crossings,
      &renumbering, &positions, from: firstVertex, &corners, from: firstCorner)
    for k in 0..<part.facetCount { facetEnds[firstFacet + k] = part.facetEnds[k] }
    top = Cell(
      vertices: newVertices, facets: firstFacet..<firstFacet + part.facetCount,
      corners: firstCorner..<firstCorner + part.cornerCount)
    return top
  }
}

extension CellStack {
  /// Writes a part's corners and the vertices that they use; returns where the vertices stand.
  private static func renumber(
    _ source: Span<Int32>, vertices: Range<Int>, _ crossings: [Crossing],
    _ renumbering: inout [Int32], _ positions: inout [SIMD3<Double>], from firstVertex: Int,
    _ corners: inout [Int32], from firstCorner: Int
  ) -> Range<Int> {
    var positions = positions.mutableSpan
    var corners = corners.mutableSpan
    var numbers = renumbering.mutableSpan
    for k in 0..<vertices.count + crossings.count { numbers[k] = -1 }
    var vertex = firstVertex
    for k in source.indices {
      let old = Int(source[k])
      if numbers[old] < 0 {
        numbers[old] = Int32(vertex - firstVertex)
        positions[vertex] =
          old < vertices.count
          ? positions[vertices.lowerBound + old] : crossings[old - vertices.count].position
        vertex += 1
      }
      corners[firstCorner + k] = numbers[old]
    }
    return firstVertex..<vertex
  }
}

/// Makes an array at least `count` long, and then a good deal longer.
private func extend<Element>(_ array: inout [Element], to count: Int, with element: Element) {
  guard array.count < count else { return }
  array.append(contentsOf: repeatElement(element, count: 2 * count - array.count))
}
