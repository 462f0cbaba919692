/// The numbering of a cube's corners, edges and faces.
///
/// - Corners: bit 0 of the number is x, bit 1 y, bit 2 z.
/// - Edges: `4 · axis + k`, where the bits of k are the other two coordinates, the lower axis first.
/// - Faces: `2 · axis + side`.
enum Cube {
  /// The lower corner of an edge; the other one is higher by `1 << axis`.
  static func lowerCorner(ofEdge edge: Int) -> Int {
    let (axis, k) = (edge >> 2, edge & 3)
    switch axis {
    case 0: return k << 1
    case 1: return (k & 1) | (k & 2) << 1
    default: return k
    }
  }

  static func upperCorner(ofEdge edge: Int) -> Int { lowerCorner(ofEdge: edge) | 1 << (edge >> 2) }

  /// The edge between two corners that differ in one bit.
  static func edge(between first: Int, and second: Int) -> Int {
    let axis = (first ^ second).trailingZeroBitCount
    let lower = min(first, second)
    switch axis {
    case 0: return lower >> 1
    case 1: return 4 + (lower & 1 | lower >> 1 & 2)
    default: return 8 + lower
    }
  }

  /// The four corners of a face, counter-clockwise seen from outside the cube.
  static func corners(ofFace face: Int) -> [Int] {
    let axis = face >> 1
    let (u, v) = (1 << ((axis + 1) % 3), 1 << ((axis + 2) % 3))
    return face & 1 == 1
      ? [0, u, u | v, v].map { $0 | 1 << axis }
      : [0, v, u | v, u]
  }

  static let faces = (0..<6).map { corners(ofFace: $0) }

  /// A bit for each face that an edge lies on.
  static func faces(ofEdge edge: Int) -> Int {
    let (lower, upper) = (lowerCorner(ofEdge: edge), upperCorner(ofEdge: edge))
    return (0..<6).reduce(0) { mask, face in
      faces[face].contains(lower) && faces[face].contains(upper) ? mask | 1 << face : mask
    }
  }

  /// The middle of an edge of the unit cube.
  static func middle(ofEdge edge: Int) -> SIMD3<Double> {
    let (lower, upper) = (lowerCorner(ofEdge: edge), upperCorner(ofEdge: edge))
    return (position(ofCorner: lower) + position(ofCorner: upper)) / 2
  }

  static func position(ofCorner corner: Int) -> SIMD3<Double> {
    [Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2)]
  }
}
