import ImageFitting
import Imaging
import Testing

struct PictureNoiseTests {
  /// Over n pixels of value x the mean is x within a few standard errors, and the variance
  /// x/photons + (readout/photons)².
  @Test(arguments: [(30.0, 2.0, 0.5), (5.0, 0.0, 0.2), (1000.0, 10.0, 0.9)])
  func noiseHasTheMomentsOfTheCamera(photons: Double, readout: Double, value: Double) {
    let picture = Image(width: 200, height: 200, channels: 1, filledWith: Float(value))
    let noisy = PictureNoise(photons: photons, readout: readout).applied(to: picture, seed: 3)
    let samples = noisy.samples.map(Double.init)
    let mean = samples.reduce(0, +) / 40_000
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39_999
    let expected = value / photons + (readout / photons) * (readout / photons)
    #expect(abs(mean - value) < 5 * (expected / 40_000).squareRoot())
    // The relative standard error of a variance from n samples is about √(2/n) = 0.7 %; Poisson
    // counts of mean 1 have a kurtosis of 4, which makes it 0.9 %.
    #expect(abs(variance / expected - 1) < 0.05)
  }

  @Test func alphaStaysAsItIs() {
    let picture = Image(width: 5, height: 4, channels: 4, filledWith: 0.5)
    let noisy = PictureNoise(photons: 10, readout: 1).applied(to: picture, seed: 1)
    for pixel in 0..<20 {
      #expect(noisy.samples[4 * pixel + 3] == 0.5)
      #expect(noisy.samples[4 * pixel] != 0.5)
    }
  }

  @Test func theSameSeedGivesTheSameNoise() {
    let picture = Image(width: 9, height: 7, channels: 3, filledWith: 0.4)
    let noise = PictureNoise(photons: 30, readout: 2)
    #expect(noise.applied(to: picture, seed: 8) == noise.applied(to: picture, seed: 8))
    #expect(noise.applied(to: picture, seed: 8) != noise.applied(to: picture, seed: 9))
  }
}
