/// The edges of a mesh, each with the faces that use it.
///
/// A corner that repeats the one before it makes no edge, and a face that is left with fewer than
/// three corners makes none at all: it has collapsed into an edge or a point.
struct EdgeTable {
  /// One side of a face, seen from the lower of its two vertices: the higher vertex in the upper 32
  /// bits, then the face, then 0 if the face runs from the lower to the higher vertex, else 1.
  private var uses: [UInt64]
  /// Where the uses of each lower vertex start in `uses`.
  private let starts: [Int]
  private(set) var collapsedFaceCount = 0

  init(_ mesh: Mesh) {
    // 1. Count the uses of each lower vertex.
    var starts = [Int](repeating: 0, count: mesh.vertexCount + 1)
    var collapsedFaceCount = 0
    for face in 0..<mesh.faceCount {
      let isWhole = Self.forEachEdge(ofFace: face, in: mesh) { first, second in
        starts[Int(min(first, second)) + 1] += 1
      }
      if !isWhole { collapsedFaceCount += 1 }
    }
    for vertex in 0..<mesh.vertexCount { starts[vertex + 1] += starts[vertex] }
    // 2. Put each use where those of its lower vertex go.
    var next = starts
    var uses = [UInt64](repeating: 0, count: starts[mesh.vertexCount])
    for face in 0..<mesh.faceCount {
      Self.forEachEdge(ofFace: face, in: mesh) { first, second in
        let (lower, higher) = (Int(min(first, second)), UInt64(max(first, second)))
        uses[next[lower]] = higher << 32 | UInt64(face) << 1 | (first < second ? 0 : 1)
        next[lower] += 1
      }
    }
    // 3. Sort the uses of each lower vertex, so that those of one edge stand together.
    for vertex in 0..<mesh.vertexCount {
      Self.sort(&uses, starts[vertex]..<starts[vertex + 1])
    }
    self.uses = uses
    self.starts = starts
    self.collapsedFaceCount = collapsedFaceCount
  }

  /// Calls `body` with the lower vertex and the uses of each edge, by ascending vertices.
  func forEachEdge(_ body: (_ lower: Int32, _ uses: ArraySlice<UInt64>) -> Void) {
    for vertex in 0..<starts.count - 1 {
      var first = starts[vertex]
      while first < starts[vertex + 1] {
        var end = first + 1
        while end < starts[vertex + 1], uses[end] >> 32 == uses[first] >> 32 { end += 1 }
        body(Int32(vertex), uses[first..<end])
        first = end
      }
    }
  }

  static func face(of use: UInt64) -> Int { Int(use & 0xffff_ffff) >> 1 }
  static func isAscending(_ use: UInt64) -> Bool { use & 1 == 0 }

  /// Calls `body` with both vertices of each edge of a face; false if the face has collapsed.
  @discardableResult
  private static func forEachEdge(
    ofFace face: Int, in mesh: Mesh, _ body: (Int32, Int32) -> Void
  ) -> Bool {
    let range = Int(mesh.faceStarts[face])..<Int(mesh.faceStarts[face + 1])
    var edgeCount = 0
    var previous = mesh.corners[range.upperBound - 1]
    for corner in range {
      if mesh.corners[corner] != previous { edgeCount += 1 }
      previous = mesh.corners[corner]
    }
    guard edgeCount >= 3 else { return false }
    for corner in range {
      let vertex = mesh.corners[corner]
      if vertex != previous { body(previous, vertex) }
      previous = vertex
    }
    return true
  }

  private static func sort(_ uses: inout [UInt64], _ range: Range<Int>) {
    guard range.count > 1 else { return }
    guard range.count <= 32 else { return uses[range].sort() }
    for i in range.dropFirst() {
      let use = uses[i]
      var place = i
      while place > range.lowerBound, uses[place - 1] > use {
        uses[place] = uses[place - 1]
        place -= 1
      }
      uses[place] = use
    }
  }
}
