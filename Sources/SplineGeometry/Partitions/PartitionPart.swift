/// The regions of one of the polygons that a domain is first cut into, with vertices and edges
/// numbered on their own.
struct PartitionPart: PlanarVisitor, Sendable {
  private(set) var vertices: [SIMD2<Double>] = []
  private(set) var edges: [PlanarPartition.Edge] = []
  private(set) var cornerStarts: [Int] = [0]
  private(set) var corners: [Int32] = []
  private(set) var cornerEdges: [Int32] = []
  private(set) var bits: [UInt8] = []
  private(set) var forms: [PlaneForm] = []
  private(set) var hashes: [UInt64] = []
  /// Vertices and edges on the polygon's boundary, which other parts may have, too.
  private(set) var sharedVertices: [(number: Int32, word: SIMD2<UInt64>)] = []
  private(set) var sharedEdges: [(number: Int32, word: SIMD2<UInt64>)] = []
  private var vertexTable = WordTable(capacity: 128)
  private var edgeTable = WordTable(capacity: 256)
  /// Neurons in front of this one have cut the domain into the polygons.
  private let decided: Int

  init(decided: Int) {
    self.decided = decided
    // Most parts of small networks need no more.
    let regions = 64
    vertices.reserveCapacity(2 * regions)
    edges.reserveCapacity(3 * regions)
    cornerStarts.reserveCapacity(regions)
    corners.reserveCapacity(4 * regions)
    cornerEdges.reserveCapacity(4 * regions)
    forms.reserveCapacity(regions)
    hashes.reserveCapacity(regions)
  }

  var regionCount: Int { hashes.count }

  mutating func visit(
    _ polygon: PolygonStack.Polygon, hash: SIMD2<UInt64>, in walk: borrowing PlanarWalk
  ) {
    let region = Int32(hashes.count)
    let firstWord = walk.identity(of: polygon.lowerBound, polygon, hash: hash)
    let firstNumber = vertex(firstWord, polygon.lowerBound, polygon, walk)
    var (word, number) = (firstWord, firstNumber)
    for corner in polygon {
      var (nextWord, nextNumber) = (firstWord, firstNumber)
      if corner + 1 < polygon.upperBound {
        nextWord = walk.identity(of: corner + 1, polygon, hash: hash)
        nextNumber = vertex(nextWord, corner + 1, polygon, walk)
      }
      corners.append(number)
      cornerEdges.append(
        edge(
          word &+ nextWord, SIMD2(number, nextNumber), line: walk.stack.sides[corner], of: region))
      (word, number) = (nextWord, nextNumber)
    }
    cornerStarts.append(corners.count)
    hashes.append(hash.x)
    bits.append(contentsOf: walk.bits)
    let outputs = walk.places.firstChunks[walk.network.hiddenCount]
    for output in 0..<walk.network.layers[walk.network.hiddenCount].units {
      forms.append(walk.forms[outputs + output >> 3].form(output & 7))
    }
  }

  /// The number of a corner.
  private mutating func vertex(
    _ word: SIMD2<UInt64>, _ corner: Int, _ polygon: PolygonStack.Polygon,
    _ walk: borrowing PlanarWalk
  ) -> Int32 {
    let number = vertexTable.number(of: word)
    guard number == vertices.count else { return number }
    vertices.append(walk.stack.points[corner])
    var isShared = false
    walk.stack.forEachLine(at: corner, of: polygon) { if $0 < decided { isShared = true } }
    if isShared { sharedVertices.append((number, word)) }
    return number
  }

  /// The number of the side that a region has to its left from one end to the other.
  private mutating func edge(
    _ word: SIMD2<UInt64>, _ ends: SIMD2<Int32>, line: Int32, of region: Int32
  ) -> Int32 {
    let number = edgeTable.number(of: word)
    if number == edges.count {
      edges.append(PlanarPartition.Edge(ends: ends, regions: SIMD2(region, -1), line: line))
      if line < decided { sharedEdges.append((number, word)) }
    } else {
      edges[Int(number)].regions.y = region
    }
    return number
  }
}
