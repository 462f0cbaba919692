import Imaging
import Testing

/// Whether all pixels of a picture in the given columns are white.
private func isWhite(_ image: Image, columns: Range<Int>) -> Bool {
  image.cropped(rows: 0..<image.height, columns: columns).samples.allSatisfy { $0 == 1 }
}

@Test func aComparisonShowsTargetThenReconstructionThenError() {
  let target = Image.noise(width: 320, height: 40, channels: 3)
  let other = Image.noise(width: 320, height: 40, channels: 3, seed: 9)
  let page = Image.comparison(target: target, reconstruction: other)
  #expect(page.channels == 3)
  #expect(page.width == 3 * 320 + 4 * 16)
  let top = page.height - 16 - 40
  func part(_ cell: Int) -> Image {
    let left = 16 + cell * (320 + 16)
    return page.cropped(rows: top..<top + 40, columns: left..<left + 320)
  }
  #expect(part(0) == target)
  #expect(part(1) == other)
  #expect(part(2) != target && part(2) != other)
  #expect(isWhite(page, columns: 0..<16) && isWhite(page, columns: page.width - 16..<page.width))
}

@Test func theErrorMapIsBlackWhereNothingDiffers() {
  let target = Image(width: 320, height: 2, channels: 1, filledWith: 0.5)
  var other = target
  for column in 160..<320 { other[0, column, 0] = 0.7 }
  let page = Image.comparison(target: target, reconstruction: other)
  let (row, left) = (page.height - 18, 16 + 2 * 336)
  func brightness(_ row: Int, _ column: Int) -> Float {
    (0..<3).reduce(0) { $0 + page[row, left + column, $1] }
  }
  for column in 0..<160 { #expect(brightness(row, column) < 0.05) }
  // An error of 0.2 is the end of the scale: the brightest colour.
  for column in 160..<320 { #expect(brightness(row, column) > 2.7) }
  for column in 0..<320 { #expect(brightness(row + 1, column) < 0.05) }
}

@Test(arguments: [(1, 1), (1, 700), (700, 1), (17, 30)], [1, 2, 3, 4])
func smallAndThinPicturesAreCompared(size: (Int, Int), channels: Int) {
  let image = Image.noise(width: size.0, height: size.1, channels: channels)
  let page = Image.comparison(target: image, reconstruction: image)
  #expect(page.channels == 3)
  #expect(page.width >= 3 * 300)
  #expect(page.samples.allSatisfy { 0...1 ~= $0 })
  #expect(page.samples.contains { $0 < 0.2 })  // the captions at least
}

@Test(arguments: [(3000, 20), (20, 3000), (1201, 1203)])
func largePicturesAreShrunk(width: Int, height: Int) {
  let image = Image(width: width, height: height, channels: 1, filledWith: 0.5)
  let page = Image.comparison(target: image, reconstruction: image)
  #expect(page.width <= 2400)
  #expect(page.height <= 2500)
}

@Test func transparencyShowsACheckerboard() {
  let image = Image(
    width: 320, height: 40, channels: 2, samples: [Float](repeating: 0, count: 25600))
  let page = Image.comparison(target: image, reconstruction: image)
  let top = page.height - 56
  #expect(page[top, 16, 0] == 1)
  #expect(page[top, 16 + 8, 0] == 0.8)
  #expect(page[top + 8, 16 + 8, 0] == 1)
}

@Test func captionsDiffer() {
  let image = Image(width: 320, height: 20, channels: 1, filledWith: 0.5)
  let first = Image.comparison(target: image, reconstruction: image, caption: "20.1 dB")
  let second = Image.comparison(target: image, reconstruction: image, caption: "20.2 dB")
  #expect(first != second)
}
