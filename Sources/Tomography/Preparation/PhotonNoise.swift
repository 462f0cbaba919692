import Compute
import Foundation

/// The noise of a detector that counts photons.
///
/// A line integral `p` is seen as `I = Poisson(N₀ exp(−a p)) + N(0, σₑ²)` counts, and becomes
/// `p̂ = −ln(max(I, floor) / N₀) / a`.
///
/// - Units: `photons` (N₀), `electronicNoise` (σₑ) and `floor` in photons; `attenuation` (a) in
///   1 / unit of the line integrals: 1 where these are attenuations already.
/// - Random numbers: stream 5 of the seed, ray by ray.
public struct PhotonNoise: Sendable, Equatable, Codable {
  /// How line integrals become attenuations.
  public enum Attenuation: Sendable, Equatable, Codable {
    /// Times a factor.
    case factor(Double)
    /// Scaled so that the largest line integral is attenuated by `exp(−peak)`.
    case peak(Double)
  }

  /// What the detector saw of a sinogram.
  public struct Measurement: Sendable, Equatable {
    /// p̂, in the unit of the line integrals that came in: `[views, bins]`.
    public var sinogram: Matrix
    /// The counts I, with their electronic noise.
    public var counts: Matrix
    /// How much each ray is worth: 1 / variance of p̂, scaled to a mean of 1.
    public var weights: Matrix
    /// Rays of fewer counts than the floor.
    public var clampedCount: Int
    /// The factor `a` that was used.
    public var attenuationFactor: Double
  }

  static let stream: UInt64 = 5

  public var photons: Double
  public var electronicNoise: Double
  /// Counts below that are taken for it before the logarithm.
  public var floor: Double
  public var attenuation: Attenuation

  public init(
    photons: Double, electronicNoise: Double = 0, floor: Double = 0.5,
    attenuation: Attenuation = .factor(1)
  ) {
    precondition(photons > 0 && photons.isFinite, "\(photons) photons a ray")
    precondition(electronicNoise >= 0 && electronicNoise.isFinite, "noise of \(electronicNoise)")
    precondition(floor > 0 && floor <= photons, "a floor of \(floor) of \(photons) photons")
    self.photons = photons
    self.electronicNoise = electronicNoise
    self.floor = floor
    self.attenuation = attenuation
  }

  /// Where a line integral is so negative that more photons than can be counted would arrive; nil if
  /// none is.
  public func overflow(in sinogram: Matrix) -> (view: Int, bin: Int)? {
    let factor = attenuationFactor(for: sinogram)
    let largest = Self.mostPhotons / photons
    return sinogram.elements.firstIndex { !(exp(-factor * Double($0)) <= largest) }
      .map { ($0 / sinogram.columns, $0 % sinogram.columns) }
  }

  /// Counts stay whole numbers up to here.
  static let mostPhotons = 4e15

  /// What the detector sees of a noiseless sinogram.
  ///
  /// - Precondition: ``overflow(in:)`` finds nothing.
  public func applied(to sinogram: Matrix, seed: UInt64) -> Measurement {
    let factor = attenuationFactor(for: sinogram)
    var random = SplitMix64(seed: seed, stream: Self.stream)
    var measured = sinogram
    var counts = sinogram
    var weights = [Double](repeating: 0, count: sinogram.elements.count)
    var clampedCount = 0
    for i in sinogram.elements.indices {
      let mean = photons * exp(-factor * Double(sinogram.elements[i]))
      var count = Double(random.nextPoisson(mean: mean))
      if electronicNoise > 0 { count += electronicNoise * random.nextNormal() }
      if count < floor { clampedCount += 1 }
      let kept = max(count, floor)
      counts.elements[i] = Float(count)
      measured.elements[i] = Float(-log(kept / photons) / factor)
      weights[i] = 1 / variance(ofLogarithmAt: kept)
    }
    return Measurement(
      sinogram: measured, counts: counts,
      weights: StatisticalWeights.normalized(weights, rows: sinogram.rows),
      clampedCount: clampedCount, attenuationFactor: factor)
  }

  /// The variance of p̂ · a at `count` counts, to first order: `(I + σₑ²) / I²`.
  public func variance(ofLogarithmAt count: Double) -> Double {
    (count + electronicNoise * electronicNoise) / (count * count)
  }

  private func attenuationFactor(for sinogram: Matrix) -> Double {
    switch attenuation {
    case .factor(let factor):
      precondition(factor > 0 && factor.isFinite, "an attenuation factor of \(factor)")
      return factor
    case .peak(let peak):
      precondition(peak > 0 && peak.isFinite, "a largest attenuation of \(peak)")
      let largest = Double(sinogram.elements.max() ?? 0)
      return largest > 0 ? peak / largest : 1
    }
  }
}

/// How much each ray of a sinogram is worth in a fit.
public enum StatisticalWeights {
  /// For measured attenuations alone: counts are proportional to `exp(−p)`, and so are the inverse
  /// variances.
  ///
  /// - Returns: `[views, bins]`, of mean 1.
  public static func fromAttenuation(_ sinogram: Matrix, factor: Double = 1) -> Matrix {
    normalized(sinogram.elements.map { exp(-factor * Double($0)) }, rows: sinogram.rows)
  }

  /// Scaled to a mean of 1.
  static func normalized(_ weights: [Double], rows: Int) -> Matrix {
    let columns = rows == 0 ? 0 : weights.count / rows
    let mean = weights.reduce(0, +) / Double(max(weights.count, 1))
    return Matrix(
      rows: rows, columns: columns, elements: weights.map { Float(mean > 0 ? $0 / mean : 1) })
  }
}
