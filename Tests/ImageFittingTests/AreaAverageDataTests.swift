import Compute
import ImageFitting
import Imaging
import Networks
import Testing

struct AreaAverageDataTests {
  private func data(factor: Int) -> AreaAverageData {
    var random = SplitMix64(seed: 11)
    let samples = (0..<5 * 4 * 2).map { _ in Float(random.nextUnit()) }
    let picture = Image(width: 5, height: 4, channels: 2, samples: samples)
    let lattice = PixelLattice(width: 5 * factor, height: 4 * factor)
    return AreaAverageData(picture: picture, lattice: lattice, factor: factor)
  }

  @Test(arguments: [1, 2, 3])
  func aPixelSeesTheSquareOfPointsBelowIt(factor: Int) {
    let data = data(factor: factor)
    let rows = data.rows(seenBy: [7])  // row 1, column 2
    let expected = (factor..<2 * factor).flatMap { y in
      (2 * factor..<3 * factor).map { x in Int32(y * 5 * factor + x) }
    }
    #expect(rows == expected)
  }

  @Test func allPixelsTogetherSeeEveryPointOnce() {
    let data = data(factor: 3)
    let rows = data.rows(seenBy: (0..<20).map { Int32($0) }[...])
    #expect(rows.sorted() == (0..<180).map { Int32($0) })
  }

  /// The gradient is the derivative of the loss: the loss is quadratic, so a central difference is
  /// exact but for rounding.
  @Test(arguments: [1, 2, 3])
  func theGradientIsThatOfTheLoss(factor: Int) {
    let data = data(factor: factor)
    let measurements: ArraySlice<Int32> = [3, 17, 0]
    var random = SplitMix64(seed: 5)
    var values = (0..<3 * factor * factor * 2).map { _ in Float(random.nextUnit()) }
    let (loss, gradient) = data.loss(of: values, at: measurements, progress: 0)
    #expect(loss > 0)
    #expect(gradient.contains { $0 != 0 })
    for i in values.indices {
      let value = values[i]
      values[i] = value + 0.125
      let above = data.loss(of: values, at: measurements, progress: 0).mean
      values[i] = value - 0.125
      let below = data.loss(of: values, at: measurements, progress: 0).mean
      values[i] = value
      // Losses near 0.2 are sums of Floats: each is right to about 1e-7, their difference over
      // 0.25 to 1e-6.
      #expect(abs((above - below) / 0.25 - Double(gradient[i])) < 2e-6)
    }
  }
}
