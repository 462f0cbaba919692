/// Fills loops of a cell's edges with triangles, none of whose inner sides lies in a face of the
/// cell. Of all ways the one with the least sum of the sides' squared lengths is taken, for vertices
/// in the middle of their edges.
enum LoopFilling {
  /// A disc, with a further vertex in its middle if it cannot be without.
  static func disc(in loop: [UInt8]) -> CellPattern.Patch {
    let count = loop.count
    // costs[i][j]: the least cost of the polygon i, i + 1, …, j; apexes: the third corner of the
    // triangle at its side from i to j.
    var costs = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var apexes = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for length in 2..<count {
      for i in 0..<count - length {
        let j = i + length
        costs[i][j] = .infinity
        for k in i + 1..<j where costs[i][k] + costs[k][j] < costs[i][j] {
          costs[i][j] = costs[i][k] + costs[k][j]
          apexes[i][j] = k
        }
        if length < count - 1 { costs[i][j] += cost(loop[i], loop[j]) }
      }
    }
    var patch = CellPattern.Patch()
    guard costs[0][count - 1] < .infinity else {
      for k in 0..<count { patch.triangles += [loop[k], loop[(k + 1) % count], 12] }
      patch.centers = [loop]
      return patch
    }
    func cut(_ i: Int, _ j: Int) {
      guard j - i >= 2 else { return }
      let k = apexes[i][j]
      patch.triangles += [loop[i], loop[k], loop[j]]
      cut(i, k)
      cut(k, j)
    }
    cut(0, count - 1)
    return patch
  }

  /// A tube between two loops, which both run counter-clockwise seen from below the level: a strip
  /// of triangles that follows the first loop forwards and the second one backwards. A rung that lies
  /// in a face gets a further vertex, which is drawn into the cell.
  static func tube(between first: [UInt8], and second: [UInt8]) -> CellPattern.Patch {
    var best = strip(along: first, and: second, from: 0)
    for start in second.indices.dropFirst() {
      let strip = strip(along: first, and: second, from: start)
      if strip.cost < best.cost { best = strip }
    }
    precondition(best.cost < .infinity, "no tube joins the loops \(first) and \(second)")
    var patch = CellPattern.Patch()
    var numbers: [UInt8?] = best.steps.map { step in
      guard cost(step.tail, step.far) == .infinity else { return nil }
      // Half of it the rung's middle, half the middle of both loops.
      let half = (first.count + second.count) / 2
      patch.centers.append(
        first + second + [UInt8](repeating: step.tail, count: half)
          + [UInt8](repeating: step.far, count: half))
      return UInt8(11 + patch.centers.count)
    }
    numbers.append(numbers[0])
    for (k, step) in best.steps.enumerated() { patch.add(step, numbers[k], numbers[k + 1]) }
    return patch
  }

  /// A triangle of a strip: `tail` to `head` along the one loop, and a vertex of the other one. Its
  /// rungs lead from `tail` and from `head` to `far`.
  struct Step {
    let tail: UInt8
    let head: UInt8
    let far: UInt8
    /// Whether tail and head are on the first loop; else the triangle runs the other way.
    let isAlongFirst: Bool
  }

  /// The best strip that begins at the rung from `first[0]` to `second[start]`.
  private static func strip(along first: [UInt8], and second: [UInt8], from start: Int)
    -> (cost: Double, steps: [Step])
  {
    let (m, n) = (first.count, second.count)
    func p(_ i: Int) -> UInt8 { first[i % m] }
    func q(_ j: Int) -> UInt8 { second[(start + n - j % n) % n] }
    // State (i, j): i steps along the first loop and j along the second one are done.
    var costs = [[Double]](repeating: [Double](repeating: .infinity, count: n + 1), count: m + 1)
    for i in 0...m {
      for j in 0...n {
        let isWalkedAround = (i == m && j == 0) || (i == 0 && j == n)
        let before = min(
          i > 0 ? costs[i - 1][j] : .infinity, j > 0 ? costs[i][j - 1] : .infinity)
        if isWalkedAround { continue }
        costs[i][j] = (i + j == 0 ? 0 : before) + rungCost(p(i), q(j))
      }
    }
    var steps: [Step] = []
    var (i, j) = (m, n)
    while i + j > 0 {
      if j == 0 || (i > 0 && costs[i - 1][j] <= costs[i][j - 1]) {
        i -= 1
        steps.append(Step(tail: p(i), head: p(i + 1), far: q(j), isAlongFirst: true))
      } else {
        j -= 1
        steps.append(Step(tail: q(j), head: q(j + 1), far: p(i), isAlongFirst: false))
      }
    }
    // A loop that is walked all around from one place has one rung twice.
    let rungs = Set(steps.map { [min($0.tail, $0.far), max($0.tail, $0.far)] })
    return (rungs.count == m + n ? costs[m][n] : .infinity, steps.reversed())
  }

  /// The squared length of the line between the vertices on two edges, for vertices in their
  /// middles; infinite if it lies in a face.
  private static func cost(_ first: UInt8, _ second: UInt8) -> Double {
    Cube.faces(ofEdge: Int(first)) & Cube.faces(ofEdge: Int(second)) != 0
      ? .infinity : squaredLength(first, second)
  }

  /// A rung's squared length, and a quarter more if it needs a further vertex.
  private static func rungCost(_ first: UInt8, _ second: UInt8) -> Double {
    squaredLength(first, second) + (cost(first, second) == .infinity ? 0.25 : 0)
  }

  private static func squaredLength(_ first: UInt8, _ second: UInt8) -> Double {
    let difference = Cube.middle(ofEdge: Int(first)) - Cube.middle(ofEdge: Int(second))
    return difference.dot(difference)
  }
}

extension CellPattern.Patch {
  /// Adds a triangle of a strip, whose rungs may have a further vertex: `first` on that from its
  /// tail, `second` on that from its head.
  fileprivate mutating func add(_ step: LoopFilling.Step, _ first: UInt8?, _ second: UInt8?) {
    let (a, b, c) = (step.tail, step.head, step.far)
    let pieces: [[UInt8]] =
      switch (first, second) {
      case (nil, nil): [[a, b, c]]
      case (let m?, nil): [[a, b, m], [b, c, m]]
      case (nil, let n?): [[a, b, n], [a, n, c]]
      case (let m?, let n?): [[a, b, n], [a, n, m], [m, n, c]]
      }
    for piece in pieces { triangles += step.isAlongFirst ? piece : piece.reversed() }
  }
}
