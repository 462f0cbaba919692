import ImageFitting
import Imaging
import Testing

struct PixelSelectionTests {
  private let picture = Image(width: 12, height: 9, channels: 1, filledWith: 0.5)

  @Test func withoutAMaskAllPixelsAreTrained() {
    let selection = PixelSelection(of: picture, mask: nil)
    #expect(selection.trained == (0..<108).map { Int32($0) })
    #expect(selection.hidden.isEmpty)
  }

  @Test func aMaskShowsItsWhitePixels() {
    var samples = [Float](repeating: 0, count: 108)
    samples[5] = 1
    samples[7] = 0.5
    samples[9] = 0.49
    let mask = Image(width: 12, height: 9, channels: 1, samples: samples)
    let selection = PixelSelection(of: picture, mask: mask)
    #expect(selection.trained == [5, 7])
    #expect(selection.hidden.count == 106)
  }

  @Test(arguments: [(0.75, 2), (8.0 / 9, 3), (15.0 / 16, 4)])
  func aLatticeShareKeepsEveryKthRowAndColumn(share: Double, step: Int) {
    let selection = PixelSelection(of: picture, mask: nil)
      .withholding(share, width: 12, seed: 1)
    let expected = (0..<108).filter { ($0 / 12) % step == 0 && ($0 % 12) % step == 0 }
    #expect(selection.trained == expected.map { Int32($0) })
    #expect(selection.trained.count + selection.hidden.count == 108)
  }

  @Test func anyOtherShareIsDrawnAtRandomBySeed() {
    let all = PixelSelection(of: picture, mask: nil)
    let one = all.withholding(0.3, width: 12, seed: 1)
    #expect(one.trained.count == 76)  // 108 · 0.7 = 75.6
    #expect(Set(one.trained).isDisjoint(with: one.hidden))
    #expect(one == all.withholding(0.3, width: 12, seed: 1))
    #expect(one != all.withholding(0.3, width: 12, seed: 2))
  }
}
