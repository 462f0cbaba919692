import Compute
import TestSupport
import Testing
import Tomography

/// Sums along a turned slice are those of the programs that define them, and have an exact adjoint.
struct RotationProjectorTests {
  /// A slice that is not square, with the axis off its middle and views all around.
  static func geometry(views: Int, size: Int, binWidth: Double) -> (ScanGeometry, SliceGrid) {
    let grid = SliceGrid(
      rows: size, columns: size + 9, pixelSize: 0.7, axisRow: 0.4 * Double(size),
      axisColumn: 0.6 * Double(size))
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0.1, to: 2 * .pi + 0.1, count: views), binCount: size + 5,
      binWidth: binWidth, center: 0.45 * Double(size))
    return (scan, grid)
  }

  // Rotation by rotation the same numbers; scikit-image rounds positions to single precision.
  @Test(arguments: ["", "_odd"])
  func sinogramsAreScikitImages(suffix: String) throws {
    let image = try fixture("image\(suffix)")
    let expected = try fixture("scikit-image_radon\(suffix)").transposed
    let scan = ScanGeometry(angles: ConventionTests.angles, binCount: image.columns)
    let grid = SliceGrid(rows: image.rows, columns: image.columns)
    let sinogram = Projector(scan, grid, model: .rotation).project(image)
    #expect(sinogram.relativeDistance(to: expected) < 1e-5)
  }

  /// WIRE turns the picture by positive angles, which to us is a detector that turns by negative ones.
  @Test func sinogramsOfAWidePictureAreThoseOfGridSample() throws {
    let image = try fixture("image_wide")
    let angles = degrees([0, -20, -45, -90, -137, -165, -180])
    let scan = ScanGeometry(angles: angles, binCount: image.columns, convention: .astra)
    let grid = SliceGrid(rows: image.rows, columns: image.columns, convention: .astra)
    let sinogram = Projector(scan, grid, model: .rotation).project(image)
    // Sums of 20 values in single precision.
    #expect(sinogram.relativeDistance(to: try fixture("torch_rotation_wide")) < 1e-6)
  }

  @Test func lengthsAreInTheUnitOfThePixelSize() throws {
    let image = try fixture("image_wide")
    func sinogram(pixelSize: Double) -> Matrix {
      let scan = ScanGeometry(
        angles: ConventionTests.angles, binCount: image.columns, binWidth: pixelSize)
      let grid = SliceGrid(rows: image.rows, columns: image.columns, pixelSize: pixelSize)
      return Projector(scan, grid, model: .rotation).project(image)
    }
    var expected = sinogram(pixelSize: 1)
    for i in expected.elements.indices { expected.elements[i] *= 0.3 }
    #expect(sinogram(pixelSize: 0.3).relativeDistance(to: expected) < 1e-6)
  }

  /// A quarter turn of a slice is seen within its own rows: of 28 columns the outer 8 are lost.
  @Test func whatTurnsOutOfTheFrameIsLost() {
    let ones = Matrix(rows: 20, columns: 28, elements: Array(repeating: 1, count: 560))
    let scan = ScanGeometry(angles: [0, .pi / 2], binCount: 28, convention: .astra)
    let grid = SliceGrid(rows: 20, columns: 28, convention: .astra)
    let sinogram = Projector(scan, grid, model: .rotation).project(ones)
    let upright = (0..<28).map { sinogram[0, $0] }
    let turned = (0..<28).map { sinogram[1, $0] }
    #expect(upright == Array(repeating: 20, count: 28))
    #expect(turned == (0..<28).map { 4..<24 ~= $0 ? 20 : 0 })
  }

  // Bins finer and coarser than pixels, and slices of one row, one band of rows, and several.
  @Test(arguments: [(1, 1), (3, 8), (2, 33), (45, 20), (30, 70)], [0.7, 0.3, 2])
  func backprojectionIsTheAdjointOfProjection(
    shape: (views: Int, size: Int), binWidth: Double
  ) {
    let (scan, grid) = Self.geometry(views: shape.views, size: shape.size, binWidth: binWidth)
    let projector = Projector(scan, grid, model: .rotation)
    var random = SplitMix64(seed: 7)
    let slice = Matrix.random(grid.rows, grid.columns, using: &random)
    let sinogram = Matrix.random(scan.viewCount, scan.binCount, using: &random)

    let projected = projector.project(slice)
    let mismatch = projected.dot(sinogram) - slice.dot(projector.backproject(sinogram))

    #expect(projected.norm > 0.1)  // an operator that returns zeros must fail
    // The weights are the same bits; what is left is the rounding of sums.
    #expect(abs(mismatch) <= 1e-6 * projected.norm * sinogram.norm)
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    let (scan, grid) = Self.geometry(views: 9, size: 100, binWidth: 0.7)
    var random = SplitMix64(seed: 8)
    let slice = Matrix.random(grid.rows, grid.columns, using: &random)
    let sinogram = Matrix.random(scan.viewCount, scan.binCount, using: &random)
    let one = Projector(scan, grid, model: .rotation, workers: Workers(count: 1))
    let four = Projector(scan, grid, model: .rotation, workers: Workers(count: 4))
    #expect(one.project(slice) == four.project(slice))
    #expect(one.backproject(sinogram) == four.backproject(sinogram))
  }

  @Test func someOfTheViewsAreProjectedByTheSameModel() {
    let (scan, grid) = Self.geometry(views: 6, size: 20, binWidth: 0.7)
    var random = SplitMix64(seed: 9)
    let slice = Matrix.random(grid.rows, grid.columns, using: &random)
    let projector = Projector(scan, grid, model: .rotation)
    let some = projector.keeping(views: [4, 1])
    #expect(some.model == .rotation)
    let (all, part) = (projector.project(slice), some.project(slice))
    #expect((0..<scan.binCount).allSatisfy { part[0, $0] == all[4, $0] })
    #expect((0..<scan.binCount).allSatisfy { part[1, $0] == all[1, $0] })
  }

  /// Far bins and axes are no reason to stop: their rays see nothing.
  @Test func raysFarOffSeeNothing() {
    let scan = ScanGeometry(angles: [0, 1, 2], binCount: 3, binWidth: 1e30, center: 1)
    let grid = SliceGrid(rows: 4, columns: 5, convention: .astra)
    let ones = Matrix(rows: 4, columns: 5, elements: Array(repeating: 1, count: 20))
    let sinogram = Projector(scan, grid, model: .rotation).project(ones)
    #expect((0..<3).allSatisfy { sinogram[$0, 1] > 1 })
    #expect((0..<3).allSatisfy { sinogram[$0, 0] == 0 && sinogram[$0, 2] == 0 })
  }
}
