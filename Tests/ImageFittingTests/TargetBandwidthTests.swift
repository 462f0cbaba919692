import Compute
import Foundation
import ImageFitting
import Imaging
import Testing

struct TargetBandwidthTests {
  private func picture(_ side: Int, height: Int? = nil, _ value: (Double, Double) -> Double)
    -> Image
  {
    let height = height ?? side
    let samples = (0..<side * height).map { i in
      Float(value(Double(i % side), Double(i / side)))
    }
    return Image(
      width: side, height: height, channels: 1, samples: samples, bitDepth: .sixteen)
  }

  private func wave(_ side: Int, cycles: (x: Double, y: Double)) -> Image {
    picture(side) { x, y in
      0.5 + 0.4 * cos(2 * .pi * (cycles.x * x + cycles.y * y) / Double(side) + 0.3)
    }
  }

  private func noise(_ side: Int) -> Image {
    var random = SplitMix64(seed: 5)
    return picture(side) { _, _ in random.nextNormal() }
  }

  private func radius(of image: Image, holdOut share: Double = 0) throws -> Double {
    let selection = PixelSelection(of: image, mask: nil)
      .withholding(share, width: image.width, seed: 1)
    return try #require(TargetBandwidth(of: image, seen: selection.trained)).radius
  }

  /// The pairs do not hold whole periods of a difference, which costs a few periods most.
  @Test(arguments: [10.0, 20, 32, 50, 60])
  func aWaveOfKPeriodsHasTheRadiusOfItsFrequency(cycles: Double) throws {
    let expected = cycles / 64
    #expect(abs(try radius(of: wave(128, cycles: (cycles, 0))) - expected) < 0.01)
    #expect(abs(try radius(of: wave(128, cycles: (0, cycles))) - expected) < 0.01)
    #expect(abs(try radius(of: wave(128, cycles: (cycles, cycles))) - expected) < 0.01)
  }

  @Test func twiceAsManySamplesHalveTheRadius() throws {
    let (coarse, fine) = (
      try radius(of: wave(64, cycles: (12, 7))), try radius(of: wave(128, cycles: (12, 7)))
    )
    #expect(abs(coarse - 2 * fine) < 0.02)
  }

  /// Differences of independent values have one mean square at any distance: cos πρ = −½. The error
  /// of a mean over 2 · 128² squares of normal numbers is about √(2 / 32,768) = 0.8 %.
  @Test func whiteNoiseHasTwoThirds() throws {
    #expect(abs(try radius(of: noise(128)) - 2.0 / 3) < 0.02)
    #expect(abs(try radius(of: noise(128), holdOut: 0.3) - 2.0 / 3) < 0.04)
  }

  /// Of a step, as many pairs lie across it as they are far apart: D grows with d, and cos πρ = 0.
  @Test func anEdgeHasAHalfAndARampNothing() throws {
    let edge = picture(64) { x, _ in x < 32 ? 0 : 1 }
    #expect(abs(try radius(of: edge) - 0.5) < 0.01)
    #expect(try radius(of: picture(64) { x, y in 0.01 * x + 0.002 * y }) < 0.03)
  }

  /// Half of this picture's neighbours differ by a step of 1/255 or not at all.
  @Test func roundingToEightBitsIsNotTakenForDetail() throws {
    var rounded = picture(256) { x, y in ((60 * sin(x / 100) * cos(y / 90) + 70).rounded()) / 255 }
    #expect(try radius(of: rounded) > 0.3)
    rounded.bitDepth = .eight
    #expect(try radius(of: rounded) < 0.1)
  }

  /// Neighbours differ by less than a step of 1/255, so that samples are the same or one step apart.
  @Test(arguments: [0.1, 0.3, 0.5, 0.7, 0.9])
  func aRampOfLessThanAStepAPixelIsSmooth(slope: Double) throws {
    var ramp = picture(256) { x, y in (slope * x + 0.3 * slope * y).rounded() / 255 }
    ramp.bitDepth = .eight
    #expect(try radius(of: ramp) < 0.1)
  }

  @Test func aLatticeOfPixelsIsACoarserPicture() throws {
    let fine = noise(64)
    let coarse = picture(32) { x, y in Double(fine[Int(2 * y), Int(2 * x), 0]) }
    #expect(try radius(of: fine, holdOut: 0.75) == radius(of: coarse))
    let selection = PixelSelection(of: fine, mask: nil).withholding(0.75, width: 64, seed: 0)
    #expect(TargetBandwidth(of: fine, seen: selection.trained)?.spacing == 2)
  }

  @Test func contrastDoesNotCountAndAlphaNeither() throws {
    let gray = noise(32)
    let faint = Image(
      width: 32, height: 32, channels: 2, samples: gray.samples.flatMap { [0.25 * $0, 0.7] },
      bitDepth: .sixteen)
    #expect(abs(try radius(of: gray) - radius(of: faint)) < 1e-6)
  }

  @Test func whatHasNoDifferencesHasNoRadius() {
    let flat = Image(width: 8, height: 8, channels: 1, filledWith: 0.5)
    let all = PixelSelection(of: flat, mask: nil).trained
    #expect(TargetBandwidth(of: flat, seen: all) == nil)
    #expect(TargetBandwidth(of: noise(8), seen: []) == nil)
    #expect(TargetBandwidth(of: noise(8), seen: [3]) == nil)
  }
}
