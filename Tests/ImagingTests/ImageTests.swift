import Imaging
import Testing

@Test func samplesStandRowByRow() {
  var image = Image(width: 3, height: 2, channels: 2, samples: (0..<12).map { Float($0) })
  #expect(image[1, 2, 0] == 10)
  image[0, 1, 1] = 30
  #expect(image.samples[3] == 30)
}

@Test func aCropHoldsTheSamePixels() {
  let image = Image.noise(width: 7, height: 5, channels: 3)
  let part = image.cropped(rows: 1..<4, columns: 2..<6)
  #expect(part.shape == [3, 4, 3])
  for row in 0..<3 {
    for column in 0..<4 {
      for channel in 0..<3 {
        #expect(part[row, column, channel] == image[row + 1, column + 2, channel])
      }
    }
  }
  #expect(image.cropped(rows: 0..<5, columns: 0..<7) == image)
}

@Test func luminanceWeighsTheColoursAndDropsAlpha() {
  let colors = Image(
    width: 4, height: 1, channels: 4,
    samples: [1, 0, 0, 0.5, 0, 1, 0, 0.5, 0, 0, 1, 0.5, 1, 1, 1, 0])
  let gray = colors.luminance
  #expect(gray.channels == 1)
  #expect(gray.samples[..<3] == [0.2126, 0.7152, 0.0722])
  #expect(abs(gray.samples[3] - 1) < 1e-6)  // three roundings of numbers below 1
  let pair = Image(width: 2, height: 1, channels: 2, samples: [0.3, 0.1, 0.7, 0.2])
  #expect(pair.luminance.samples == [0.3, 0.7])
  #expect(pair.luminance.luminance == pair.luminance)
}

@Test(arguments: [1, 2, 3], [1, 2, 3, 10])
func averagesOfSquaresAreThoseOfTheirPixels(channels: Int, size: Int) {
  let image = Image.noise(width: 7, height: 5, channels: channels)
  let averaged = image.areaAveraged(by: size)
  #expect(averaged.width == (7 + size - 1) / size)
  #expect(averaged.height == (5 + size - 1) / size)
  for row in 0..<averaged.height {
    for column in 0..<averaged.width {
      for channel in 0..<channels {
        let rows = row * size..<min(row * size + size, 5)
        let columns = column * size..<min(column * size + size, 7)
        let values = rows.flatMap { r in columns.map { Double(image[r, $0, channel]) } }
        let mean = values.reduce(0, +) / Double(values.count)
        // At most 35 Float additions of numbers up to 1: error below 35 · 2⁻²⁴ ≈ 2e-6.
        #expect(abs(Double(averaged[row, column, channel]) - mean) < 3e-6)
      }
    }
  }
}

@Test func picturesAreEqualWhateverTheirPrecision() {
  let image = Image.noise(width: 3, height: 2, channels: 1)
  var precise = image
  precise.bitDepth = .sixteen
  #expect(image == precise)
  #expect(image != Image(width: 2, height: 3, channels: 1, samples: image.samples))
  #expect(image != Image(width: 1, height: 2, channels: 3, samples: image.samples))
}
