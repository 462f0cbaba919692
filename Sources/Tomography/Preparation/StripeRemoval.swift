import Compute
import Foundation

/// Takes stripes out of a sinogram: bins that see too much or too little in all views, which become
/// rings in the slice.
///
/// Each bin's values are sorted along the views; in that order neighbouring bins of a slice differ
/// little, and stripes stand out, so that a median over the bins takes them out; then the values go
/// back to the views they came from.
///
/// - Shapes: `[views, bins]`, in and out.
/// - Source: Vo, Atwood, Drakopoulos, Superior techniques for eliminating ring artifacts in X-ray
///   micro-tomography, Optics Express 26 (2018), algorithm 3.
public struct StripeRemoval: Sendable, Equatable, Codable {
  /// Bins that the median sees, odd: stripes of up to half of it are taken out.
  public var window: Int

  public init(window: Int = 21) {
    precondition(window > 0 && window % 2 == 1, "a window of \(window) bins has no middle")
    self.window = window
  }

  public func apply(to sinogram: Matrix, workers: Workers = Workers()) -> Matrix {
    let (views, bins) = (sinogram.rows, sinogram.columns)
    guard views > 0, bins > 1 else { return sinogram }
    // 1. Sort each bin's values; ties stay in the order of the views.
    let orders = workers.map(bins) { _, bin in
      (0..<views).sorted { (sinogram[$0, bin], $0) < (sinogram[$1, bin], $1) }
    }
    // 2. Smooth each rank along the bins.
    let ranks = workers.map(views) { _, rank in
      MedianFilter.filtered((0..<bins).map { sinogram[orders[$0][rank], $0] }, window: window)
    }
    // 3. Put the values back.
    var result = sinogram
    for bin in 0..<bins {
      for rank in 0..<views { result[orders[bin][rank], bin] = ranks[rank][bin] }
    }
    return keepingTheMean(result, of: sinogram)
  }

  /// Medians may shift the whole a little; the slice's mean shall stay.
  private func keepingTheMean(_ result: Matrix, of sinogram: Matrix) -> Matrix {
    let sums = (
      sinogram.elements.reduce(0.0) { $0 + Double($1) },
      result.elements.reduce(0.0) { $0 + Double($1) }
    )
    let shift = Float((sums.0 - sums.1) / Double(result.elements.count))
    return Matrix(
      rows: result.rows, columns: result.columns, elements: result.elements.map { $0 + shift })
  }
}
