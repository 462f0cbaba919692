import Compute
import Foundation

/// From counts to line integrals: `p = −ln((raw − dark) / (flat − dark))`.
///
/// - Shapes: raw counts are `[views, bins]`; flat and dark fields `[frames, bins]`.
/// - Units: counts of any unit; the result has none (attenuation).
public struct FlatFieldCorrection: Sendable, Equatable {
  /// What stands for all frames of a field.
  public enum FrameSummary: String, Sendable, Equatable, Codable, CaseIterable {
    case mean, median
  }

  /// Line integrals, and what had to be done to get them.
  public struct Result: Sendable, Equatable {
    public var sinogram: Matrix
    /// Values whose transmission was below the floor.
    public var clampedCount: Int
    /// Values of raw counts at or below the dark field.
    public var darkCount: Int
  }

  /// Flat minus dark, bin by bin.
  public let light: [Double]
  public let dark: [Double]
  /// The least transmission that is believed.
  public var floor: Double
  /// Bins at either end that see air in all views: their mean transmission becomes 1, view by view,
  /// by a line from one end to the other. 0: views are taken as they are.
  public var airBins: Int

  public init(
    flats: Matrix, darks: Matrix, summary: FrameSummary = .mean, floor: Double = 1e-4,
    airBins: Int = 0
  ) throws(PreparationError) {
    precondition(floor > 0 && floor < 1, "a transmission floor of \(floor)")
    precondition(airBins >= 0, "\(airBins) air bins")
    guard darks.columns == flats.columns else {
      throw .wrongBinCount(of: "dark", found: darks.columns, expected: flats.columns)
    }
    let flat = try Self.summarized(flats, summary, name: "flat")
    let dark = try Self.summarized(darks, summary, name: "dark")
    for bin in flat.indices where flat[bin] <= dark[bin] {
      throw .noLight(bin: bin, flat: Float(flat[bin]), dark: Float(dark[bin]))
    }
    light = zip(flat, dark).map { $0 - $1 }
    self.dark = dark
    self.floor = floor
    self.airBins = airBins
  }

  /// The line integrals of raw counts.
  public func apply(to raw: Matrix) throws(PreparationError) -> Result {
    guard raw.columns == light.count else {
      throw .wrongBinCount(of: "flat", found: light.count, expected: raw.columns)
    }
    guard airBins == 0 || 2 * airBins < raw.columns else {
      throw .tooManyAirBins(asked: airBins, bins: raw.columns)
    }
    var result = Result(sinogram: raw, clampedCount: 0, darkCount: 0)
    for view in 0..<raw.rows {
      var transmissions = try transmissions(raw, view: view)
      result.darkCount += transmissions.count { $0 <= 0 }
      if airBins > 0 { try normalizeAir(&transmissions, view: view) }
      for (bin, transmission) in transmissions.enumerated() {
        if transmission < floor { result.clampedCount += 1 }
        result.sinogram[view, bin] = Float(-log(max(transmission, floor)))
      }
    }
    return result
  }

  private func transmissions(_ raw: Matrix, view: Int) throws(PreparationError) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(raw.columns)
    for bin in 0..<raw.columns {
      let count = raw[view, bin]
      guard count.isFinite else { throw .notFinite(in: "views", row: view, bin: bin) }
      let transmission = (Double(count) - dark[bin]) / light[bin]
      // Noise reaches a little below the dark field; a tenth of the light below it is no noise.
      guard transmission > -0.1 else {
        throw .negativeCounts(view: view, bin: bin, raw: count, dark: Float(dark[bin]))
      }
      values.append(transmission)
    }
    return values
  }

  /// Divides by the line through the mean transmissions of both ends.
  private func normalizeAir(
    _ values: inout [Double], view: Int
  ) throws(PreparationError) {
    let count = Double(airBins)
    let left = values.prefix(airBins).reduce(0, +) / count
    let right = values.suffix(airBins).reduce(0, +) / count
    guard left > floor, right > floor else { throw .darkAir(view: view) }
    // The means stand for the middles of the ends.
    let distance = Double(values.count - airBins)
    for bin in values.indices {
      let share = (Double(bin) - (count - 1) / 2) / distance
      // Beyond the middles of the ends the line stays level.
      values[bin] /= left + min(max(share, 0), 1) * (right - left)
    }
  }

  private static func summarized(
    _ frames: Matrix, _ summary: FrameSummary, name: String
  ) throws(PreparationError) -> [Double] {
    guard frames.rows > 0 else { throw .noFrames(of: name) }
    var result: [Double] = []
    for bin in 0..<frames.columns {
      let values = (0..<frames.rows).map { Double(frames[$0, bin]) }
      if let frame = values.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(in: "\(name) fields", row: frame, bin: bin)
      }
      switch summary {
      case .mean: result.append(values.reduce(0, +) / Double(values.count))
      case .median: result.append(values.median)
      }
    }
    return result
  }
}
