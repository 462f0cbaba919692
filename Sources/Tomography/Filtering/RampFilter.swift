import Compute
import Foundation

/// The ramp filter of filtered back projection, with a window, as a multiplication in Fourier space.
///
/// The response is that of the ramp's spatial samples (¼ in the middle, −1/(πk)² at odd k, 0 at even
/// k; in units of 1/binWidth²), not |f| itself: its small positive value at frequency zero keeps the
/// mean of the slice.
///
/// - Units: the response is in cycles per length, ≈ |f|; so a filtered view is line integral / length.
/// - Source: Kak and Slaney, Principles of Computerized Tomographic Imaging (1988), section 3.3.
public struct RampFilter: Sendable, Equatable {
  public enum Window: String, Sendable, Equatable, Codable, CaseIterable {
    /// The ramp alone.
    case ramLak = "ram-lak"
    case sheppLogan = "shepp-logan"
    case cosine, hamming, hann
    /// No ramp either: plain back projection.
    case none
  }

  public let window: Window
  public let binCount: Int
  /// Samples of a view with the zeros behind it.
  public let paddedLength: Int
  /// At the frequencies 0 … paddedLength / 2, in cycles per length.
  public let response: [Float]

  /// - Parameters:
  ///   - frequencyScale: the share of the detector's frequencies that pass; the window ends there.
  ///   - convention: the form of the windows, and how far views are padded.
  public init(
    _ window: Window = .ramLak, binCount: Int, binWidth: Double = 1, frequencyScale: Double = 1,
    convention: Convention = .scikitImage
  ) {
    precondition(binCount > 0 && binWidth > 0, "\(binCount) bins of width \(binWidth)")
    precondition(
      frequencyScale > 0 && frequencyScale <= 1, "a frequency scale of \(frequencyScale)")
    self.window = window
    self.binCount = binCount
    let length = Self.paddedLength(binCount, convention)
    paddedLength = length
    let ramp = Self.ramp(length: length)
    response = ramp.indices.map { k in
      // Cycles per bin, stretched so that the window ends at `frequencyScale`.
      let frequency = Double(k) / Double(length) / frequencyScale
      guard frequency <= 0.5 + 1e-12 else { return 0 }
      let factor = window.value(
        at: frequency, length: Int((Double(length) * frequencyScale).rounded()), convention)
      return Float((window == .none ? 1 : ramp[k]) * factor / binWidth)
    }
  }

  /// At least twice the bins, so that the ends of a view do not meet.
  private static func paddedLength(_ binCount: Int, _ convention: Convention) -> Int {
    let least: Int
    switch convention {
    // scikit-image first pads to the diagonal of the slice.
    case .scikitImage: least = max(64, 2 * Int((2.0.squareRoot() * Double(binCount)).rounded(.up)))
    case .astra: least = 2 * binCount
    }
    var length = 1
    while length < least { length *= 2 }
    return length
  }

  /// The transform of the ramp's samples, at frequencies 0 … length / 2, in cycles per bin.
  private static func ramp(length: Int) -> [Double] {
    // Cosine sums in double precision, in closed form but for the samples beyond the ends; the
    // transform of the lags of both signs is real.
    let odd = stride(from: 1, through: length / 2, by: 2).map { lag in
      (lag, -1 / (Double.pi * Double.pi * Double(lag * lag)))
    }
    let cosines = (0..<length).map { cos(2 * .pi * Double($0) / Double(length)) }
    return (0...length / 2).map { k in
      odd.reduce(0.25) { sum, sample in
        // The lag of half the length stands for both signs at once.
        let count: Double = 2 * sample.0 == length ? 1 : 2
        return sum + count * sample.1 * cosines[k * sample.0 % length]
      }
    }
  }

  // MARK: Applying

  /// All views filtered.
  ///
  /// - Shapes: `[views, bins]`, in and out.
  public func apply(to sinogram: Matrix, workers: Workers = Workers()) -> Matrix {
    precondition(
      sinogram.columns == binCount, "a filter for \(binCount) bins was given \(sinogram.columns)")
    let transform = RealFourierTransform.ofLength(paddedLength)
    let views = sinogram.rows
    let blocks = stride(from: 0, to: views, by: 8).map { $0..<min($0 + 8, views) }
    let filtered = workers.map(blocks.count) { _, block in
      var samples = AlignedBuffer(count: transform.length)
      var spectrum = AlignedBuffer(count: 2 * transform.frequencyCount)
      var result: [Float] = []
      for view in blocks[block] {
        let first = view * binCount
        samples.fill(with: 0)
        samples.copy(Array(sinogram.elements[first..<first + binCount]))
        transform.forward(&samples, into: &spectrum)
        weigh(&spectrum)
        transform.inverse(&spectrum, into: &samples)
        result += samples.elements(0..<binCount)
      }
      return result
    }
    return Matrix(rows: views, columns: binCount, elements: Array(filtered.joined()))
  }

  private func weigh(_ spectrum: inout AlignedBuffer) {
    var pairs = spectrum.mutableFloats
    let response = response.span
    let scale = 1 / Float(paddedLength)
    for k in response.indices {
      pairs[2 * k] *= response[k] * scale
      pairs[2 * k + 1] *= response[k] * scale
    }
  }
}

extension RampFilter.Window {
  /// The factor at a frequency in cycles per bin, from 1 at 0 towards the end at ½.
  ///
  /// - Parameter length: of the transform; NumPy's windows of that many samples are not quite
  ///   symmetric about frequency zero, and the real part of scikit-image's result has the mean of both
  ///   sides.
  fileprivate func value(at frequency: Double, length: Int, _ convention: Convention) -> Double {
    switch self {
    case .none, .ramLak: return 1
    case .sheppLogan: return frequency == 0 ? 1 : sin(.pi * frequency) / (.pi * frequency)
    case .cosine: return cos(.pi * frequency)
    case .hamming: return raisedCosine(0.54, frequency, length, convention)
    case .hann: return raisedCosine(0.5, frequency, length, convention)
    }
  }

  private func raisedCosine(
    _ mean: Double, _ frequency: Double, _ length: Int, _ convention: Convention
  ) -> Double {
    switch convention {
    case .astra: return mean + (1 - mean) * cos(2 * .pi * frequency)
    case .scikitImage:
      func sample(_ position: Double) -> Double {
        mean - (1 - mean) * cos(2 * .pi * position / Double(length - 1))
      }
      let half = Double(length / 2)
      let offset = frequency * Double(length)
      let right = offset < half ? sample(half + offset) : sample(offset - half)
      return (right + sample(half - offset)) / 2
    }
  }
}
