import Compute
import Foundation
import Testing
import Tomography

struct RampFilterTests {
  static let conventions = Convention.allCases

  /// The filter's answer to one at a bin and zeros elsewhere.
  static func answer(_ filter: RampFilter, to bin: Int) -> [Float] {
    var impulse = Matrix(rows: 1, columns: filter.binCount)
    impulse[0, bin] = 1
    return filter.apply(to: impulse, workers: Workers(count: 1)).elements
  }

  @Test(arguments: conventions, [0.5, 1, 3])
  func anImpulseGivesTheRampsSamples(convention: Convention, binWidth: Double) {
    let filter = RampFilter(binCount: 41, binWidth: binWidth, convention: convention)
    let found = Self.answer(filter, to: 17)
    for bin in found.indices {
      let lag = Double(bin - 17)
      let expected =
        bin == 17 ? 0.25 : (bin - 17) % 2 == 0 ? 0 : -1 / (.pi * .pi * lag * lag)
      // Rounding of the transform: 1e-7 of the largest.
      #expect(abs(Double(found[bin]) * binWidth - expected) < 1e-7)
    }
  }

  /// ≈ 2 / (π² P): the samples that the cut at half the padded length leaves out, on both sides.
  @Test(arguments: RampFilter.Window.allCases.filter { $0 != .none }, conventions)
  func theMeanPassesALittle(window: RampFilter.Window, convention: Convention) {
    let filter = RampFilter(window, binCount: 200, convention: convention)
    let expected = 2 / (.pi * .pi * Double(filter.paddedLength))
    // Windows of NumPy are not quite symmetric: 1e-5 off at frequency zero.
    #expect(abs(Double(filter.response[0]) / expected - 1) < 1e-4)
  }

  @Test(arguments: conventions)
  func theRampIsTheFrequency(convention: Convention) {
    let filter = RampFilter(binCount: 100, binWidth: 0.5, convention: convention)
    let length = Double(filter.paddedLength)
    for (k, value) in filter.response.enumerated() {
      let frequency = Double(k) / length / 0.5
      #expect(abs(Double(value) - frequency) < 3 / length)
    }
    #expect(filter.response.count == filter.paddedLength / 2 + 1)
    #expect(filter.paddedLength >= 200)
  }

  @Test(arguments: [
    (RampFilter.Window.ramLak, 0.5), (.sheppLogan, 1 / Double.pi), (.cosine, 0), (.hamming, 0.04),
    (.hann, 0), (.none, 1),
  ])
  func windowsEndAtTheHighestFrequency(window: RampFilter.Window, last: Double) {
    for convention in Self.conventions {
      let filter = RampFilter(window, binCount: 300, convention: convention)
      let found = Double(filter.response[filter.response.count - 1])
      #expect(abs(found - last) < 2e-3, "\(window), \(convention)")
    }
  }

  @Test(arguments: RampFilter.Window.allCases, conventions)
  func frequenciesBeyondTheScaleAreCut(window: RampFilter.Window, convention: Convention) {
    let whole = RampFilter(window, binCount: 100, convention: convention)
    let cut = RampFilter(window, binCount: 100, frequencyScale: 0.5, convention: convention)
    let end = cut.paddedLength / 4
    #expect(cut.response[(end + 1)...].allSatisfy { $0 == 0 })
    #expect(cut.response[1..<end].allSatisfy { $0 > 0 })
    // The window is squeezed: at half the frequency its factor is the whole window's.
    for k in stride(from: 2, to: end, by: 5) {
      let ramp = (RampFilter(.ramLak, binCount: 100, convention: convention)).response
      let squeezed = window == .none ? cut.response[k] : cut.response[k] / ramp[k]
      let factor = window == .none ? whole.response[2 * k] : whole.response[2 * k] / ramp[2 * k]
      // NumPy's windows depend a little on their number of samples.
      #expect(abs(squeezed - factor) < 0.02)
    }
  }

  @Test func theEndsOfAViewDoNotMeet() {
    // Padded to twice the bins: the last bin's answer at the first is that of the ramp itself.
    let filter = RampFilter(binCount: 64, convention: .astra)
    let found = Double(Self.answer(filter, to: 63)[0])
    #expect(abs(found + 1 / (.pi * .pi * 63 * 63)) < 1e-7)
  }

  @Test(arguments: [1, 2, 3]) func fewBinsAreFiltered(binCount: Int) {
    let filter = RampFilter(.hann, binCount: binCount)
    let result = filter.apply(to: Matrix(rows: 9, columns: binCount))
    #expect(result == Matrix(rows: 9, columns: binCount))
  }

  @Test func viewsAreFilteredOneByOneForAnyNumberOfThreads() {
    var random = SplitMix64(seed: 5)
    var sinogram = Matrix(rows: 21, columns: 50)
    for i in sinogram.elements.indices { sinogram.elements[i] = random.nextUniform(bound: 1) }
    let filter = RampFilter(.hann, binCount: 50)
    let all = filter.apply(to: sinogram, workers: Workers(count: 4))
    for view in 0..<21 {
      let row = sinogram.elements[view * 50..<view * 50 + 50]
      let alone = filter.apply(
        to: Matrix(rows: 1, columns: 50, elements: Array(row)), workers: Workers(count: 1))
      #expect(alone.elements == Array(all.elements[view * 50..<view * 50 + 50]))
    }
  }
}
