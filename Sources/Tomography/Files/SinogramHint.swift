import Compute
import Foundation

/// What a sinogram's values suggest that its owner may have overlooked.
public enum SinogramHint: Sendable, Equatable, CustomStringConvertible {
  /// Views whose outermost bins are far from zero.
  case truncated(views: Int, of: Int)
  /// Values fall from about 1 outside to less inside.
  case transmissions(outside: Float, inside: Float)
  /// Large values that are the largest outside.
  case counts(outside: Float, inside: Float)

  public var description: String {
    switch self {
    case .truncated(let views, let count):
      "\(views) of \(count) views do not fall to zero at the ends of the detector: the object is wider "
        + "than the detector, or the air is not at zero; expect a bright rim, and wrong values near it"
    case .transmissions(let outside, let inside):
      "the values fall from \(short(outside)) outside to \(short(inside)) inside, as transmissions do; "
        + "expected line integrals: take -log, as inr ct prepare does"
    case .counts(let outside, let inside):
      "the values fall from \(short(outside)) outside to \(short(inside)) inside, as counts do; "
        + "expected line integrals: prepare them with inr ct prepare"
    }
  }

  private func short(_ value: Float) -> String { String(format: "%.5g", value) }

  /// The hints for one sinogram `[views, bins]`.
  public static func hints(for sinogram: Matrix) -> [SinogramHint] {
    // Too few bins to tell the outside from the inside.
    guard sinogram.rows > 0, sinogram.columns >= 8 else { return [] }
    if let hint = notIntegrals(sinogram) { return [hint] }
    return truncation(sinogram).map { [$0] } ?? []
  }

  /// Line integrals are the largest in the middle; transmissions and counts are the smallest there.
  private static func notIntegrals(_ sinogram: Matrix) -> SinogramHint? {
    guard let least = sinogram.elements.min(), least >= 0 else { return nil }
    let margin = max(1, sinogram.columns / 20)
    let bins = sinogram.columns
    let outside =
      mean(sinogram, 0..<margin) / 2 + mean(sinogram, bins - margin..<bins) / 2
    let inside = mean(sinogram, bins / 4..<bins - bins / 4)
    guard outside / 1.1 > inside else { return nil }
    return 0.5...2 ~= outside
      ? .transmissions(outside: outside, inside: inside)
      : outside > 20 ? .counts(outside: outside, inside: inside) : nil
  }

  private static func truncation(_ sinogram: Matrix) -> SinogramHint? {
    let bins = sinogram.columns
    let margin = max(1, bins / 100)
    guard let largest = sinogram.elements.max(), largest > 0 else { return nil }
    let views = (0..<sinogram.rows).filter { view in
      let ends = [0..<margin, bins - margin..<bins].map { range in
        range.reduce(0) { $0 + sinogram[view, $1] } / Float(margin)
      }
      return ends.contains { $0 > 0.05 * largest }
    }
    // A spark in a view or two is no truncation.
    return views.count * 20 > sinogram.rows
      ? .truncated(views: views.count, of: sinogram.rows) : nil
  }

  private static func mean(_ sinogram: Matrix, _ bins: Range<Int>) -> Float {
    var sum = 0.0
    for view in 0..<sinogram.rows {
      for bin in bins { sum += Double(sinogram[view, bin]) }
    }
    return Float(sum / Double(sinogram.rows * bins.count))
  }
}
