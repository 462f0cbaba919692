import Foundation
import Imaging
import Testing

/// Values by scikit-image; see `Fixtures/make_metrics.py`.
private struct Metrics: Decodable {
  let pair: Int
  let shape: [Int]
  let psnr, ssim: Double
}

@Test func qualityIsThatOfScikitImage() throws {
  let table = try JSONDecoder().decode([Metrics].self, from: Fixture.data("metrics.json"))
  #expect(table.count == 5)
  for metrics in table {
    let a = try Image.read(Fixture.path("pairs/a\(metrics.pair).npy"))
    let b = try Image.read(Fixture.path("pairs/b\(metrics.pair).npy"))
    #expect(a.shape == metrics.shape)
    #expect(abs(psnr(a, b) - metrics.psnr) < 1e-9)
    let similarity = try #require(ssim(a, b))
    // Both compute in Double; only the order of the sums differs.
    #expect(abs(similarity - metrics.ssim) < 1e-9, "pair \(metrics.pair)")
    #expect(ssim(b, a) == similarity)
  }
}

@Test func theSamePictureIsPerfect() {
  let image = Image.noise(width: 20, height: 15, channels: 3)
  #expect(psnr(image, image) == .infinity)
  #expect(meanSquaredError(image, image) == 0)
  #expect(ssim(image, image) == 1)
}

@Test func aShiftByATenthHasTwentyDecibels() {
  let black = Image(width: 4, height: 4, channels: 2, filledWith: 0)
  let gray = Image(width: 4, height: 4, channels: 2, filledWith: 0.1)
  // The tenth itself is a Float, wrong by up to 2⁻²⁸ of its size.
  #expect(abs(psnr(black, gray) - 20) < 1e-6)
}

@Test(arguments: [(10, 30), (30, 10), (1, 1)])
func similarityNeedsAWholeWindow(width: Int, height: Int) {
  let image = Image.noise(width: width, height: height, channels: 1)
  #expect(ssim(image, image) == nil)
}

@Test func similarityOfFlatPicturesIsThatOfTheirMeans() throws {
  let first = Image(width: 12, height: 11, channels: 1, filledWith: 0.25)
  let second = Image(width: 12, height: 11, channels: 1, filledWith: 0.75)
  // Without variance only the factor of the means is left.
  let expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25 * 0.25 + 0.75 * 0.75 + 1e-4)
  let similarity = try #require(ssim(first, second))
  #expect(abs(similarity - expected) < 1e-12)
}
