import Foundation
import Imaging
import Networks
import Training

/// How good a fit is; PSNR with peak 1 and SSIM of the reconstruction clipped to [0, 1].
public struct ImageFitMetrics: Sendable, Equatable, Codable {
  /// Against the picture (without noise), over all pixels. Of a super-resolution fit: of the
  /// reconstruction's area averages.
  public var psnr: Double
  /// Likewise; absent for pictures smaller than its window.
  public var ssim: Double?
  /// Over the pixels that the fit saw, where some were hidden.
  public var psnrTrained: Double?
  /// Over the pixels that the fit did not see.
  public var psnrHeldOut: Double?
  /// Against the noisy picture that was fitted.
  public var psnrNoisy: Double?
  /// Of the noisy picture against the picture: what there was to begin with.
  public var psnrInput: Double?
  public var seconds: Double
  public var steps: Int
  public var epochs: Double
  public var rowsPerSecond: Double
  public var parameters: Int
  /// `finished`, `target-reached`, `time-limit` or `interrupted`.
  public var stop: String
}

extension ImageFit {
  /// Judges a reconstruction; `rowsPerSecond` is what the run reported last.
  public func metrics(of reconstruction: Image, stop: StopReason, rowsPerSecond: Double)
    -> ImageFitMetrics
  {
    let shown =
      configuration.downsample == 1
      ? reconstruction : reconstruction.areaAveraged(by: configuration.downsample)
    let hasHidden = !selection.hidden.isEmpty
    let isNoisy = configuration.noise != nil
    let batch = min(configuration.training.batch, selection.trained.count)
    return ImageFitMetrics(
      psnr: finite(psnr(shown, picture)), ssim: ssim(shown, picture),
      psnrTrained: hasHidden
        ? finite(decibels(of: shown, against: target, over: selection.trained)) : nil,
      psnrHeldOut: hasHidden
        ? finite(decibels(of: shown, against: picture, over: selection.hidden)) : nil,
      psnrNoisy: isNoisy ? finite(psnr(shown, target)) : nil,
      psnrInput: isNoisy ? finite(psnr(target, picture)) : nil,
      seconds: trainer.seconds, steps: trainer.step,
      epochs: Double(trainer.step * batch) / Double(selection.trained.count),
      rowsPerSecond: rowsPerSecond, parameters: trainer.network.parameterCount,
      stop: stop.rawValue)
  }

  /// JSON has no infinity: a perfect reconstruction has 999 dB.
  private func finite(_ decibels: Double) -> Double { min(decibels, 999) }

  /// PSNR over some pixels of two pictures of one size.
  func decibels(of picture: Image, against reference: Image, over pixels: [Int32]) -> Double {
    let channels = picture.channels
    var sum = 0.0
    for pixel in pixels {
      for c in 0..<channels {
        let i = Int(pixel) * channels + c
        let difference = Double(picture.samples[i]) - Double(reference.samples[i])
        sum += difference * difference
      }
    }
    return peakSignalToNoise(meanSquaredError: sum / Double(pixels.count * channels))
  }
}
