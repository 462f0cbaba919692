extension Collection<Double> {
  /// The middle value, or the mean of the two in the middle; 0 of nothing.
  var median: Double {
    let sorted = sorted()
    guard let last = sorted.last else { return 0 }
    let middle = sorted.count / 2
    if sorted.count == 1 { return last }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// Medians in windows along a line.
enum MedianFilter {
  /// The median of the `window` values around each; beyond the ends the line is mirrored.
  ///
  /// - Parameter window: odd.
  static func filtered(_ values: [Float], window: Int) -> [Float] {
    precondition(window > 0 && window % 2 == 1, "a window of \(window) has no middle")
    let half = window / 2
    guard values.count > 1, half > 0 else { return values }
    // The window in order: one value leaves and one enters at each step.
    var sorted = (-half...half).map { values[mirrored($0, values.count)] }.sorted()
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for i in values.indices {
      result.append(sorted[half])
      let old = values[mirrored(i - half, values.count)]
      let new = values[mirrored(i + half + 1, values.count)]
      sorted.remove(at: position(of: old, in: sorted))
      sorted.insert(new, at: position(of: new, in: sorted))
    }
    return result
  }

  /// The first place whose value is not below `value`.
  private static func position(of value: Float, in sorted: [Float]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Reflection with the ends taken twice: … 1 0 | 0 1 2 …, as often as it needs.
  static func mirrored(_ index: Int, _ count: Int) -> Int {
    let period = 2 * count
    let rest = ((index % period) + period) % period
    return rest < count ? rest : period - 1 - rest
  }
}
