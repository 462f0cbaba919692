import Compute

/// Puts the parts of a partition together.
struct PartitionJoin {
  private var whole: PlanarPartition
  // Shared vertices and edges, and their numbers in the whole.
  private var vertexTable = WordTable()
  private var sharedVertices: [Int32] = []
  private var edgeTable = WordTable()
  private var sharedEdges: [Int32] = []

  static func join(
    _ parts: [PartitionPart], into empty: PlanarPartition, workers: Workers
  ) -> PlanarPartition {
    var join = PartitionJoin(whole: empty)
    var firstRegion = 0
    let numbers = parts.map { part in
      let vertices = join.addVertices(of: part)
      let edges = join.addEdges(of: part, vertices, firstRegion: Int32(firstRegion))
      firstRegion += part.regionCount
      return (vertices: vertices, edges: edges)
    }
    let corners = workers.map(parts.count) { _, k in
      let (vertices, edges) = numbers[k]
      return (
        vertices: parts[k].corners.map { vertices[Int($0)] },
        edges: parts[k].cornerEdges.map { edges[Int($0)] }
      )
    }
    for (part, corners) in zip(parts, corners) { join.addRegions(of: part, corners) }
    return join.whole
  }

  private init(whole: PlanarPartition) { self.whole = whole }

  /// - Returns: the numbers that the part's vertices have in the whole.
  private mutating func addVertices(of part: PartitionPart) -> [Int32] {
    var numbers = [Int32](repeating: -1, count: part.vertices.count)
    for (vertex, word) in part.sharedVertices {
      let known = Int(vertexTable.number(of: word))
      if known == sharedVertices.count {
        sharedVertices.append(Int32(whole.vertices.count))
        whole.vertices.append(part.vertices[Int(vertex)])
      }
      numbers[Int(vertex)] = sharedVertices[known]
    }
    for vertex in numbers.indices where numbers[vertex] < 0 {
      numbers[vertex] = Int32(whole.vertices.count)
      whole.vertices.append(part.vertices[vertex])
    }
    return numbers
  }

  /// - Returns: the numbers that the part's edges have in the whole.
  private mutating func addEdges(
    of part: PartitionPart, _ vertices: [Int32], firstRegion: Int32
  ) -> [Int32] {
    var numbers = [Int32](repeating: -1, count: part.edges.count)
    for (edge, word) in part.sharedEdges {
      let known = Int(edgeTable.number(of: word))
      if known == sharedEdges.count {
        sharedEdges.append(Int32(whole.edges.count))
        append(part.edges[Int(edge)], vertices, firstRegion)
      } else {
        whole.edges[Int(sharedEdges[known])].regions.y =
          part.edges[Int(edge)].regions.x + firstRegion
      }
      numbers[Int(edge)] = sharedEdges[known]
    }
    for edge in numbers.indices where numbers[edge] < 0 {
      numbers[edge] = Int32(whole.edges.count)
      append(part.edges[edge], vertices, firstRegion)
    }
    return numbers
  }

  private mutating func append(
    _ edge: PlanarPartition.Edge, _ vertices: [Int32], _ firstRegion: Int32
  ) {
    let (a, b) = (edge.regions.x, edge.regions.y)
    whole.edges.append(
      PlanarPartition.Edge(
        ends: SIMD2(vertices[Int(edge.ends.x)], vertices[Int(edge.ends.y)]),
        regions: SIMD2(a + firstRegion, b < 0 ? b : b + firstRegion), line: edge.line))
  }

  private mutating func addRegions(
    of part: PartitionPart, _ numbers: (vertices: [Int32], edges: [Int32])
  ) {
    let first = whole.corners.count
    whole.corners += numbers.vertices
    whole.cornerEdges += numbers.edges
    for start in part.cornerStarts.dropFirst() { whole.cornerStarts.append(first + start) }
    whole.bits += part.bits
    whole.forms += part.forms
    whole.hashes += part.hashes
  }
}
