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
  private let words: IdentityWords
  /// Values that are as good as 0.
  private let rounding: Double
  private let workers: Workers

  init(_ network: SplineNetwork, in domain: SplineDomain, count: Int, workers: Workers) {
    self.network = network
    let packed = PackedNetwork(network, on: domain)
    words = IdentityWords(neuronCount: packed.neuronCount, sideCount: domain.sides.count)
    rounding = packed.layers[packed.hiddenCount].rounding
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
  func items() -> [MarchItem] {
    let side = count + 1
    let evaluators = WorkerStates(workers) { PointLanes(network.unshared) }
    let planes = evaluators.map(side) { plane($1, &$0) }
    let found = workers.map(side) { _, z in
      brackets(planes[z], next: z < count ? planes[z + 1] : nil, z: z)
    }.flatMap { $0 }
    let lanes = PointLanes.count
    let batches = (found.count + lanes - 1) / lanes
    return evaluators.map(batches) { evaluator, k in
      items(found[lanes * k..<min(lanes * (k + 1), found.count)], &evaluator)
    }.flatMap { $0 }
  }

  private func position(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Double> {
    lower + step * SIMD3(Double(x), Double(y), Double(z))
  }

  /// The values at a plane of lattice points, x first.
  private func plane(_ z: Int, _ evaluator: inout PointLanes) -> [Double] {
    let side = count + 1
    var values: [Double] = []
    values.reserveCapacity(side * side)
    for y in 0..<side {
      for first in stride(from: 0, to: side, by: PointLanes.count) {
        var x = PointLanes.Lanes.zero
        for lane in 0..<PointLanes.count {
          x[lane] = lower.x + step.x * Double(min(first + lane, count))
        }
        let start = position(0, y, z)
        let lanes = evaluator.values(
          x: x, y: .init(repeating: start.y), z: .init(repeating: start.z))
        for lane in 0..<min(PointLanes.count, side - first) { values.append(lanes[lane]) }
      }
    }
    return values
  }

  private func brackets(_ plane: [Double], next: [Double]?, z: Int) -> [Bracket] {
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

  /// Regula falsi with the Illinois correction: once on the right straight piece it is exact.
  private func items(_ brackets: ArraySlice<Bracket>, _ evaluator: inout PointLanes) -> [MarchItem]
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
    let patterns = evaluator.patterns(x: x, y: y, z: z, count: brackets.count)
    return patterns.enumerated().map { lane, pattern in
      MarchItem(
        pattern: pattern, hash: words.hash(of: pattern), point: [x[lane], y[lane], z[lane]],
        radius: 0.1 * step.max())
    }
  }
}
