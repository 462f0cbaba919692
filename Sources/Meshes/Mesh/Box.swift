/// A box along the axes.
public struct Box: Sendable, Equatable {
  public var lower: SIMD3<Double>
  public var upper: SIMD3<Double>

  public init(lower: SIMD3<Double>, upper: SIMD3<Double>) {
    self.lower = lower
    self.upper = upper
  }

  public var center: SIMD3<Double> { lower + (upper - lower) / 2 }
  public var size: SIMD3<Double> { upper - lower }
  public var diagonal: Double { size.length }
}
