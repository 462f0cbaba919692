import Foundation

func mean(_ values: some Collection<Double>) -> Double {
  values.reduce(0, +) / Double(values.count)
}

func median(_ values: some Collection<Double>) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The line `y = intercept + slope · x` with the least sum of squared errors.
package struct LinearFit {
  package let slope: Double
  package let intercept: Double
  /// The share of the variance that the line explains: the squared correlation.
  package let explainedShare: Double

  package init(_ points: [SIMD2<Double>]) {
    let center = points.reduce(SIMD2.zero, +) / Double(points.count)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for point in points {
      let d = point - center
      xx += d.x * d.x
      xy += d.x * d.y
      yy += d.y * d.y
    }
    slope = xy / xx
    intercept = center.y - slope * center.x
    explainedShare = yy > 0 ? xy * xy / (xx * yy) : 1
  }
}

/// Pearson's correlation.
func correlation(_ x: [Double], _ y: [Double]) -> Double {
  let (meanX, meanY) = (mean(x), mean(y))
  var (xx, xy, yy) = (0.0, 0.0, 0.0)
  for (a, b) in zip(x, y) {
    xx += (a - meanX) * (a - meanX)
    xy += (a - meanX) * (b - meanY)
    yy += (b - meanY) * (b - meanY)
  }
  return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
}

/// Pearson's correlation of the ranks, which no single large value decides (Spearman).
package func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for k in start..<end { ranks[order[k]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
  return correlation(ranks(x), ranks(y))
}

/// A number with some significant digits, for sentences.
func text(_ number: Double, digits: Int = 3) -> String {
  guard number != 0, number.isFinite else { return "\(number)" }
  let exponent = Int(log10(abs(number)).rounded(.down))
  return String(format: "%.\(max(0, digits - 1 - exponent))f", number)
}
