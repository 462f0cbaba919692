/// How the values of a measure over sampled points are distributed.
public struct SampleDistribution: Sendable, Equatable, Codable {
  public let sample: SampleMean
  public let minimum: Double
  /// The 5th, 25th, 50th, 75th and 95th hundredths: of n sorted values `v`, that of the share q is v at
  /// `q (n − 1)`, between two of them on a straight line.
  public let quantile5: Double
  public let quantile25: Double
  public let median: Double
  public let quantile75: Double
  public let quantile95: Double
  public let maximum: Double

  /// Of the values that are finite; nil if none is.
  public init?(of values: [Double]) {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return nil }
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let lower = Int(place)
      let upper = min(lower + 1, sorted.count - 1)
      return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }
    sample = SampleMean(of: sorted)
    minimum = sorted[0]
    quantile5 = quantile(0.05)
    quantile25 = quantile(0.25)
    median = quantile(0.5)
    quantile75 = quantile(0.75)
    quantile95 = quantile(0.95)
    maximum = sorted[sorted.count - 1]
  }
}

/// Pearson's correlation of two measures over the same points, −1 to 1; nil if one of them does not
/// vary. Pairs with a number that is not finite are left out.
public func pearsonCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "\(first.count) and \(second.count) are no pairs")
  let pairs = zip(first, second).filter { $0.isFinite && $1.isFinite }
  guard !pairs.isEmpty else { return nil }
  let count = Double(pairs.count)
  let means = (
    pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count
  )
  var (product, square, otherSquare) = (0.0, 0.0, 0.0)
  for (a, b) in pairs {
    product += (a - means.0) * (b - means.1)
    square += (a - means.0) * (a - means.0)
    otherSquare += (b - means.1) * (b - means.1)
  }
  let scale = (square * otherSquare).squareRoot()
  return scale > 0 ? min(max(product / scale, -1), 1) : nil
}
