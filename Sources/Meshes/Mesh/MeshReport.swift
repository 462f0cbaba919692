/// What is odd about a mesh as the surface of a solid.
public struct MeshReport: Sendable, Equatable {
  /// Vertices that a face uses, and those that none does.
  public internal(set) var vertexCount = 0
  public internal(set) var unusedVertexCount = 0
  public internal(set) var faceCount = 0
  public internal(set) var edgeCount = 0
  /// Edges of one face: the rims of holes.
  public internal(set) var openEdgeCount = 0
  /// Edges of more than two faces.
  public internal(set) var nonManifoldEdgeCount = 0
  /// Edges whose two faces run along them in the same direction, so that one of them is flipped.
  public internal(set) var inconsistentEdgeCount = 0
  /// Faces that use a vertex twice, or whose triangles all have area zero.
  public internal(set) var degenerateFaceCount = 0
  /// Faces with the same vertices as an earlier one, in whatever order.
  public internal(set) var duplicateFaceCount = 0
  /// Parts that share no edge. Faces that have collapsed into an edge or a point are in none.
  public internal(set) var componentCount = 0
  /// Vertices − edges + faces; see ``Mesh/eulerCharacteristic``.
  public internal(set) var eulerCharacteristic = 0

  /// Whether each edge has exactly two faces.
  public var isWatertight: Bool { faceCount > 0 && openEdgeCount == 0 && nonManifoldEdgeCount == 0 }

  /// Whether the mesh bounds a solid: watertight, and neighbours agree on what is outside.
  public var isSolid: Bool { isWatertight && inconsistentEdgeCount == 0 }

  /// One sentence about each thing that is odd; empty if nothing is.
  public var remarks: [String] {
    var remarks: [String] = []
    func add(_ count: Int, _ one: String, _ many: String, _ rest: String) {
      if count > 0 { remarks.append("\(count) \(count == 1 ? one : many) \(rest)") }
    }
    add(openEdgeCount, "edge has", "edges have", "only one face: the surface has holes")
    add(nonManifoldEdgeCount, "edge has", "edges have", "more than two faces")
    add(inconsistentEdgeCount, "edge has", "edges have", "faces that disagree on what is outside")
    add(degenerateFaceCount, "face has", "faces have", "no area or use a vertex twice")
    add(duplicateFaceCount, "face has", "faces have", "the same vertices as another one")
    add(unusedVertexCount, "vertex belongs", "vertices belong", "to no face")
    return remarks
  }
}

extension Mesh {
  /// Counts what is odd about the mesh; takes about as long as reading it.
  public func report() -> MeshReport {
    var report = MeshReport()
    let edges = EdgeTable(self)
    var parts = DisjointSets(count: faceCount)
    edges.forEachEdge { _, uses in
      report.edgeCount += 1
      switch uses.count {
      case 1: report.openEdgeCount += 1
      case 2:
        if EdgeTable.isAscending(uses[uses.startIndex])
          == EdgeTable.isAscending(uses[uses.startIndex + 1])
        {
          report.inconsistentEdgeCount += 1
        }
      default: report.nonManifoldEdgeCount += 1
      }
      let face = EdgeTable.face(of: uses[uses.startIndex])
      for use in uses.dropFirst() { parts.join(face, EdgeTable.face(of: use)) }
    }
    var isUsed = [Bool](repeating: false, count: vertexCount)
    for corner in corners { isUsed[Int(corner)] = true }
    report.vertexCount = isUsed.count { $0 }
    report.unusedVertexCount = vertexCount - report.vertexCount
    report.faceCount = faceCount
    report.componentCount = parts.count - edges.collapsedFaceCount
    // A collapsed face adds itself; the edges that its corners repeat cancel it, so neither counts.
    report.eulerCharacteristic =
      report.vertexCount - report.edgeCount + faceCount - edges.collapsedFaceCount
    report.degenerateFaceCount = (0..<faceCount).count(where: isDegenerate)
    report.duplicateFaceCount = duplicateFaceCount
    return report
  }

  private func isDegenerate(face: Int) -> Bool {
    let vertices = corners(ofFace: face)
    let (first, end) = (vertices.startIndex, vertices.endIndex)
    for i in first..<end - 1 where vertices[i + 1..<end].contains(vertices[i]) { return true }
    let origin = positions[Int(vertices[first])]
    return (first + 1..<end - 1).allSatisfy { i in
      let toNext = positions[Int(vertices[i])] - origin
      return toNext.cross(positions[Int(vertices[i + 1])] - origin) == .zero
    }
  }

  private var duplicateFaceCount: Int {
    var triangles = Set<SIMD3<Int32>>(minimumCapacity: isTriangular ? faceCount : 0)
    var polygons = Set<[Int32]>()
    var count = 0
    for face in 0..<faceCount {
      let vertices = corners(ofFace: face)
      let isNew: Bool
      if vertices.count == 3 {
        let i = vertices.startIndex
        let (a, b, c) = (vertices[i], vertices[i + 1], vertices[i + 2])
        let (lowest, highest) = (min(a, b, c), max(a, b, c))
        // Wrapping, because the sum of three may be beyond 32 bits; the difference is not.
        isNew = triangles.insert([lowest, a &+ b &+ c &- lowest &- highest, highest]).inserted
      } else {
        isNew = polygons.insert(vertices.sorted()).inserted
      }
      if !isNew { count += 1 }
    }
    return count
  }
}

/// Sets of numbers that are joined again and again.
struct DisjointSets {
  private var parents: [Int32]
  /// How many sets there are.
  private(set) var count: Int

  init(count: Int) {
    parents = (0..<count).map { Int32($0) }
    self.count = count
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    guard a != b else { return }
    parents[Int(max(a, b))] = min(a, b)
    count -= 1
  }

  /// Halves the paths that it walks, so that later walks are short.
  mutating func root(of element: Int) -> Int32 {
    var element = Int32(element)
    while parents[Int(element)] != element {
      parents[Int(element)] = parents[Int(parents[Int(element)])]
      element = parents[Int(element)]
    }
    return element
  }
}
