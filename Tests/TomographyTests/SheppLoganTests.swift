import Compute
import Foundation
import TestSupport
import Testing
import Tomography

struct SheppLoganTests {
  static let phantoms: [EllipsePhantom] = [
    .sheppLogan, .modifiedSheppLogan, .disc(radius: 0.7, value: 3),
    EllipsePhantom([
      Ellipse(
        value: 2, centerX: 0.3, centerY: -0.2, semiAxisX: 0.15, semiAxisY: 0.5, rotation: 0.4)
    ]),
  ]
  static let angles = ScanGeometry.angles(from: 0.05, to: 2 * .pi + 0.05, count: 12)

  @Test(arguments: phantoms)
  func everyParallelViewIntegratesToTheMass(phantom: EllipsePhantom) {
    let radius = 20.0
    let scan = ScanGeometry(angles: Self.angles, binCount: 441, binWidth: 0.1, center: 220.3)
    let sinogram = phantom.sinogram(of: scan, radius: radius, raysPerBin: 4)
    let mass = phantom.mass(radius: radius)
    #expect(mass > 1)
    for view in 0..<scan.viewCount {
      let sum = (0..<scan.binCount).reduce(0.0) { $0 + Double(sinogram[view, $1]) } * scan.binWidth
      // The midpoint rule next to square roots at the edges: h^1.5 of rays 0.025 apart.
      #expect(abs(sum / mass - 1) < 1e-3)
    }
  }

  @Test func halfATurnMirrorsTheSinogram() {
    let scan = ScanGeometry(angles: [0.3, 0.3 + .pi], binCount: 101, binWidth: 0.4, center: 50)
    let sinogram = EllipsePhantom.modifiedSheppLogan.sinogram(of: scan, radius: 20)
    #expect(sinogram.norm > 10)
    for bin in 0...100 {
      #expect(abs(sinogram[0, bin] - sinogram[1, 100 - bin]) < 1e-5)
    }
  }

  /// A sum over points along the rays, as independent of the closed form as can be: it only asks for
  /// the phantom's value at points.
  @Test(
    arguments: phantoms,
    [ScanGeometry.Beam.parallel, .fan(sourceToOrigin: 60, sourceToDetector: 90)])
  func lineIntegralsAreSumsAlongTheRay(phantom: EllipsePhantom, beam: ScanGeometry.Beam) {
    let radius = 20.0
    let scan = ScanGeometry(
      beam: beam, angles: [0, 0.7, 2.1, 4], binCount: 9, binWidth: 6.1, center: 3.8)
    let sinogram = phantom.sinogram(of: scan, radius: radius)
    let step = 0.001
    for view in 0..<scan.viewCount {
      for bin in 0..<scan.binCount {
        let (start, end) = Self.ends(scan, view: view, bin: bin)
        let length = ((end - start) * (end - start)).sum().squareRoot()
        let count = Int(length / radius / step)
        var sum = 0.0
        for i in 0..<count {
          let point = start + (Double(i) + 0.5) / Double(count) * (end - start)
          sum += phantom.value(x: point.x / radius, y: point.y / radius)
        }
        let expected = sum * length / Double(count)
        // Each of up to 20 edges is a step's length off at most: 20 · 0.02 · values of about 0.1.
        #expect(abs(Double(sinogram[view, bin]) - expected) < 0.06)
      }
    }
  }

  /// Both ends of a ray, far outside the phantom, from the formulas of `ScanGeometry`.
  private static func ends(
    _ scan: ScanGeometry, view: Int, bin: Int
  ) -> (SIMD2<Double>, SIMD2<Double>) {
    let (c, s) = (cos(scan.angles[view]), sin(scan.angles[view]))
    let place = scan.detectorPosition(ofBin: bin)
    switch scan.beam {
    case .parallel:
      let foot = SIMD2(place * c, place * s)
      return (foot - 30 * SIMD2(-s, c), foot + 30 * SIMD2(-s, c))
    case .fan(let sourceToOrigin, let sourceToDetector):
      let source = sourceToOrigin * SIMD2(s, -c)
      let detector = source + sourceToDetector * SIMD2(-s, c) + place * SIMD2(c, s)
      return (source, detector + 0.5 * (detector - source))
    }
  }

  /// Refining the raster brings its projections nearer to the exact ones.
  @Test(arguments: [ScanGeometry.Beam.parallel, .fan(sourceToOrigin: 60, sourceToDetector: 90)])
  func projectionsOfFinerRastersConverge(beam: ScanGeometry.Beam) {
    let phantom = EllipsePhantom.modifiedSheppLogan
    let scan = ScanGeometry(
      beam: beam, angles: ScanGeometry.angles(from: 0, to: .pi, count: 15), binCount: 90,
      binWidth: 0.9, center: 45.2)
    let exact = phantom.sinogram(of: scan, radius: 20)
    let errors = [50, 100, 200].map { size in
      let grid = SliceGrid(
        rows: size, columns: size, pixelSize: 40 / Double(size), convention: .astra)
      let raster = phantom.rasterized(on: grid, radius: 20, supersampling: 8)
      return Projector(scan, grid).project(raster).relativeDistance(to: exact)
    }
    // First order at the edges in the mean: each halving takes about a third of the error or more.
    #expect(errors[1] < 0.75 * errors[0] && errors[2] < 0.75 * errors[1])
    // The fan's bins see the head magnified.
    #expect(errors[2] < 0.02)
  }

  /// Half a pixel, or the picture upside down, would show here.
  @Test func aRasterHasTheCentreOfMassOfThePhantom() {
    let ellipse = Ellipse(centerX: 0.31, centerY: -0.17, semiAxisX: 0.2, semiAxisY: 0.1)
    let grid = SliceGrid(rows: 60, columns: 70, pixelSize: 0.5)
    let raster = EllipsePhantom([ellipse]).rasterized(on: grid, radius: 12)
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for row in 0..<60 {
      for column in 0..<70 {
        let position = grid.position(row: row, column: column)
        let value = Double(raster[row, column])
        sum += value
        x += value * position.x
        y += value * position.y
      }
    }
    #expect(abs(sum * 0.25 / (ellipse.mass * 144) - 1) < 0.01)
    #expect(abs(x / sum - 0.31 * 12) < 0.02 && abs(y / sum + 0.17 * 12) < 0.02)
  }

  /// scikit-image's picture, 400 x 400 and averaged to 50 x 50, upright as it is shown.
  @Test func theModifiedHeadOverlaysScikitImages() throws {
    let expected = try fixture("scikit-image_shepp_logan")
    let grid = SliceGrid(rows: 50, columns: 50, convention: .astra)
    let head = EllipsePhantom.modifiedSheppLogan.rasterized(on: grid, supersampling: 8)
    // Its picture was drawn with pixels of 8 bits and an outline of its own.
    #expect(head.relativeDistance(to: expected) < 0.06)
    let flipped = Matrix(
      rows: 50, columns: 50, elements: (0..<50).flatMap { r in (0..<50).map { head[49 - r, $0] } })
    #expect(flipped.relativeDistance(to: expected) > 0.15)
  }

  @Test func theHeadHasItsKnownValues() {
    // Brain, skull, ventricles, the big tumour above them, outside.
    let points: [(x: Double, y: Double, faint: Double, clear: Double)] = [
      (0.5, -0.3, 1.02, 0.2), (0, 0.9, 2, 1), (0.22, 0, 1, 0), (-0.22, 0, 1, 0),
      (0, 0.4, 1.03, 0.3), (0.9, 0.9, 0, 0), (-0.08, -0.605, 1.03, 0.3),
    ]
    for point in points {
      let faint = EllipsePhantom.sheppLogan.value(x: point.x, y: point.y)
      let clear = EllipsePhantom.modifiedSheppLogan.value(x: point.x, y: point.y)
      #expect(abs(faint - point.faint) < 1e-12, "\(point)")
      #expect(abs(clear - point.clear) < 1e-12, "\(point)")
    }
  }

  @Test func backProjectionGivesTheHeadBack() {
    let size = 128
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: .pi, count: 200), binCount: 185, convention: .astra)
    let grid = SliceGrid(rows: size, columns: size, convention: .astra)
    let phantom = EllipsePhantom.modifiedSheppLogan
    let slice = FilteredBackprojection(scan, grid, convention: .astra).reconstruct(
      phantom.sinogram(of: scan, radius: 64))
    let error = slice.relativeDistance(to: phantom.rasterized(on: grid))
    // Ringing at the skull; a picture turned or mirrored is at 0.2 and more.
    #expect(error < 0.15)
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    let scan = ScanGeometry(angles: Self.angles, binCount: 33, center: 16)
    let grid = SliceGrid(rows: 31, columns: 17)
    let phantom = EllipsePhantom.sheppLogan
    #expect(
      phantom.sinogram(of: scan, radius: 15, workers: Workers(count: 1))
        == phantom.sinogram(of: scan, radius: 15, workers: Workers(count: 4)))
    #expect(
      phantom.rasterized(on: grid, workers: Workers(count: 1))
        == phantom.rasterized(on: grid, workers: Workers(count: 4)))
  }
}
