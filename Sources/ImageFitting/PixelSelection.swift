import Compute
import Imaging

/// Which pixels of a picture a fit sees, and which it is asked about afterwards.
///
/// - Pixel numbers run row by row from the top left.
public struct PixelSelection: Sendable, Equatable {
  public let trained: [Int32]
  /// Pixels with known values that the fit does not see.
  public let hidden: [Int32]

  /// All pixels, or those where `mask` is at least one half.
  public init(of picture: Image, mask: Image?) {
    guard let mask else {
      trained = (0..<Int32(picture.pixelCount)).map { $0 }
      hidden = []
      return
    }
    precondition(mask.width == picture.width && mask.height == picture.height)
    var (shown, others): ([Int32], [Int32]) = ([], [])
    for pixel in 0..<picture.pixelCount {
      let isShown = mask.samples[pixel * mask.channels] >= 0.5
      if isShown { shown.append(Int32(pixel)) } else { others.append(Int32(pixel)) }
    }
    (trained, hidden) = (shown, others)
  }

  private init(trained: [Int32], hidden: [Int32]) {
    self.trained = trained
    self.hidden = hidden
  }

  /// Withholds a share of the trained pixels.
  ///
  /// A share of 1 − 1/k² (3/4, 8/9, …) keeps every kth row and column, so that what is withheld lies
  /// between the samples of a coarser picture; any other share is drawn at random.
  public func withholding(_ share: Double, width: Int, seed: UInt64) -> PixelSelection {
    guard share > 0 else { return self }
    if let step = Self.latticeStep(share) {
      let isKept = { (pixel: Int32) in
        (Int(pixel) / width) % step == 0 && (Int(pixel) % width) % step == 0
      }
      return PixelSelection(
        trained: trained.filter(isKept), hidden: hidden + trained.filter { !isKept($0) })
    }
    var order = trained
    var random = SplitMix64(seed: seed, stream: 3)
    random.shuffle(&order)
    let kept = max(1, Int((Double(order.count) * (1 - share)).rounded()))
    return PixelSelection(
      trained: order[..<kept].sorted(), hidden: hidden + order[kept...].sorted())
  }

  /// The k of a share 1 − 1/k², if it is one.
  static func latticeStep(_ share: Double) -> Int? {
    let step = (1 / (1 - share)).squareRoot()
    let nearest = step.rounded()
    return nearest >= 2 && abs(step - nearest) < 1e-3 ? Int(nearest) : nil
  }
}
