import Compute
import Testing
import Tomography

/// What a sinogram's values give away.
struct SinogramFileHintTests {
  /// The sinogram of a disc of value 1: chords of a circle.
  private static func disc(radius: Double, views: Int = 20, bins: Int = 64) -> Matrix {
    let chords = (0..<bins).map { bin in
      let s = Double(bin) - Double(bins - 1) / 2
      return Float(2 * max(0, radius * radius - s * s).squareRoot())
    }
    return Matrix(
      rows: views, columns: bins, elements: (0..<views).flatMap { _ in chords })
  }

  @Test(arguments: [4.0, 16, 31])
  func lineIntegralsOfAnObjectOnTheDetectorAreFine(radius: Double) {
    #expect(SinogramHint.hints(for: Self.disc(radius: radius)).isEmpty)
    #expect(SinogramHint.hints(for: Self.disc(radius: radius, views: 1)).isEmpty)
  }

  @Test(arguments: [1, 20])
  func anObjectWiderThanTheDetectorIsSaidToBeTruncated(views: Int) {
    let hints = SinogramHint.hints(for: Self.disc(radius: 40, views: views))
    #expect(hints == [.truncated(views: views, of: views)])
    #expect(hints[0].description.hasPrefix("\(views) of \(views) views do not fall to zero"))
  }

  @Test func aSparkInOneViewIsNoTruncation() {
    var sinogram = Self.disc(radius: 20)
    sinogram[3, 0] = 30
    #expect(SinogramHint.hints(for: sinogram).isEmpty)
    for view in [3, 8] { sinogram[view, 63] = 30 }
    #expect(SinogramHint.hints(for: sinogram) == [.truncated(views: 2, of: 20)])
  }

  @Test func transmissionsAndCountsAreTakenForWhatTheyAre() {
    var sinogram = Self.disc(radius: 20)
    sinogram.elements = sinogram.elements.map { 1 - $0 / 50 }
    let transmissions = SinogramHint.hints(for: sinogram)
    #expect(transmissions.count == 1 && transmissions[0].description.contains("take -log"))
    sinogram.elements = sinogram.elements.map { 27900 * $0 }
    let counts = SinogramHint.hints(for: sinogram)
    #expect(counts.count == 1 && counts[0].description.contains("27900 outside to"))
    #expect(counts[0].description.contains("prepare them with inr ct prepare"))
  }

  @Test func theLargestNumbersHaveAHintToo() {
    let largest = [Float](repeating: .greatestFiniteMagnitude, count: 64)
    for hint in SinogramHint.hints(for: Matrix(rows: 2, columns: 32, elements: largest)) {
      #expect(!hint.description.isEmpty)
    }
  }

  @Test func nothingIsSaidOfAnEmptyOrATinyScan() {
    #expect(SinogramHint.hints(for: Matrix(rows: 5, columns: 32)).isEmpty)
    let tiny = Matrix(rows: 1, columns: 3, elements: [5, 5, 5])
    #expect(SinogramHint.hints(for: tiny).isEmpty)
  }
}
