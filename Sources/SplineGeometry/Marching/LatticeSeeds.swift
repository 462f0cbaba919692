import Compute

/// Finds points of the zero set on the edges of a lattice.
///
/// A part of the zero set that no edge meets an odd number of times is not found.
struct LatticeSeeds {
  private let network: SplineNetwork
  private let lower: SIMD3<Double>
  private let step: SIMD3<Double>
  /// Cells of the lattice along each axis.
  private let count: Int
  /// Units of all hidden layers.
  private let neuronCount: Int
  private let words: IdentityWords
  /// Values that are as good as 0.
  private let rounding: Double
  /// Values in `Float` that are farther from 0 than this have the right sign.
  private let clearance: Float
  private let workers: Workers

  init(
    _ network: SplineNetwork, in domain: SplineDomain, scales: [Double], count: Int,
    workers: Workers
  ) {
    self.network = network
    neuronCount = network.hiddenLayers.reduce(0) { $0 + $1.units }
    words = IdentityWords(neuronCount: neuronCount, sideCount: 0)
    let scale = scales[scales.count - 1]
    rounding = PackedLayer.rounding(scale)
    clearance = Float(1e-4 * scale)
    self.count = count
    self.workers = workers
    let corners = domain.cell.positions
    lower = corners.reduce(corners[0]) { pointwiseMin($0, $1) }
    let upper = corners.reduce(corners[0]) { pointwiseMax($0, $1) }
    step = (upper - lower) / Double(count)
  }

  /// A part of an edge with different signs at its ends.
  private struct Bracket {
    let point: SIMD3<Double>
    let along: SIMD3<Double>
    let value: Double
    let endValue: Double
  }

  /// Cells of the zero set, with points of it that are about as exact as Double is.
  func items() -> MarchItems {
    let side = count + 1
    let evaluators = WorkerStates(workers) { PointLanes(network.unshared) }
    let planeEvaluators = WorkerStates(workers) {
      (FloatLanes(network), PointLanes(network.unshared))
    }
    let planes = planeEvaluators.map(side) { plane($1, &$0.0, &$0.1) }
    let found = workers.map(side) { _, z in
      brackets(between: planes[z], and: z < count ? planes[z + 1] : nil, z: z)
    }.flatMap { $0 }
    let lanes = PointLanes.count
    let batches = (found.count + lanes - 1) / lanes
    let roots = evaluators.map(batches) { evaluator, k in
      findRoots(at: found[lanes * k..<min(lanes * (k + 1), found.count)], &evaluator)
    }
    var items = MarchItems(neuronCount: neuronCount)
    for root in roots.joined() {
      let item = MarchItems.Item(hash: root.hash, point: root.point, radius: 0.1 * step.max())
      items.append(item, root.pattern)
    }
    return items
  }

  private func position(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Double> {
    lower + step * SIMD3(Double(x), Double(y), Double(z))
  }

  /// The values at a plane of lattice points, x first: their signs are those of `Double`, but only
  /// values near 0 are more exact than `Float`.
  private func plane(_ z: Int, _ evaluator: inout FloatLanes, _ exact: inout PointLanes) -> [Double]
  {
    let side = count + 1
    var values: [Double] = []
    values.reserveCapacity(side * side)
    for first in stride(from: 0, to: side * side, by: FloatLanes.count) {
      let points = (first..<first + FloatLanes.count).map { k in
        let place = min(k, side * side - 1)
        return position(place % side, place / side, z)
      }
      var (x, y) = (FloatLanes.Lanes.zero, FloatLanes.Lanes.zero)
      for lane in points.indices {
        x[lane] = Float(points[lane].x)
        y[lane] = Float(points[lane].y)
      }
      let found = evaluator.values(x: x, y: y, z: .init(repeating: Float(points[0].z)))
      let isClear =
        (found .> clearance .& found .< .infinity)
        .| (found .< -clearance .& found .> -.infinity)
      for lane in 0..<min(FloatLanes.count, side * side - first) {
        values.append(
          isClear[lane] ? Double(found[lane]) : exact.value(at: points[lane]))
      }
    }
    return values
  }

  private func brackets(between plane: [Double], and next: [Double]?, z: Int) -> [Bracket] {
    let side = count + 1
    var brackets: [Bracket] = []
    for y in 0..<side {
      for x in 0..<side {
        let value = plane[y * side + x]
        func add(_ axis: Int, _ other: Double) {
          guard (value < 0) != (other < 0) else { return }
          var along = SIMD3<Double>.zero
          along[axis] = step[axis]
          brackets.append(
            Bracket(point: position(x, y, z), along: along, value: value, endValue: other))
        }
        if x < count { add(0, plane[y * side + x + 1]) }
        if y < count { add(1, plane[(y + 1) * side + x]) }
        if let next { add(2, next[y * side + x]) }
      }
    }
    return brackets
  }

  private struct Root {
    let point: SIMD3<Double>
    let pattern: [UInt64]
    let hash: SIMD2<UInt64>
  }

  /// Regula falsi with the Illinois correction: once on the right straight piece it is exact.
  private func findRoots(at brackets: ArraySlice<Bracket>, _ evaluator: inout PointLanes) -> [Root]
  {
    var (x, y, z) = (PointLanes.Lanes.zero, PointLanes.Lanes.zero, PointLanes.Lanes.zero)
    var (dx, dy, dz) = (x, y, z)
    var (lowValue, highValue) = (x, x)
    for lane in 0..<PointLanes.count {
      let bracket = brackets[min(brackets.startIndex + lane, brackets.endIndex - 1)]
      (x[lane], y[lane], z[lane]) = (bracket.point.x, bracket.point.y, bracket.point.z)
      (dx[lane], dy[lane], dz[lane]) = (bracket.along.x, bracket.along.y, bracket.along.z)
      (lowValue[lane], highValue[lane]) = (bracket.value, bracket.endValue)
    }
    let isLowNegative = lowValue .< 0
    var (low, high) = (PointLanes.Lanes.zero, PointLanes.Lanes(repeating: 1))
    var (shares, values) = (low, low)
    var wasLow = SIMDMask<SIMD8<Int64>>(repeating: false)
    var wasHigh = wasLow
    for _ in 0..<50 {
      shares = (low * highValue - high * lowValue) / (highValue - lowValue)
      values = evaluator.values(x: x + shares * dx, y: y + shares * dy, z: z + shares * dz)
      guard any(values * values .> rounding * rounding) else { break }
      let isLow = (values .< 0) .== isLowNegative
      highValue = highValue.replacing(with: highValue * 0.5, where: isLow .& wasLow)
      lowValue = lowValue.replacing(with: lowValue * 0.5, where: .!isLow .& wasHigh)
      (wasLow, wasHigh) = (isLow, .!isLow)
      highValue = highValue.replacing(with: values, where: .!isLow)
      high = high.replacing(with: shares, where: .!isLow)
      lowValue = lowValue.replacing(with: values, where: isLow)
      low = low.replacing(with: shares, where: isLow)
    }
    (x, y, z) = (x + shares * dx, y + shares * dy, z + shares * dz)
    let patterns = evaluator.patterns(x: x, y: y, z: z)
    // A bracket that holds no root, because a sign was misjudged, is left out.
    return (0..<brackets.count).filter { abs(values[$0]) <= 1e4 * rounding }.map { lane in
      let pattern = patterns.map { $0[lane] }
      return Root(
        point: SIMD3(x[lane], y[lane], z[lane]), pattern: pattern, hash: words.hash(of: pattern))
    }
  }
}

extension PointLanes {
  /// The value of the first output at a point.
  fileprivate mutating func value(at point: SIMD3<Double>) -> Double {
    values(
      x: .init(repeating: point.x), y: .init(repeating: point.y), z: .init(repeating: point.z))[0]
  }
}
