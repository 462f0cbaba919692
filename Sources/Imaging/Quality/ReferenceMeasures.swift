import Compute
import Foundation

/// How far slices are from the true ones, whatever their unit.
///
/// - PSNR: `10 log₁₀(peak² / mean squared error)` over all values; a peak of the largest reference
///   value unless another is given.
/// - SSIM: the mean over the slices, as ``ssim(_:_:)`` has it with 1 for the data range: the peak if
///   it is given, else largest minus least value of the reference. `nil` where a side is shorter than
///   the window.
/// - RMSE: the root of the mean squared error, in the slices' unit.
public struct ReferenceMeasures: Sendable, Equatable, Codable {
  /// In dB; +∞ for slices that are the same.
  public let psnr: Double
  public let ssim: Double?
  public let rmse: Double
  public let peak: Double
  public let dataRange: Double

  /// - Parameters:
  ///   - slices, references: one or more of the same size; both in the same order.
  ///   - mask: the pixels of each slice that count for PSNR and RMSE, all unless given; SSIM sees 0 in
  ///     the others of both.
  ///   - peak: positive.
  /// - Returns: `nil` where the references give no positive peak, or no range, and none is given.
  public init?(
    of slices: [Matrix], against references: [Matrix], mask: [Bool]? = nil, peak: Double? = nil
  ) {
    precondition(
      slices.count == references.count
        && zip(slices, references).allSatisfy { $0.rows == $1.rows && $0.columns == $1.columns },
      "slices and references differ in number or size")
    let values = references.flatMap { reference in
      reference.elements.indices.lazy.filter { mask?[$0] ?? true }.map { reference.elements[$0] }
    }
    guard let least = values.min(), let largest = values.max() else { return nil }
    self.peak = peak ?? Double(largest)
    dataRange = peak ?? Double(largest - least)
    guard self.peak > 0, dataRange > 0 else { return nil }
    var sum = 0.0
    for (slice, reference) in zip(slices, references) {
      for i in slice.elements.indices where mask?[i] ?? true {
        let difference = Double(slice.elements[i]) - Double(reference.elements[i])
        sum += difference * difference
      }
    }
    rmse = (sum / Double(values.count)).squareRoot()
    psnr = 20 * log10(self.peak / rmse)
    let window = GrayWindow(black: 0, white: dataRange)
    func picture(_ slice: Matrix) -> Image {
      var shown = slice
      if let mask { for i in mask.indices where !mask[i] { shown.elements[i] = 0 } }
      return Image(shown, window: window)
    }
    let similarities = zip(slices, references).map { slice, reference in
      Imaging.ssim(picture(slice), picture(reference))
    }
    ssim =
      similarities.contains(nil)
      ? nil : similarities.compactMap(\.self).reduce(0, +) / Double(similarities.count)
  }
}
