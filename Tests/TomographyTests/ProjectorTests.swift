import Compute
import TestSupport
import Testing
import Tomography

struct ProjectorTests {
  enum Case: CaseIterable, Sendable { case parallel, fineBins, coarseBins, fan, fineFan, offCenter }

  /// A scan of a slice of odd shape, with `views` over a full turn.
  static func geometry(_ kind: Case, views: Int, size: Int) -> (ScanGeometry, SliceGrid) {
    let angles = ScanGeometry.angles(from: 0.1, to: 2 * .pi + 0.1, count: views)
    let grid = SliceGrid(rows: size, columns: size + 3, pixelSize: 0.7)
    func scan(_ beam: ScanGeometry.Beam, width: Double, center: Double? = nil) -> ScanGeometry {
      let bins = Int(2 * Double(size) / width) + 5
      return ScanGeometry(
        beam: beam, angles: angles, binCount: bins, binWidth: width,
        center: center ?? Double(bins / 2))
    }
    let source = 3 * Double(size)
    switch kind {
    case .parallel: return (scan(.parallel, width: 0.7), grid)
    case .fineBins: return (scan(.parallel, width: 0.3), grid)
    case .coarseBins: return (scan(.parallel, width: 2), grid)
    case .fan:
      return (scan(.fan(sourceToOrigin: source, sourceToDetector: 1.5 * source), width: 1.4), grid)
    case .fineFan:
      return (scan(.fan(sourceToOrigin: source, sourceToDetector: 2 * source), width: 0.4), grid)
    case .offCenter: return (scan(.parallel, width: 0.7, center: 3.3), grid)
    }
  }

  @Test(arguments: Case.allCases, [(1, 8), (2, 33), (45, 20)])
  func backprojectionIsTheAdjointOfProjection(kind: Case, shape: (views: Int, size: Int)) {
    let (scan, grid) = Self.geometry(kind, views: shape.views, size: shape.size)
    let projector = Projector(scan, grid)
    var random = SplitMix64(seed: 7)
    let slice = Matrix.random(grid.rows, grid.columns, using: &random)
    let sinogram = Matrix.random(scan.viewCount, scan.binCount, using: &random)

    let projected = projector.project(slice)
    let mismatch = projected.dot(sinogram) - slice.dot(projector.backproject(sinogram))

    #expect(projected.norm > 0.1)  // an operator that returns zeros must fail
    // Positions are rounded to about size · 2⁻²⁴ pixels, and so are weights.
    #expect(abs(mismatch) <= 3e-6 * projected.norm * sinogram.norm)
  }

  @Test(arguments: Case.allCases)
  func resultsDoNotDependOnTheNumberOfThreads(kind: Case) {
    let (scan, grid) = Self.geometry(kind, views: 9, size: 40)
    var random = SplitMix64(seed: 8)
    let slice = Matrix.random(grid.rows, grid.columns, using: &random)
    let sinogram = Matrix.random(scan.viewCount, scan.binCount, using: &random)
    let one = Projector(scan, grid, workers: Workers(count: 1))
    let four = Projector(scan, grid, workers: Workers(count: 4))
    #expect(one.project(slice) == four.project(slice))
    #expect(one.backproject(sinogram) == four.backproject(sinogram))
  }
}
