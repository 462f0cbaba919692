import Compute
import Imaging

/// Noise of a photon-counting camera.
///
/// A value `x` becomes `(Poisson(x · photons) + N(0, readout²)) / photons`.
///
/// - Units: both in photons; `photons` is the mean count of a white pixel.
/// - Source: the denoising experiment of Saragadam et al., WIRE, arXiv:2301.05187, section 4.
public struct PictureNoise: Sendable, Equatable, Codable {
  public var photons: Double
  public var readout: Double

  public init(photons: Double, readout: Double = 0) {
    precondition(photons > 0 && readout >= 0)
    self.photons = photons
    self.readout = readout
  }

  /// The picture as that camera would see it; alpha channels stay as they are.
  public func applied(to picture: Image, seed: UInt64) -> Image {
    var random = SplitMix64(seed: seed, stream: 4)
    var samples = picture.samples
    for i in samples.indices where i % picture.channels < picture.colorChannels {
      let count = Double(random.nextPoisson(mean: max(0, Double(samples[i])) * photons))
      samples[i] = Float((count + readout * random.nextNormal()) / photons)
    }
    return Image(
      width: picture.width, height: picture.height, channels: picture.channels, samples: samples,
      bitDepth: picture.bitDepth)
  }
}
