/// The patterns of all cells, made once.
///
/// A case is the cell's eight corners, a bit each, 1 if it is above. Most cases have one pattern,
/// which their corners decide alone; the others depend on ambiguous faces, or may have a tunnel.
struct CellPatterns: Sendable {
  static let shared = CellPatterns()

  /// A bit for each edge of each case on which the surface has a vertex.
  let edges: [UInt16]
  /// Whether a case needs values to be decided.
  let isOpen: [Bool]
  /// A bit for each ambiguous face of each case.
  let ambiguousFaces: [UInt8]
  /// The triangles of the cases that are decided, one case after another.
  let triangles: [UInt8]
  let triangleStarts: [Int32]
  /// The patterns of the cases that are not: one for each set of ambiguous faces whose corners above
  /// are joined, in ascending order of these sets.
  private let patterns: [CellPattern]
  private let patternStarts: [Int32]

  private init() {
    var edges: [UInt16] = []
    var isOpen: [Bool] = []
    var ambiguousFaces: [UInt8] = []
    var triangles: [UInt8] = []
    var triangleStarts: [Int32] = [0]
    var patterns: [CellPattern] = []
    var patternStarts: [Int32] = []
    for above in 0..<256 {
      let faces = Self.ambiguousFaces(above)
      let all = Self.subsets(of: faces).map { CellPattern(above: above, outcome: $0) }
      edges.append(
        (0..<12).reduce(0) { mask, edge in
          let lower = above >> Cube.lowerCorner(ofEdge: edge) & 1
          return lower != above >> Cube.upperCorner(ofEdge: edge) & 1 ? mask | 1 << edge : mask
        })
      ambiguousFaces.append(UInt8(faces))
      isOpen.append(all.count > 1 || !all[0].tunnels.isEmpty || !all[0].discs.centers.isEmpty)
      patternStarts.append(Int32(patterns.count))
      if isOpen[above] { patterns += all } else { triangles += all[0].discs.triangles }
      triangleStarts.append(Int32(triangles.count))
    }
    self.edges = edges
    self.isOpen = isOpen
    self.ambiguousFaces = ambiguousFaces
    self.triangles = triangles
    self.triangleStarts = triangleStarts
    self.patterns = patterns
    self.patternStarts = patternStarts
  }

  /// The triangles of a cell whose case is open.
  func patch(above: Int, _ cell: TrilinearCell) -> CellPattern.Patch {
    let faces = Int(ambiguousFaces[above])
    let number = Self.number(of: cell.outcome(ambiguous: faces), in: faces)
    let pattern = patterns[Int(patternStarts[above]) + number]
    let tunnel = pattern.tunnels.first {
      cell.areJoined($0.ends.0, $0.ends.1, pieces: pattern.pieces)
    }
    return tunnel?.patch ?? pattern.discs
  }

  /// A bit for each face whose diagonal corners agree while its neighbours do not.
  static func ambiguousFaces(_ above: Int) -> Int {
    (0..<6).reduce(0) { mask, face in
      let sides = Cube.faces[face].map { above >> $0 & 1 }
      return sides[0] == sides[2] && sides[1] == sides[3] && sides[0] != sides[1]
        ? mask | 1 << face : mask
    }
  }

  /// All subsets of a set of bits, in ascending order.
  static func subsets(of set: Int) -> [Int] {
    (0...set).filter { $0 & ~set == 0 }
  }

  /// The place of a subset among all of them: its bits, closed up.
  private static func number(of subset: Int, in set: Int) -> Int {
    var (number, place) = (0, 0)
    for bit in 0..<6 where set >> bit & 1 == 1 {
      number |= (subset >> bit & 1) << place
      place += 1
    }
    return number
  }
}
