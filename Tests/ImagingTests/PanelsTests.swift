import Imaging
import Testing

/// Gray pictures with captions.
struct PanelsTests {
  private func part(_ page: Image, _ index: Int, of count: Int, width: Int, height: Int) -> Image {
    let cell = (page.width - 16) / count
    return page.cropped(
      rows: page.height - 16 - height..<page.height - 16,
      columns: 16 + index * cell..<16 + index * cell + width)
  }

  @Test func picturesStandSideBySideInTheirOrder() {
    let pictures = (0..<3).map {
      Image.noise(width: 210, height: 50, channels: 1, seed: UInt32($0) + 1)
    }
    let page = Image.panels(pictures.map { ("noise", $0) })
    #expect(page.channels == 3 && page.width == 3 * 210 + 4 * 16)
    for (index, picture) in pictures.enumerated() {
      let found = part(page, index, of: 3, width: 210, height: 50)
      for row in 0..<50 {
        for column in 0..<210 {
          for channel in 0..<3 {
            #expect(found[row, column, channel] == picture[row, column, 0])
          }
        }
      }
    }
    // The margins are white, but for the captions.
    let right = page.cropped(rows: 0..<page.height, columns: page.width - 16..<page.width)
    #expect(right.samples.allSatisfy { $0 == 1 })
    #expect(page.cropped(rows: 0..<32, columns: 0..<page.width).samples.contains { $0 < 0.5 })
  }

  @Test func valuesAreClipped() {
    let image = Image(width: 300, height: 4, channels: 1, filledWith: 3)
    let dark = Image(width: 300, height: 4, channels: 1, filledWith: -3)
    let page = Image.panels([("a", image), ("b", dark)])
    #expect(page.samples.allSatisfy { 0...1 ~= $0 })
    #expect(part(page, 1, of: 2, width: 300, height: 4).samples.allSatisfy { $0 == 0 })
  }

  @Test func smallPicturesAreEnlargedByWholeFactors() {
    let image = Image.noise(width: 8, height: 8, channels: 1)
    let caption = "filtered back projection"
    let page = Image.panels([(caption, image), ("fit", image)])
    // 24 letters, each 12 wide.
    #expect(page.width >= 2 * 288 + 48)
    let enlarging = 36
    #expect(page.width == 2 * 8 * enlarging + 3 * 16)
    let found = part(page, 1, of: 2, width: 288, height: 288)
    for row in 0..<288 {
      for column in 0..<288 {
        #expect(found[row, column, 1] == image[row / enlarging, column / enlarging, 0])
      }
    }
  }

  @Test(arguments: [(1, 1), (1, 3000), (3000, 1), (10, 2000), (701, 700)], 1...4)
  func thinAndLargePicturesFit(size: (width: Int, height: Int), count: Int) {
    let image = Image(width: size.width, height: size.height, channels: 1, filledWith: 0.5)
    let page = Image.panels(Array(repeating: ("a caption of some length", image), count: count))
    #expect(page.width <= 2400 && page.height <= 2500)
    #expect(page.samples.contains { $0 < 0.2 })
  }

  @Test func nothingIsAPictureToo() {
    #expect(Image.panels([]).pixelCount == 1)
  }
}
