import Compute
import Networks

extension GridEncoding {
  /// The features of a point, written down from the source's definition, one corner after the other.
  func features(_ x: [Dual]) -> [Dual] {
    var (result, start): ([Dual], Int) = ([], 0)
    for level in levels {
      // Position in cells, kept inside of the domain.
      let places = zip(x, level.cells).map { x, cells in
        (x.value < -1 ? Dual(-1) : x.value > 1 ? Dual(1) : x) * Dual(Double(cells) / 2)
          + Dual(Double(cells) / 2)
      }
      let cell = zip(places, level.cells).map { min(Int($0.value), $1 - 1) }
      var sums = [Dual](repeating: Dual(0), count: features)
      for corner in 0..<1 << cell.count {
        let vertex = cell.indices.map { cell[$0] + corner >> $0 & 1 }
        let weight = cell.indices.reduce(Dual(1)) { weight, axis in
          let far = places[axis] - Dual(Double(cell[axis]))
          return weight * (corner >> axis & 1 == 1 ? far : Dual(1) - far)
        }
        let entry = start + level.entry(of: vertex)
        for f in 0..<features {
          sums[f] = sums[f] + weight * Dual(Double(tables[entry * features + f]))
        }
      }
      result += sums
      start += level.entries
    }
    return result
  }
}

extension GridEncoding.Level {
  /// The entry of a vertex: its number row by row, the first axis running fastest, or its hash.
  func entry(of vertex: [Int]) -> Int {
    if isHashed {
      let primes: [UInt32] = [1, 2_654_435_761, 805_459_861, 3_674_653_429]
      let hash = zip(vertex, primes).reduce(UInt32(0)) { $0 ^ (UInt32($1.0) &* $1.1) }
      return Int(hash % UInt32(entries))
    }
    return zip(vertex, cells).reversed().reduce(0) { $0 * ($1.1 + 1) + $1.0 }
  }
}
