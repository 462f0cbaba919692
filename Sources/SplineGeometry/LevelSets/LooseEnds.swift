import Compute
import Meshes

/// Looks for places inside the domain where a level set ends, which an exact one does not do.
enum LooseEnds {
  /// Edges of polygons along which not as many faces run one way as the other; unless the sides are
  /// capped, without those that lie on one of the domain's sides.
  static func edgeCount(
    _ weld: LevelWeld, in domain: SplineDomain, rim: MarchingCubes.Rim, workers: Workers
  ) -> Int {
    guard !areBalanced(weld.faces, workers) else { return 0 }
    let edges = EdgeUses(weld.faces, vertexCount: weld.positions.count)
    var count = 0
    for vertex in weld.positions.indices {
      for other in edges.unbalanced(at: vertex)
      where rim == .capped || !lieOnOneSide([vertex, other], weld, domain) {
        count += 1
      }
    }
    return count
  }

  /// Whether along each edge as many faces run one way as the other: then the sum of a random number
  /// for each edge, negative one way, is 0. Else that is so by chance, with probability 2⁻⁶⁴.
  private static func areBalanced(_ faces: LevelWeld.FaceList, _ workers: Workers) -> Bool {
    let facesAtOnce = 4096
    let faceCount = faces.starts.count - 1
    let sums = workers.map((faceCount + facesAtOnce - 1) / facesAtOnce) { _, chunk in
      let corners = faces.corners.span
      let starts = faces.starts.span
      var sum: UInt64 = 0
      for face in chunk * facesAtOnce..<min((chunk + 1) * facesAtOnce, faceCount) {
        let end = Int(starts[face + 1])
        var previous = corners[end - 1]
        for corner in Int(starts[face])..<end {
          let next = corners[corner]
          let (low, high) = (min(previous, next), max(previous, next))
          var random = SplitMix64(seed: UInt64(low) << 32 | UInt64(high))
          let number = random.next()
          sum = previous < next ? sum &+ number : sum &- number
          previous = next
        }
      }
      return sum
    }
    return sums.reduce(0, &+) == 0
  }

  /// Ends of lines that do not lie on the domain's boundary.
  static func vertexCount(_ weld: LevelWeld, in domain: SplineDomain) -> Int {
    var excess = [Int](repeating: 0, count: weld.positions.count)
    for (k, vertex) in weld.faces.corners.enumerated() {
      excess[Int(vertex)] += k & 1 == 0 ? 1 : -1
    }
    return excess.indices.count { excess[$0] != 0 && !lieOnOneSide([$0], weld, domain) }
  }

  private static func lieOnOneSide(_ vertices: [Int], _ weld: LevelWeld, _ domain: SplineDomain)
    -> Bool
  {
    domain.sides.contains { side in
      vertices.allSatisfy { abs(side.value(at: weld.positions[$0])) <= 2 * domain.tolerance }
    }
  }
}

/// How the faces run along their edges.
private struct EdgeUses {
  /// Where the edges to vertices of higher numbers start for each vertex, and one element more.
  private let starts: [Int32]
  /// Twice the higher vertex; one more if the face runs towards the lower.
  private let uses: [Int32]

  init(_ faces: LevelWeld.FaceList, vertexCount: Int) {
    var starts = [Int32](repeating: 0, count: vertexCount + 2)
    Self.forEachEdge(of: faces) { starts[Int(min($0, $1)) + 2] += 1 }
    for k in starts.indices.dropFirst() { starts[k] += starts[k - 1] }
    var uses = [Int32](repeating: 0, count: faces.corners.count)
    // After this the starts have moved to the places of the vertices before.
    Self.forEachEdge(of: faces) { from, to in
      let low = Int(min(from, to)) + 1
      uses[Int(starts[low])] = max(from, to) << 1 | (from < to ? 0 : 1)
      starts[low] += 1
    }
    self.starts = starts
    self.uses = uses
  }

  private static func forEachEdge(
    of faces: LevelWeld.FaceList, _ body: (_ from: Int32, _ to: Int32) -> Void
  ) {
    let corners = faces.corners.span
    for (start, end) in zip(faces.starts, faces.starts.dropFirst()) {
      var previous = corners[Int(end) - 1]
      for corner in start..<end {
        let next = corners[Int(corner)]
        body(previous, next)
        previous = next
      }
    }
  }

  /// The higher vertices of edges along which not as many faces run one way as the other.
  func unbalanced(at vertex: Int) -> [Int] {
    let range = Int(starts[vertex])..<Int(starts[vertex + 1])
    var found: [Int] = []
    for k in range {
      let other = uses[k] >> 1
      var balance = 0
      var isFirst = true
      for use in range where uses[use] >> 1 == other {
        if use < k { isFirst = false }
        balance += uses[use] & 1 == 0 ? 1 : -1
      }
      if isFirst, balance != 0 { found.append(Int(other)) }
    }
    return found
  }
}
