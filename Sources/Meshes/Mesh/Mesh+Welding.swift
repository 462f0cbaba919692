extension Mesh {
  /// The same faces, with vertices at exactly the same place made one; vertices keep the order in
  /// which they first appear. Zero and minus zero are the same place.
  public func welded() -> Mesh {
    var weld = VertexWeld(capacity: vertexCount)
    let numbers = positions.map { weld.number(of: $0) }
    return Mesh(
      positions: weld.positions, corners: corners.map { numbers[Int($0)] }, faceStarts: faceStarts)
  }
}

/// Numbers vertices by their place: the same place has the same number.
///
/// A hash table with open addressing; it holds at most half as many vertices as it has slots.
struct VertexWeld {
  private(set) var positions: [SIMD3<Double>] = []
  /// The number of the vertex in each slot; −1 if it is free.
  private var slots: [Int32]

  init(capacity: Int) {
    var count = 16
    while count < 2 * capacity { count *= 2 }
    slots = [Int32](repeating: -1, count: count)
  }

  /// The number of the vertex at `position`, a new one if there was none.
  mutating func number(of position: SIMD3<Double>) -> Int32 {
    var slot = Self.hash(position) & (slots.count - 1)
    while slots[slot] >= 0 {
      if positions[Int(slots[slot])] == position { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    let number = Int32(positions.count)
    slots[slot] = number
    positions.append(position)
    if 2 * positions.count > slots.count { grow() }
    return number
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (number, position) in positions.enumerated() {
      var slot = Self.hash(position) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }

  private static func hash(_ position: SIMD3<Double>) -> Int {
    // Adding zero makes minus zero zero.
    var hash: UInt64 = 0
    for axis in 0..<3 {
      hash = (hash ^ (position[axis] + 0).bitPattern) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
    }
    hash = hash &* 0xbf58_476d_1ce4_e5b9
    return Int(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
