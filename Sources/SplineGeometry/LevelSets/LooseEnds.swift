import Meshes

/// Looks for places inside the domain where a level set ends, which an exact one does not do.
enum LooseEnds {
  /// Edges of polygons along which not as many faces run one way as the other; unless the sides are
  /// capped, without those that lie on one of the domain's sides.
  static func edgeCount(_ weld: LevelWeld, in domain: SplineDomain, rim: MarchingCubes.Rim) -> Int {
    // The lower vertex in the upper half; bit 0 tells the direction.
    var uses: [UInt64] = []
    uses.reserveCapacity(weld.faces.corners.count)
    for (start, end) in zip(weld.faces.starts, weld.faces.starts.dropFirst()) {
      var previous = weld.faces.corners[Int(end) - 1]
      for corner in start..<end {
        let next = weld.faces.corners[Int(corner)]
        let (low, high) = (UInt64(min(previous, next)), UInt64(max(previous, next)))
        uses.append(low << 32 | high << 1 | (previous < next ? 0 : 1))
        previous = next
      }
    }
    uses.sort()
    var count = 0
    var first = 0
    while first < uses.count {
      var (end, balance) = (first, 0)
      while end < uses.count, uses[end] >> 1 == uses[first] >> 1 {
        balance += uses[end] & 1 == 0 ? 1 : -1
        end += 1
      }
      let edge = uses[first] >> 1
      let vertices = [Int(edge >> 31), Int(edge & 0x7fff_ffff)]
      if balance != 0, rim == .capped || !lieOnOneSide(vertices, weld, domain) { count += 1 }
      first = end
    }
    return count
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
