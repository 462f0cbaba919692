import Compute
import Foundation
import TestSupport
import Testing
import Tomography

/// Filtered back projection of a disc's exact line integrals gives the disc.
struct FilteredBackprojectionTests {
  static let halfTurn = ScanGeometry.angles(from: 0, to: .pi, count: 180)

  static func expectDisc(
    _ disc: Disc, _ scan: ScanGeometry, _ grid: SliceGrid, within tolerance: Double = 1e-3,
    deviation: Double = 5e-3, convention: Convention = .scikitImage,
    location: SourceLocation = #_sourceLocation
  ) {
    let slice = FilteredBackprojection(scan, grid, convention: convention)
      .reconstruct(disc.sinogram(scan))
    let found = disc.statistics(of: slice, grid)
    #expect(
      abs(found.mean - 1) < tolerance && found.deviation < deviation, "\(found)",
      sourceLocation: location)
  }

  // The value is right whatever the units; coarse bins ring more at the edge.
  @Test(arguments: [0.1, 1, 7], [0.5, 1, 2])
  func aDiscHasItsValueAtEveryPixelSize(pixelSize: Double, binsPerPixel: Double) {
    for convention in Convention.allCases {
      let disc = Disc(x: 9 * pixelSize, y: -6 * pixelSize, radius: 20 * pixelSize)
      let scan = ScanGeometry(
        angles: Self.halfTurn, binCount: Int(91 * binsPerPixel),
        binWidth: pixelSize / binsPerPixel, convention: convention)
      let grid = SliceGrid(rows: 64, columns: 64, pixelSize: pixelSize, convention: convention)
      Self.expectDisc(disc, scan, grid, convention: convention)
    }
  }

  @Test func theStoredDiscOverlaysItsPicture() throws {
    let sinogram = try fixture("disc_exact")
    let picture = try fixture("disc_image")
    // One view's worth of line integrals at s = −92 … 92, the same from all sides.
    let (views, bins) = (180, 185)
    let row =
      sinogram.elements.count == bins ? sinogram.elements : Array(sinogram.elements[..<bins])
    let all = Matrix(
      rows: views, columns: bins, elements: (0..<views).flatMap { _ in row })
    let scan = ScanGeometry(angles: Self.halfTurn, binCount: bins, convention: .astra)
    let grid = SliceGrid(rows: 128, columns: 128, convention: .astra)
    let slice = FilteredBackprojection(scan, grid, convention: .astra).reconstruct(all)
    // What is left is the ringing of an edge.
    #expect(slice.relativeDistance(to: picture) < 0.08)
    // Line integrals taken at bins, not over them, of a disc whose rim meets the same bins in all
    // views: their sum is 3e-3 off π r². Elsewhere the views differ and that evens out.
    let found = Disc(radius: 20).statistics(of: slice, grid)
    #expect(abs(found.mean - 1) < 5e-3 && found.deviation < 5e-3)
  }

  @Test(arguments: [(40, 95), (95, 40), (1, 64), (64, 1)])
  func slicesMayBeRectangles(rows: Int, columns: Int) {
    let grid = SliceGrid(rows: rows, columns: columns)
    let scan = ScanGeometry(angles: Self.halfTurn, binCount: 121)
    Self.expectDisc(Disc(x: 2.3, y: -1.6, radius: 18), scan, grid)
  }

  @Test func theAxisMayLieAnywhere() {
    let disc = Disc(x: 4, y: 3, radius: 14)
    for center in [60, 47.3, 81.75] {
      let scan = ScanGeometry(angles: Self.halfTurn, binCount: 121, center: center)
      let grid = SliceGrid(rows: 70, columns: 64, axisRow: 20.25, axisColumn: 40.6)
      Self.expectDisc(disc, scan, grid)
    }
    // Half a bin beside the axis is seen.
    let scan = ScanGeometry(angles: Self.halfTurn, binCount: 121, center: 60)
    var wrong = scan
    wrong.center = 61
    let grid = SliceGrid(rows: 64, columns: 64)
    let sinogram = disc.sinogram(scan)
    let right = FilteredBackprojection(scan, grid).reconstruct(sinogram)
    let shifted = FilteredBackprojection(wrong, grid).reconstruct(sinogram)
    #expect(shifted.relativeDistance(to: right) > 0.05)
  }

  @Test func viewsMayComeInAnyOrderAndTwice() {
    var random = SplitMix64(seed: 3)
    let disc = Disc(x: 8, y: 2, radius: 15)
    let grid = SliceGrid(rows: 64, columns: 64)
    let shuffled = Self.halfTurn.map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
    func slice(_ angles: [Double]) -> Matrix {
      let scan = ScanGeometry(angles: angles, binCount: 91)
      return FilteredBackprojection(scan, grid).reconstruct(disc.sinogram(scan))
    }
    let expected = slice(Self.halfTurn)
    // Sums of 180 terms in another order.
    #expect(slice(shuffled).relativeDistance(to: expected) < 1e-6)
    #expect(slice(Self.halfTurn.reversed()).relativeDistance(to: expected) < 1e-6)
    #expect(slice(Self.halfTurn + Self.halfTurn).relativeDistance(to: expected) < 1e-6)
    #expect(slice(Self.halfTurn.map { $0 + 6 * .pi }).relativeDistance(to: expected) < 1e-6)
    #expect(slice(Self.halfTurn.map { $0 - .pi }).relativeDistance(to: expected) < 1e-6)
    #expect(slice(Self.halfTurn + [.pi]).relativeDistance(to: expected) < 1e-6)
  }

  @Test(arguments: ["full turn", "one and a half", "scattered", "jittered", "golden"])
  func viewsMayLieAnywhere(kind: String) {
    var random = SplitMix64(seed: 4)
    let angles: [Double]
    switch kind {
    case "full turn": angles = ScanGeometry.angles(from: 1, to: 1 + 2 * .pi, count: 361)
    case "one and a half": angles = ScanGeometry.angles(from: -2, to: -2 + 3 * .pi, count: 500)
    case "scattered": angles = (0..<1500).map { _ in Double(random.nextUniform(bound: 2 * .pi)) }
    case "jittered": angles = Self.halfTurn.map { $0 + Double(random.nextUniform(bound: 0.005)) }
    default: angles = (0..<300).map { Double($0) * .pi * (5.0.squareRoot() - 1) / 2 }
    }
    let scan = ScanGeometry(angles: angles, binCount: 91)
    let grid = SliceGrid(rows: 64, columns: 64)
    Self.expectDisc(Disc(x: -5, y: 8, radius: 18), scan, grid, within: 2e-3)
  }

  @Test func fewViewsAndLimitedArcsStaySane() {
    let disc = Disc(x: 5, radius: 15)
    let grid = SliceGrid(rows: 64, columns: 64)
    for (arc, count) in [(60.0, 60), (120, 30), (180, 1), (180, 2), (180, 5)] {
      let angles = ScanGeometry.angles(from: 0.3, to: 0.3 + arc * .pi / 180, count: count)
      let scan = ScanGeometry(angles: angles, binCount: 91)
      let slice = FilteredBackprojection(scan, grid).reconstruct(disc.sinogram(scan))
      let found = disc.statistics(of: slice, grid)
      // The part of the directions that was measured, more or less.
      #expect(found.mean > 0.2 * arc / 180 && found.mean < 1.5, "\(count) views: \(found)")
      #expect(slice.elements.allSatisfy { $0.isFinite && abs($0) < 20 })
    }
  }

  @Test func itIsLinear() {
    var random = SplitMix64(seed: 6)
    let scan = ScanGeometry(angles: Self.halfTurn.dropLast(120), binCount: 40)
    let reconstruction = FilteredBackprojection(
      scan, SliceGrid(rows: 30, columns: 28), window: .hann)
    let (x, y) = (
      Matrix.random(60, 40, using: &random), Matrix.random(60, 40, using: &random)
    )
    let sum = Matrix(
      rows: 60, columns: 40, elements: zip(x.elements, y.elements).map { 2 * $0 - 3 * $1 })
    let (ofX, ofY) = (reconstruction.reconstruct(x), reconstruction.reconstruct(y))
    let expected = Matrix(
      rows: 30, columns: 28, elements: zip(ofX.elements, ofY.elements).map { 2 * $0 - 3 * $1 })
    #expect(expected.norm > 0.1)
    #expect(reconstruction.reconstruct(sum).relativeDistance(to: expected) < 1e-5)
  }

  @Test func slicesDoNotDependOnTheNumberOfThreads() {
    var random = SplitMix64(seed: 6)
    let grid = SliceGrid(rows: 50, columns: 37)
    for beam in [
      ScanGeometry.Beam.parallel, .fan(sourceToOrigin: 80, sourceToDetector: 120),
    ] {
      let scan = ScanGeometry(beam: beam, angles: Self.halfTurn, binCount: 61)
      let sinogram = Matrix.random(180, 61, using: &random)
      func slice(threads: Int) -> Matrix {
        FilteredBackprojection(scan, grid, workers: Workers(count: threads)).reconstruct(sinogram)
      }
      #expect(slice(threads: 1) == slice(threads: 4))
    }
  }

  // Without any filter a disc's middle gets the sum of its diameters.
  @Test func withoutTheRampItIsPlainBackProjection() {
    let scan = ScanGeometry(angles: Self.halfTurn, binCount: 81)
    let grid = SliceGrid(rows: 41, columns: 41)
    let slice = FilteredBackprojection(scan, grid, window: .none)
      .reconstruct(Disc(radius: 10).sinogram(scan))
    #expect(abs(Double(slice[20, 20]) - .pi * 20) < 1e-3)
  }
}
