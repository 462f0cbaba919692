import Compute
import Testing
import Tomography

struct StripeRemovalTests {
  static let scan = ScanGeometry(
    angles: ScanGeometry.angles(from: 0, to: .pi, count: 90), binCount: 160, center: 80)

  /// Wide, overlapping discs, as projections that stripes stand out of.
  static func smoothSinogram() -> Matrix {
    let phantom = EllipsePhantom([
      Ellipse(value: 1, semiAxisX: 0.8, semiAxisY: 0.7),
      Ellipse(
        value: 0.5, centerX: 0.2, centerY: 0.2, semiAxisX: 0.3, semiAxisY: 0.4, rotation: 0.5),
    ])
    return phantom.sinogram(of: scan, radius: 80, raysPerBin: 3)
  }

  private func mean(_ matrix: Matrix) -> Double {
    matrix.elements.reduce(0.0) { $0 + Double($1) } / Double(matrix.elements.count)
  }

  @Test func stripesGoAndTheRestStays() {
    let clean = Self.smoothSinogram()
    var striped = clean
    for (bin, offset) in [(20, 30), (55, -25), (56, -25), (57, 20), (90, 40), (131, -35)] {
      for view in 0..<striped.rows { striped[view, bin] += Float(offset) }
    }
    let found = StripeRemoval(window: 11).apply(to: striped)
    let before = striped.relativeDistance(to: clean)
    let after = found.relativeDistance(to: clean)
    // What is left is mostly what the median does to the sinogram itself.
    #expect(before > 0.05 && after < before / 3, "\(before) \(after)")
    #expect(abs(mean(found) - mean(striped)) < 1e-4)
  }

  @Test func aSinogramWithoutStripesChangesLittle() {
    let clean = Self.smoothSinogram()
    #expect(StripeRemoval(window: 11).apply(to: clean).relativeDistance(to: clean) < 0.01)
    #expect(StripeRemoval(window: 1).apply(to: clean).relativeDistance(to: clean) < 1e-6)
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    let clean = Self.smoothSinogram()
    #expect(
      StripeRemoval().apply(to: clean, workers: Workers(count: 1))
        == StripeRemoval().apply(to: clean, workers: Workers(count: 4)))
  }

  @Test func degenerateSinogramsStayAsTheyAre() {
    for (rows, columns) in [(1, 1), (5, 1), (0, 4)] {
      let matrix = Matrix(
        rows: rows, columns: columns, elements: [Float](repeating: 2, count: rows * columns))
      #expect(StripeRemoval().apply(to: matrix) == matrix)
    }
    // One view has nothing to sort: its bins are smoothed, wider windows than the view included.
    let view = Matrix(rows: 1, columns: 3, elements: [1, 5, 1])
    #expect(StripeRemoval(window: 21).apply(to: view).elements.allSatisfy { $0.isFinite })
  }

  @Test func zingersGoAndTheRestStaysAsItIs() {
    let clean = Self.smoothSinogram()
    var random = SplitMix64(seed: 3)
    var noisy = clean
    for i in noisy.elements.indices { noisy.elements[i] += Float(0.2 * random.nextNormal()) }
    var hit = noisy
    let places = [(3, 40), (44, 100), (45, 12), (80, 77), (0, 90), (89, 66)]
    for (view, bin) in places { hit[view, bin] += 60 }
    let result = OutlierRemoval(window: 5, threshold: 20).removingZingers(from: hit)
    #expect(result.replacedCount >= places.count && result.replacedCount < 40)
    for (view, bin) in places { #expect(abs(result.sinogram[view, bin] - clean[view, bin]) < 8) }
    let changed = zip(result.sinogram.elements, hit.elements).count { $0 != $1 }
    #expect(changed == result.replacedCount)
  }

  @Test func deadAndBrightBinsAreInterpolated() {
    let clean = Self.smoothSinogram()
    var bad = clean
    var random = SplitMix64(seed: 3)
    for i in bad.elements.indices { bad.elements[i] += Float(random.nextNormal()) }
    let unharmed = bad
    for view in 0..<bad.rows {
      bad[view, 60] = 0
      bad[view, 30] = clean[0, 30]  // stuck at a value that its neighbours have
      bad[view, 101] += 90
      bad[view, 102] += 80
    }
    let result = OutlierRemoval(window: 7, threshold: 20).removingBadBins(from: bad)
    #expect(result.badBins == [30, 60, 101, 102])
    #expect(result.replacedCount == 4 * clean.rows)
    #expect(result.sinogram.relativeDistance(to: unharmed) < 0.005)
    let none = OutlierRemoval(window: 7, threshold: 20).removingBadBins(from: unharmed)
    #expect(none.badBins.isEmpty && none.sinogram == unharmed)
  }
}
