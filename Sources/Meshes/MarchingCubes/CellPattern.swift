/// The surface in a cell whose corners' sides and ambiguous faces are decided.
///
/// Made by tracing, not copied from anybody's table:
/// 1. On each face, seen from outside the cube, a segment leads from each edge where a walk around
///    the face rises above the level to one where it falls; above lies to the right. A face with two
///    rises is ambiguous (its diagonal corners agree): its bit in `outcome` says that the corners
///    above are joined across it.
/// 2. The segments of all faces form closed loops, because an edge is walked one way on one of its
///    two faces and the other way on the other.
/// 3. Each loop is filled by a disc, or two loops by a tube.
///
/// No side of a triangle but the segments themselves lies in a face of the cell: a neighbour could
/// have the same one, which would then have four triangles. Where a loop cannot be cut into
/// triangles so, it gets a vertex in its middle.
struct CellPattern {
  /// Triangles: three numbers each, 0 to 11 for the vertex on that edge, 12 + k for that in the
  /// middle of `centers[k]`. They run counter-clockwise seen from below the level.
  struct Patch {
    var triangles: [UInt8] = []
    /// The edges on whose vertices' middle a further vertex lies.
    var centers: [[UInt8]] = []
  }

  /// What replaces two discs by a tube: a part of the cell that lies on the other side of both is
  /// then one piece, though it is two on the cell's faces.
  struct Tunnel {
    /// A corner in each of the two pieces.
    let ends: (Int, Int)
    let patch: Patch
  }

  /// All loops filled by discs.
  let discs: Patch
  let tunnels: [Tunnel]
  /// Corners that are joined along edges or across faces have the same number: one of themselves.
  let pieces: SIMD8<UInt8>
  let loops: [[UInt8]]

  init(above: Int, outcome: Int) {
    var segments = Segments()
    for face in 0..<6 { segments.trace(face, above: above, outcome: outcome) }
    pieces = segments.pieces
    loops = segments.loops
    discs = loops.reduce(into: Patch()) { $0.add(LoopFilling.disc(in: $1)) }
    tunnels = Self.tunnels(between: loops, pieces) { above >> $0 & 1 == 1 }
  }

  /// The tubes that can be: each joins two loops around the same piece.
  private static func tunnels(
    between loops: [[UInt8]], _ pieces: SIMD8<UInt8>, isAbove: (Int) -> Bool
  ) -> [Tunnel] {
    /// The pieces on both sides of a loop: above, below.
    func sides(_ loop: [UInt8]) -> (UInt8, UInt8) {
      let edge = Int(loop[0])
      let (lower, upper) = (Cube.lowerCorner(ofEdge: edge), Cube.upperCorner(ofEdge: edge))
      return isAbove(lower) ? (pieces[lower], pieces[upper]) : (pieces[upper], pieces[lower])
    }
    var tunnels: [Tunnel] = []
    for i in loops.indices {
      for j in loops.indices where j > i {
        let (first, second) = (sides(loops[i]), sides(loops[j]))
        guard (first.0 == second.0) != (first.1 == second.1) else { continue }
        let ends = first.0 == second.0 ? (first.1, second.1) : (first.0, second.0)
        var patch = LoopFilling.tube(between: loops[i], and: loops[j])
        for k in loops.indices where k != i && k != j { patch.add(LoopFilling.disc(in: loops[k])) }
        tunnels.append(Tunnel(ends: (Int(ends.0), Int(ends.1)), patch: patch))
      }
    }
    return tunnels
  }
}

/// The segments on a cell's faces.
private struct Segments {
  /// For each edge with a vertex, the one to which the segment from it leads.
  private var next = [Int?](repeating: nil, count: 12)
  /// The lowest of the corners with which a corner is joined.
  private(set) var pieces: SIMD8<UInt8> = [0, 1, 2, 3, 4, 5, 6, 7]

  private mutating func join(_ a: Int, _ b: Int) {
    let (old, new) = (max(pieces[a], pieces[b]), min(pieces[a], pieces[b]))
    for corner in 0..<8 where pieces[corner] == old { pieces[corner] = new }
  }

  /// Adds the segments of a face.
  mutating func trace(_ face: Int, above: Int, outcome: Int) {
    let corners = Cube.faces[face]
    let isAbove = corners.map { above >> $0 & 1 == 1 }
    var (rises, falls): ([Int], [Int]) = ([], [])
    for k in 0..<4 {
      let following = (k + 1) % 4
      let edge = Cube.edge(between: corners[k], and: corners[following])
      switch (isAbove[k], isAbove[following]) {
      case (false, true): rises.append(edge)
      case (true, false): falls.append(edge)
      default: join(corners[k], corners[following])
      }
    }
    if rises.count == 1 { next[rises[0]] = falls[0] }
    guard rises.count == 2 else { return }
    // The fall that follows a rise has its number, or if the walk begins above, the next one. It
    // ends a segment around the corner above between them; the other fall one around that below.
    let areAboveJoined = outcome >> face & 1 == 1
    let shift = isAbove[0] == areAboveJoined ? 0 : 1
    for k in 0..<2 { next[rises[k]] = falls[(k + shift) % 2] }
    join(corners[shift], corners[shift + 2])
  }

  /// The segments, one after another.
  var loops: [[UInt8]] {
    var loops: [[UInt8]] = []
    var isDone = [Bool](repeating: false, count: 12)
    for start in 0..<12 where next[start] != nil && !isDone[start] {
      var loop: [UInt8] = []
      var edge = start
      while !isDone[edge], let following = next[edge] {
        isDone[edge] = true
        loop.append(UInt8(edge))
        edge = following
      }
      loops.append(loop)
    }
    return loops
  }
}

extension CellPattern.Patch {
  mutating func add(_ other: Self) {
    let shift = UInt8(centers.count)
    triangles += other.triangles.map { $0 < 12 ? $0 : $0 + shift }
    centers += other.centers
  }
}
