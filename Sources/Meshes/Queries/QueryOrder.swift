import Compute

/// An order in which points that are near each other stand near each other: along the Z curve.
///
/// - Source: Morton, "A computer oriented geodetic data base", IBM 1966.
enum QueryOrder {
  /// Points that a worker takes at a time.
  static let chunk = 512

  /// The numbers of the points, sorted; equal codes keep their order.
  static func sorted(_ points: [SIMD3<Double>], _ workers: Workers) -> [Int32] {
    guard points.count > 16 else { return (0..<Int32(points.count)).map { $0 } }
    let boxes = workers.inChunks(of: points.count) { range -> [Box] in
      var box = Box(lower: points[range.lowerBound], upper: points[range.lowerBound])
      for i in range {
        box.lower.replace(with: points[i], where: points[i] .< box.lower)
        box.upper.replace(with: points[i], where: points[i] .> box.upper)
      }
      return [box]
    }
    var box = boxes[0]
    for other in boxes {
      box.lower = pointwiseMin(box.lower, other.lower)
      box.upper = pointwiseMax(box.upper, other.upper)
    }
    // 1. Codes of 33 bits above the number of the point.
    let side = box.size.max()
    let scale = 2047.999 / side
    // All at one place, or farther apart than any number: any order is as good as another.
    guard side.isFinite, scale.isFinite else { return (0..<Int32(points.count)).map { $0 } }
    let lower = box.lower
    var keys = workers.inChunks(of: points.count) { range in
      range.map { i -> UInt64 in
        let cell = SIMD3<UInt64>((points[i] - lower) * scale)
        return (spread(cell.x) << 2 | spread(cell.y) << 1 | spread(cell.z)) << 31 | UInt64(i)
      }
    }
    // 2. Three passes over eleven bits each.
    var other = [UInt64](repeating: 0, count: keys.count)
    for shift: UInt64 in [31, 42, 53] {
      sort(keys.span, to: &other, by: shift)
      swap(&keys, &other)
    }
    return keys.map { Int32(truncatingIfNeeded: $0 & 0x7fff_ffff) }
  }

  private static func sort(_ keys: Span<UInt64>, to sorted: inout [UInt64], by shift: UInt64) {
    var starts = [Int](repeating: 0, count: 2049)
    var next = starts.mutableSpan
    for i in keys.indices { next[Int(keys[i] >> shift & 2047) + 1] += 1 }
    for i in 0..<2048 { next[i + 1] += next[i] }
    var target = sorted.mutableSpan
    for i in keys.indices {
      let digit = Int(keys[i] >> shift & 2047)
      target[next[digit]] = keys[i]
      next[digit] += 1
    }
  }

  /// Eleven bits, two places apart.
  private static func spread(_ value: UInt64) -> UInt64 {
    var x = value & 0x7ff
    x = (x | x << 16) & 0x0700_00ff
    x = (x | x << 8) & 0x0700_f00f
    x = (x | x << 4) & 0x430c_30c3
    return (x | x << 2) & 0x4924_9249
  }
}

extension Workers {
  /// The elements that `body` makes of chunks of `0..<count`, in their order.
  func inChunks<Element: Sendable>(
    of count: Int, size: Int = 1 << 14, _ body: @Sendable (Range<Int>) -> [Element]
  ) -> [Element] {
    let chunks = map((count + size - 1) / size) { _, chunk in
      body(chunk * size..<min((chunk + 1) * size, count))
    }
    if chunks.count == 1 { return chunks[0] }
    var elements: [Element] = []
    elements.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
    for chunk in chunks { elements += chunk }
    return elements
  }

  /// What `body` makes of the points, a chunk at a time in an order that keeps neighbours together;
  /// results are in the points' order.
  func inSpatialOrder<Result: Sendable>(
    _ points: [SIMD3<Double>], filling placeholder: Result,
    _ body: @Sendable (ArraySlice<SIMD3<Double>>) -> [Result]
  ) -> [Result] {
    let order = QueryOrder.sorted(points, self)
    let size = QueryOrder.chunk
    let chunks = map((points.count + size - 1) / size) { _, chunk in
      let numbers = order[chunk * size..<min((chunk + 1) * size, points.count)]
      return body(numbers.map { points[Int($0)] }[...])
    }
    var results = [Result](repeating: placeholder, count: points.count)
    var place = 0
    for chunk in chunks {
      for result in chunk {
        results[Int(order[place])] = result
        place += 1
      }
    }
    return results
  }
}
