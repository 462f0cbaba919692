import Compute
import ImageFitting
import Testing

/// The pyramid of a picture, and the partition of its levels into blocks.
struct PyramidTests {
  private func random(_ count: Int, seed: UInt64 = 5) -> [UInt16] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt16(truncatingIfNeeded: random.next()) }
  }

  private func pictures(
    _ samples: [UInt16], _ sizes: [(width: Int, height: Int)], channels: Int
  ) -> LevelPictures {
    var pictures = LevelPictures(sizes: sizes, channels: channels)
    let length = sizes[0].width * channels
    for row in 0..<sizes[0].height {
      pictures.append(Array(samples[(row * length)..<((row + 1) * length)]))
    }
    return pictures
  }

  @Test(arguments: [(1, 1), (7, 5), (8, 8), (33, 18), (5, 40)], [1, 3])
  func eachPixelIsTheMeanOfThoseBelowIt(size: (Int, Int), channels: Int) {
    let sizes = BlockLevel.sizes(width: size.0, height: size.1, blockSize: 4)
    #expect(sizes.last.map { max($0.width, $0.height) <= 4 } == true)
    var below = random(size.0 * size.1 * channels)
    let pictures = pictures(below, sizes, channels: channels)
    for level in sizes.indices.dropFirst() {
      let (width, height) = sizes[level - 1]
      let found = Array(pictures.rows(0..<sizes[level].height, level: level))
      let expected = (0..<sizes[level].height).flatMap { y in
        (0..<sizes[level].width).flatMap { x in
          (0..<channels).map { c in
            let sum = [0, 1].flatMap { dy in
              [0, 1].map { dx in
                let (row, column) = (min(2 * y + dy, height - 1), min(2 * x + dx, width - 1))
                return Int(below[(row * width + column) * channels + c])
              }
            }.reduce(0, +)
            return UInt16((sum + 2) / 4)
          }
        }
      }
      #expect(found == expected, "level \(level)")
      below = found
    }
  }

  @Test(arguments: [(33, 18), (16, 31)])
  func whatTheLevelsLeaveAndTheirSumGiveThePictureBack(size: (Int, Int)) {
    let sizes = BlockLevel.sizes(width: size.0, height: size.1, blockSize: 4)
    let samples = random(size.0 * size.1 * 3)
    let pictures = pictures(samples, sizes, channels: 3)
    func pixels(_ level: Int) -> ArraySlice<UInt16> {
      level == 0 ? samples[...] : pictures.rows(0..<sizes[level].height, level: level)
    }
    // Up from the coarsest level: expanded, plus what it leaves of the next one.
    let top = sizes.count - 1
    var sum = PixelWindow(
      rows: 0..<sizes[top].height, columns: 0..<sizes[top].width, channels: 3,
      samples: pixels(top).map { Float($0) / 65535 })
    for level in stride(from: top - 1, through: 0, by: -1) {
      let (rows, columns) = (0..<sizes[level].height, 0..<sizes[level].width)
      let x = Interpolation(at: Interpolation.doubled(columns), count: sizes[level + 1].width)
      let y = Interpolation(at: Interpolation.doubled(rows), count: sizes[level + 1].height)
      let expanded = sum.interpolated(x, y, workers: Workers(count: 2))
      var rest = PixelWindow(rows: rows, columns: columns, channels: 3, samples: expanded)
      rest.subtract(from: pixels(level))
      sum = PixelWindow(
        rows: rows, columns: columns, channels: 3,
        samples: zip(expanded, rest.samples).map { $0 + $1 })
    }
    // One rounding of numbers of up to 1.5 for each of the two operations.
    for (found, expected) in zip(sum.samples, samples) {
      #expect(abs(found - Float(expected) / 65535) < 4e-7)
    }
  }

  @Test func interpolationIsExactForParabolasAwayFromTheRim() {
    func value(_ x: Double) -> Double { 0.3 + 0.2 * x - 0.01 * x * x }
    let window = PixelWindow(
      rows: 0..<1, columns: 0..<20, channels: 1,
      samples: (0..<20).map { Float(value(Double($0) + 0.5)) })
    let places = [2.0, 2.5, 3.3, 9.99, 17.4]
    let x = Interpolation(at: places, count: 20)
    #expect(x.needed == 0..<19)
    let y = Interpolation(at: [0.5], count: 1)
    let found = window.interpolated(x, y, workers: Workers(count: 1))
    for (place, value) in zip(places.map(value), found) {
      #expect(abs(place - Double(value)) < 1e-5)
    }
  }

  @Test(arguments: [4, 7, 16], [1, 15, 16, 17, 45])
  func theWeightsOfAllBlocksAddUpToOne(size: Int, length: Int) {
    let weights = BlockWeights(size: size, count: (length + size - 1) / size)
    for step in 0...(40 * length) {
      let position = Double(step) / 40
      let sum = (0..<weights.count).reduce(Float(0)) { $0 + weights.weight(of: $1, at: position) }
      #expect(abs(sum - 1) < 1e-6, "at \(position)")
    }
    for pixel in 0..<length {
      let counting = (0..<weights.count).filter {
        weights.weight(of: $0, at: Double(pixel) + 0.5) > 0
      }
      #expect(!counting.isEmpty && counting.count <= 2)
      for block in counting {
        #expect(weights.blocks(seeing: pixel..<(pixel + 1)).contains(block))
        #expect(weights.pixels(of: block, in: 0..<length).contains(pixel))
      }
    }
  }

  /// The weight changes by at most a fraction from one place to the next: no step anywhere.
  @Test func weightsAreSmooth() {
    let weights = BlockWeights(size: 8, count: 3)
    for block in 0..<3 {
      for i in 0..<2400 {
        let (here, next) = (Double(i) / 100, Double(i + 1) / 100)
        let step = abs(weights.weight(of: block, at: here) - weights.weight(of: block, at: next))
        // The slope of 3t² − 2t³ is at most 3/2, over two pixels.
        #expect(step <= 0.0076)
      }
    }
  }
}
