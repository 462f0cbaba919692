/// The mean of a measure over sampled points, and how far it may be from that over all points.
public struct SampleMean: Sendable, Equatable, Codable {
  /// Points of the sample.
  public let count: Int
  public let mean: Double
  /// The deviation of the sample's values by `√count`; nil for a single point.
  public let standardError: Double?

  /// - Precondition: there is a value.
  public init(of values: [Double]) {
    precondition(!values.isEmpty, "no values have no mean")
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    count = values.count
    self.mean = mean
    standardError =
      count > 1 ? (squares / Double(values.count - 1) / Double(values.count)).squareRoot() : nil
  }
}
