import Foundation

extension SplineModel {
  /// The box that a file of another program gives as `bbox_lo` and `bbox_hi` in its metadata: one
  /// number for all axes, or one for each, with commas or blanks between them.
  ///
  /// - Returns: lower and upper ends, axis by axis; nil if there is no box with an inside.
  func declaredBox(inputs: Int) -> [ClosedRange<Double>]? {
    func numbers(_ key: String) -> [Double]? {
      guard let text = metadata[key] else { return nil }
      let separators = CharacterSet(charactersIn: "[](), ")
      let parts = text.components(separatedBy: separators).filter { !$0.isEmpty }
      let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
      guard numbers.count == parts.count else { return nil }
      if numbers.count == 1 { return Array(repeating: numbers[0], count: inputs) }
      return numbers.count == inputs ? numbers : nil
    }
    guard let lower = numbers("bbox_lo"), let upper = numbers("bbox_hi") else { return nil }
    let ranges = zip(lower, upper).compactMap { $0 < $1 ? $0...$1 : nil }
    return ranges.count == inputs ? ranges : nil
  }
}
