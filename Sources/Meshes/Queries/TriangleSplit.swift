/// A triangle's box and its number in the mesh's fans.
struct TriangleRecord {
  var lower: SIMD3<Float>
  var upper: SIMD3<Float>
  var index: Int32

  /// Twice the middle of the box.
  var middle: SIMD3<Float> { lower + upper }
}

/// Puts records in two groups, each in a box as small as can be.
struct TriangleSplit {
  let axis: Int
  /// Where the second group starts.
  let middle: Int

  private static let binCount = 16

  private struct Bin {
    var lower = SIMD3<Float>(repeating: .infinity)
    var upper = SIMD3<Float>(repeating: -.infinity)
    var count = 0

    mutating func add(_ lower: SIMD3<Float>, _ upper: SIMD3<Float>, _ count: Int) {
      self.lower = least(self.lower, lower)
      self.upper = most(self.upper, upper)
      self.count += count
    }

    /// Half the area of the box times the triangles in it.
    var cost: Float {
      guard count > 0 else { return 0 }
      let size = upper - lower
      return (size.x * size.y + size.y * size.z + size.z * size.x) * Float(count)
    }
  }

  /// Sorts the records in `range` into both groups, none of which is empty.
  ///
  /// - Parameter range: at least two records.
  init(_ records: inout MutableSpan<TriangleRecord>, _ range: Range<Int>) {
    // 1. The longest side of the box around the middles.
    var lower = records[range.lowerBound].middle
    var upper = lower
    for i in range {
      lower = least(lower, records[i].middle)
      upper = most(upper, records[i].middle)
    }
    let size = upper - lower
    axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
    let scale = Float(Self.binCount) / size[axis]
    guard scale.isFinite else {
      // All middles at one place: any half is as good as any other.
      middle = range.lowerBound + range.count / 2
      return
    }

    // 2. Bins along it, and the cut between them that costs least.
    let (axis, start) = (axis, lower[axis])
    func bin(_ record: TriangleRecord) -> Int {
      min(Int((record.middle[axis] - start) * scale), Self.binCount - 1)
    }
    var bins = InlineArray<16, Bin>(repeating: Bin())
    for i in range {
      bins[bin(records[i])].add(records[i].lower, records[i].upper, 1)
    }
    let cut = Self.cheapestCut(bins)

    // 3. Records below the cut to the front.
    var (front, back) = (range.lowerBound, range.upperBound)
    while true {
      while front < back, bin(records[front]) < cut { front += 1 }
      while front < back, bin(records[back - 1]) >= cut { back -= 1 }
      guard front < back else { break }
      back -= 1
      records.swapAt(front, back)
      front += 1
    }
    middle = front
  }

  /// The first bin of the second group. The first bin and the last are never empty.
  private static func cheapestCut(_ bins: InlineArray<16, Bin>) -> Int {
    var costs = InlineArray<16, Float>(repeating: 0)
    var sum = Bin()
    for i in stride(from: binCount - 1, to: 0, by: -1) {
      sum.add(bins[i].lower, bins[i].upper, bins[i].count)
      costs[i] = sum.cost
    }
    sum = Bin()
    var best = (cut: 1, cost: Float.infinity)
    for i in 1..<binCount {
      sum.add(bins[i - 1].lower, bins[i - 1].upper, bins[i - 1].count)
      let cost = sum.cost + costs[i]
      if cost < best.cost { best = (i, cost) }
    }
    return best.cut
  }
}

/// The smaller of each two lanes; the standard library's `pointwiseMin` goes lane by lane.
@inline(always)
func least(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
  a.replacing(with: b, where: b .< a)
}

/// The larger of each two lanes.
@inline(always)
func most(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
  a.replacing(with: b, where: b .> a)
}

extension SIMD3<Float> {
  /// The nearest numbers that are not larger.
  init(roundedDown value: SIMD3<Double>) {
    self.init(value)
    for axis in 0..<3 where Double(self[axis]) > value[axis] { self[axis] = self[axis].nextDown }
  }

  /// The nearest numbers that are not smaller.
  init(roundedUp value: SIMD3<Double>) {
    self.init(value)
    for axis in 0..<3 where Double(self[axis]) < value[axis] { self[axis] = self[axis].nextUp }
  }
}
