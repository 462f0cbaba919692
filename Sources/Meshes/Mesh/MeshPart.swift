import Foundation

/// Faces that hang together by edges.
public struct MeshPart: Sendable, Equatable {
  public internal(set) var faceCount = 0
  public internal(set) var edgeCount = 0
  /// A vertex at which parts touch counts in each of them.
  public internal(set) var vertexCount = 0
  /// Edges of one face.
  public internal(set) var openEdgeCount = 0
  /// Edges of more than two faces, and of two that disagree on what is outside.
  public internal(set) var irregularEdgeCount = 0

  public var eulerCharacteristic: Int { vertexCount - edgeCount + faceCount }

  /// Whether the part is a closed, oriented surface as far as its edges tell.
  public var isClosed: Bool { openEdgeCount == 0 && irregularEdgeCount == 0 }

  /// How many handles a closed part has; nil if it is not closed, or pinched at a vertex.
  public var genus: Int? {
    let euler = eulerCharacteristic
    return isClosed && euler <= 2 && euler.isMultiple(of: 2) ? (2 - euler) / 2 : nil
  }
}

extension Mesh {
  /// The parts that share no edge, in the order of their first faces; without faces that have
  /// collapsed into an edge or a point.
  public var parts: [MeshPart] {
    // 1. Join the faces along each edge.
    let edges = EdgeTable(self)
    var sets = DisjointSets(count: faceCount)
    var hasEdge = [Bool](repeating: false, count: faceCount)
    edges.forEachEdge { _, uses in
      let face = EdgeTable.face(of: uses[uses.startIndex])
      hasEdge[face] = true
      for use in uses.dropFirst() {
        hasEdge[EdgeTable.face(of: use)] = true
        sets.join(face, EdgeTable.face(of: use))
      }
    }
    // 2. Number the sets, and count their faces.
    var parts: [MeshPart] = []
    var numbers = [Int32](repeating: -1, count: faceCount)
    for face in 0..<faceCount where hasEdge[face] {
      let root = Int(sets.root(of: face))
      if numbers[root] < 0 {
        numbers[root] = Int32(parts.count)
        parts.append(MeshPart())
      }
      numbers[face] = numbers[root]
      parts[Int(numbers[face])].faceCount += 1
    }
    // 3. Count edges and vertices.
    edges.forEachEdge { _, uses in
      let first = uses[uses.startIndex]
      let part = Int(numbers[EdgeTable.face(of: first)])
      parts[part].edgeCount += 1
      if uses.count == 1 { parts[part].openEdgeCount += 1 }
      let isRegular =
        uses.count == 2
        && EdgeTable.isAscending(first) != EdgeTable.isAscending(uses[uses.startIndex + 1])
      if uses.count > 1, !isRegular { parts[part].irregularEdgeCount += 1 }
    }
    countVertices(of: numbers, in: &parts)
    return parts
  }

  /// Adds the vertices of each part up.
  private func countVertices(of numbers: [Int32], in parts: inout [MeshPart]) {
    // The part that had each vertex first, and the few others that have it too.
    var owner = [Int32](repeating: -1, count: vertexCount)
    var others = Set<SIMD2<Int32>>()
    for face in 0..<faceCount where numbers[face] >= 0 {
      for vertex in corners(ofFace: face) {
        let first = owner[Int(vertex)]
        guard first != numbers[face] else { continue }
        if first < 0 {
          owner[Int(vertex)] = numbers[face]
        } else if !others.insert([vertex, numbers[face]]).inserted {
          continue
        }
        parts[Int(numbers[face])].vertexCount += 1
      }
    }
  }

  /// The vertices of all edges, the lower number first; each edge once.
  public var edges: [SIMD2<Int32>] {
    var edges: [SIMD2<Int32>] = []
    EdgeTable(self).forEachEdge { lower, uses in
      edges.append([lower, Int32(truncatingIfNeeded: uses[uses.startIndex] >> 32)])
    }
    return edges
  }

  /// The smallest angle between two edges of a face that meet, in radians; nil if no face has an area.
  public var smallestAngle: Double? {
    var smallest: Double?
    for face in 0..<faceCount {
      let vertices = corners(ofFace: face)
      var last = positions[Int(vertices[vertices.endIndex - 1])]
      var point = positions[Int(vertices[vertices.startIndex])]
      for k in vertices.indices {
        let following = k + 1 < vertices.endIndex ? k + 1 : vertices.startIndex
        let next = positions[Int(vertices[following])]
        let (a, b) = (next - point, last - point)
        // Corners at one place make no angle.
        if a != .zero, b != .zero {
          let angle = atan2(a.cross(b).length, a.dot(b))
          smallest = min(smallest ?? angle, angle)
        }
        (last, point) = (point, next)
      }
    }
    return smallest
  }
}
