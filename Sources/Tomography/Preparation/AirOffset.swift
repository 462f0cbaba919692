import Compute

/// Takes away what a sinogram shows where only air is.
///
/// - Shapes: `[views, bins]`, in and out.
public enum AirOffset: Sendable, Equatable {
  /// One number for all views: the median of the outer bins, robust against stripes.
  case constant(bins: Int)
  /// For each view a line through the medians of both ends.
  case line(bins: Int)

  /// The sinogram without its air.
  public func removed(from sinogram: Matrix) throws(PreparationError) -> Matrix {
    let airBins = bins
    precondition(airBins > 0, "\(airBins) air bins")
    guard 2 * airBins < sinogram.columns else {
      throw .tooManyAirBins(asked: airBins, bins: sinogram.columns)
    }
    var result = sinogram
    switch self {
    case .constant:
      let offset = Float(Self.level(of: sinogram, bins: airBins))
      for i in result.elements.indices { result.elements[i] -= offset }
    case .line:
      let distance = Double(sinogram.columns - airBins)
      for view in 0..<sinogram.rows {
        let left = (0..<airBins).map { Double(sinogram[view, $0]) }.median
        let right = (0..<airBins).map { Double(sinogram[view, sinogram.columns - 1 - $0]) }.median
        for bin in 0..<sinogram.columns {
          let share = (Double(bin) - Double(airBins - 1) / 2) / distance
          result[view, bin] -= Float(left + min(max(share, 0), 1) * (right - left))
        }
      }
    }
    return result
  }

  private var bins: Int {
    switch self {
    case .constant(let bins), .line(let bins): bins
    }
  }

  /// The median of the outer `bins` at both ends of all views.
  static func level(of sinogram: Matrix, bins: Int) -> Double {
    var values: [Double] = []
    for view in 0..<sinogram.rows {
      for bin in 0..<min(bins, sinogram.columns) {
        values.append(Double(sinogram[view, bin]))
        values.append(Double(sinogram[view, sinogram.columns - 1 - bin]))
      }
    }
    return values.median
  }
}
