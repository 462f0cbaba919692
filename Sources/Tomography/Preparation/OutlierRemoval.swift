import Compute

/// Replaces single values that stand out of their bin's neighbouring views (zingers: a stray photon
/// on the sensor), and bins that are dead, stuck or far too bright.
///
/// - Shapes: `[views, bins]`, in and out.
public struct OutlierRemoval: Sendable, Equatable, Codable {
  /// The sinogram without outliers, and how many there were.
  public struct Result: Sendable, Equatable {
    public var sinogram: Matrix
    public var replacedCount: Int
    /// Bins that were interpolated as a whole.
    public var badBins: [Int]
  }

  /// Views, or for whole bins neighbouring bins, that the median sees; odd.
  public var window: Int
  /// Standard deviations from the median that are too many; the deviation is the robust one of the
  /// differences that the whole sinogram has from its medians.
  public var threshold: Double

  public init(window: Int = 5, threshold: Double = 8) {
    precondition(window > 1 && window % 2 == 1, "a window of \(window) views has no middle")
    precondition(threshold > 0, "a threshold of \(threshold) deviations")
    self.window = window
    self.threshold = threshold
  }

  /// Single values: the median over neighbouring views takes the place of those too far from it.
  public func removingZingers(from sinogram: Matrix, workers: Workers = Workers()) -> Result {
    let medians = workers.map(sinogram.columns) { _, bin in
      MedianFilter.filtered((0..<sinogram.rows).map { sinogram[$0, bin] }, window: window)
    }
    var differences: [Double] = []
    differences.reserveCapacity(sinogram.elements.count)
    for view in 0..<sinogram.rows {
      for bin in 0..<sinogram.columns {
        differences.append(abs(Double(sinogram[view, bin] - medians[bin][view])))
      }
    }
    let limit = threshold * Self.deviation(fromMedianOf: differences)
    var result = Result(sinogram: sinogram, replacedCount: 0, badBins: [])
    for i in differences.indices where differences[i] > limit {
      let (view, bin) = i.quotientAndRemainder(dividingBy: sinogram.columns)
      result.sinogram.elements[i] = medians[bin][view]
      result.replacedCount += 1
    }
    return result
  }

  /// Whole bins: those whose mean over the views stands out of their neighbours', or whose spread is
  /// ten times theirs or a tenth of it, are interpolated linearly between the nearest good ones.
  public func removingBadBins(from sinogram: Matrix) -> Result {
    let statistics = (0..<sinogram.columns).map { bin in
      let values = (0..<sinogram.rows).map { Double(sinogram[$0, bin]) }
      let mean = values.reduce(0, +) / Double(max(values.count, 1))
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (
        mean: Float(mean), spread: Float((square / Double(max(values.count, 1))).squareRoot())
      )
    }
    let bad = Set(standingOut(statistics.map(\.mean)) + stuck(statistics.map(\.spread)))
    var result = Result(sinogram: sinogram, replacedCount: 0, badBins: bad.sorted())
    guard bad.count < sinogram.columns else { return result }
    for bin in result.badBins {
      let left = stride(from: bin - 1, through: 0, by: -1).first { !bad.contains($0) }
      let right = (bin + 1..<max(sinogram.columns, bin + 1)).first { !bad.contains($0) }
      guard let first = left ?? right, let last = right ?? left else { continue }
      let share = first == last ? 0 : Float(bin - first) / Float(last - first)
      for view in 0..<sinogram.rows {
        let (low, high) = (sinogram[view, first], sinogram[view, last])
        result.sinogram[view, bin] = low + share * (high - low)
        result.replacedCount += 1
      }
    }
    return result
  }

  private func standingOut(_ values: [Float]) -> [Int] {
    let medians = MedianFilter.filtered(values, window: window)
    let differences = zip(values, medians).map { abs(Double($0 - $1)) }
    // Without noise the deviation is next to nothing: a bin must also stand out by a tenth of what
    // bins differ by at all.
    let mean = values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1))
    let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let least = 0.1 * (square / Double(max(values.count, 1))).squareRoot()
    let limit = max(threshold * Self.deviation(fromMedianOf: differences), least)
    return differences.indices.filter { differences[$0] > limit }
  }

  /// Bins that hardly change from view to view where their neighbours do, or the other way round.
  private func stuck(_ spreads: [Float]) -> [Int] {
    let medians = MedianFilter.filtered(spreads, window: window)
    return spreads.indices.filter { bin in
      let median = medians[bin]
      return median > 0 && (spreads[bin] < 0.1 * median || spreads[bin] > 10 * median)
    }
  }

  /// The standard deviation of normal numbers with that median of absolute values; the mean of the
  /// absolute values where more than half of them are zero.
  private static func deviation(fromMedianOf absolute: [Double]) -> Double {
    let median = absolute.median
    if median > 0 { return 1.4826 * median }
    return absolute.reduce(0, +) / Double(max(absolute.count, 1))
  }
}
