import Compute

extension PlanarPartition {
  /// The exact local complexity around points: of each layer, the neurons that bend somewhere in the
  /// closed disc around the point, as far as it lies in the domain.
  ///
  /// Neurons that bend along the same edges count once. It is what the sampled measure
  /// (``SplineNetwork/localComplexity(at:in:workers:)``) estimates from corners.
  ///
  /// - Returns: the same for any number of workers.
  public func localComplexity(
    at points: [SIMD2<Double>], radius: Double, workers: Workers = Workers()
  ) -> [LocalComplexity] {
    precondition(radius >= 0 && radius.isFinite, "a radius cannot be \(radius)")
    let bends = bends
    let order = tileOrder(of: points)
    let pointsAtOnce = 64
    let layerCount = places.firstChunks.count - 2
    let chunks = workers.map((points.count + pointsAtOnce - 1) / pointsAtOnce) { _, chunk in
      let some = order[
        chunk * pointsAtOnce..<min((chunk + 1) * pointsAtOnce, points.count)]
      return Self.count(bends, near: some.map { points[$0] }, radius, layerCount)
    }
    var found = [LocalComplexity](repeating: LocalComplexity(layers: []), count: points.count)
    for (place, layers) in zip(order, chunks.joined()) {
      found[place] = LocalComplexity(layers: layers)
    }
    return found
  }

  private struct Bend: Sendable {
    let from, to: SIMD2<Double>
    let line: Int32
    let layer: Int

    func squaredDistance(to point: SIMD2<Double>) -> Double {
      let (along, offset) = (to - from, point - from)
      let squaredLength = (along * along).sum()
      let share = squaredLength > 0 ? (along * offset).sum() / squaredLength : 0
      let rest = offset - min(max(share, 0), 1) * along
      return (rest * rest).sum()
    }
  }

  /// The edges inside the domain, those of a neuron one after another.
  private var bends: [Bend] {
    let inner = edges.filter { !$0.isOnBoundary }.map { edge in
      Bend(
        from: vertices[Int(edge.ends.x)], to: vertices[Int(edge.ends.y)], line: edge.line,
        layer: places.layer(of: Int(edge.line)))
    }
    var counts: [Int32: Int] = [:]
    for bend in inner { counts[bend.line, default: 0] += 1 }
    var next: [Int32: Int] = [:]
    var start = 0
    for line in counts.keys.sorted() {
      next[line] = start
      start += counts[line] ?? 0
    }
    var sorted = inner
    for bend in inner {
      let place = next[bend.line] ?? 0
      sorted[place] = bend
      next[bend.line] = place + 1
    }
    return sorted
  }

  /// Points of the same part of the plane one after another.
  private func tileOrder(of points: [SIMD2<Double>]) -> [Int] {
    let lower = domain.reduce(domain[0]) { pointwiseMin($0, $1) }
    let upper = domain.reduce(domain[0]) { pointwiseMax($0, $1) }
    let tiles = max(1, (Double(points.count) / 64).squareRoot().rounded())
    let keys = points.map { point in
      let share = (point - lower) / (upper - lower) * tiles
      let tile = pointwiseMin(pointwiseMax(share, .zero), SIMD2(repeating: tiles - 1))
      return Int(tile.y) * Int(tiles) + Int(tile.x)
    }
    return points.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
  }

  private static func count(
    _ bends: [Bend], near points: [SIMD2<Double>], _ radius: Double, _ layerCount: Int
  ) -> [[Int]] {
    let margin = SIMD2(repeating: radius)
    let lower = points.reduce(points[0]) { pointwiseMin($0, $1) } - margin
    let upper = points.reduce(points[0]) { pointwiseMax($0, $1) } + margin
    var counts = Array(repeating: [Int](repeating: 0, count: layerCount), count: points.count)
    var lastLines = [Int32](repeating: -1, count: points.count)
    for bend in bends {
      if max(bend.from.x, bend.to.x) < lower.x || min(bend.from.x, bend.to.x) > upper.x { continue }
      if max(bend.from.y, bend.to.y) < lower.y || min(bend.from.y, bend.to.y) > upper.y { continue }
      for k in points.indices
      where lastLines[k] != bend.line && bend.squaredDistance(to: points[k]) <= radius * radius {
        lastLines[k] = bend.line
        counts[k][bend.layer] += 1
      }
    }
    return counts
  }
}
