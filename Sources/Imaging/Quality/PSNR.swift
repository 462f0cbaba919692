import Foundation

/// The mean of the squared differences over all pixels and channels, alpha included.
public func meanSquaredError(_ first: Image, _ second: Image) -> Double {
  checkShapes(first, second)
  let (x, y) = (first.samples.span, second.samples.span)
  var sum = 0.0
  for i in x.indices {
    let difference = Double(x[i]) - Double(y[i])
    sum += difference * difference
  }
  return sum / Double(x.count)
}

/// The peak signal-to-noise ratio of two pictures.
///
/// - Units: dB; the peak is 1. Pictures that are the same have `+infinity`.
public func psnr(_ first: Image, _ second: Image) -> Double {
  -10 * log10(meanSquaredError(first, second))
}

func checkShapes(_ first: Image, _ second: Image) {
  precondition(
    first.hasShape(of: second),
    "\(first.width) x \(first.height) pixels of \(first.channels) channels cannot be compared with "
      + "\(second.width) x \(second.height) pixels of \(second.channels) channels")
}
