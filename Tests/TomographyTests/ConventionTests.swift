import Compute
import Testing
import Tomography

/// Our sinograms and slices overlay those of scikit-image and ASTRA in orientation, sign, scale and
/// half-pixel position. Forgetting half a pixel costs 6e-2, turning the wrong way 0.8.
struct ConventionTests {
  static let angles = degrees(stride(from: 0, to: 180, by: 5))

  // scikit-image rotates the picture bilinearly, which is not Joseph's interpolation: 9.4e-4 apart.
  @Test(arguments: ["", "_odd"])
  func sinogramsOverlayScikitImages(suffix: String) throws {
    let image = try fixture("image\(suffix)")
    let expected = try fixture("scikit-image_radon\(suffix)").transposed
    let scan = ScanGeometry(angles: Self.angles, binCount: image.columns)
    let projector = Projector(scan, SliceGrid(rows: image.rows, columns: image.columns))
    #expect(projector.project(image).relativeDistance(to: expected) < 2e-3)
  }

  // The same interpolation: what is left is rounding.
  @Test func sinogramsOverlayAstras() throws {
    let image = try fixture("image")
    let (scan, grid) = astraGeometry(size: 64)
    let sinogram = Projector(scan, grid).project(image)
    #expect(sinogram.relativeDistance(to: try fixture("astra_linear")) < 1e-4)
  }

  @Test func lengthsAreInTheUnitOfThePixelSize() throws {
    let image = try fixture("image")
    let (scan, grid) = astraGeometry(size: 64, pixelSize: 0.5)
    let sinogram = Projector(scan, grid).project(image)
    #expect(sinogram.relativeDistance(to: try fixture("astra_linear_halfpixel")) < 1e-4)
  }

  @Test func theAdjointOverlaysAstras() throws {
    let (scan, grid) = astraGeometry(size: 64)
    let slice = Projector(scan, grid).backproject(try fixture("astra_linear"))
    #expect(slice.relativeDistance(to: try fixture("astra_backproject_linear")) < 1e-4)
  }

  // ASTRA's fan projector weighs pixels by the lengths of the ray inside them: another interpolation.
  @Test func fanSinogramsOverlayAstras() throws {
    let image = try fixture("image")
    let scan = ScanGeometry(
      beam: .fan(sourceToOrigin: 150, sourceToDetector: 250),
      angles: degrees(stride(from: 0, to: 360, by: 4)), binCount: 121, binWidth: 1.5,
      convention: .astra)
    let grid = SliceGrid(rows: 64, columns: 64, convention: .astra)
    let sinogram = Projector(scan, grid).project(image)
    #expect(sinogram.relativeDistance(to: try fixture("fan_astra_line_fanflat")) < 1e-2)
  }

  @Test(arguments: [
    (RampFilter.Window.ramLak, "ramp"), (.sheppLogan, "shepp-logan"), (.cosine, "cosine"),
    (.hamming, "hamming"), (.hann, "hann"),
  ])
  func slicesOverlayScikitImages(window: RampFilter.Window, name: String) throws {
    let sinogram = try fixture("scikit-image_radon").transposed
    let scan = ScanGeometry(angles: Self.angles, binCount: 64)
    let grid = SliceGrid(rows: 64, columns: 64)
    let slice = FilteredBackprojection(scan, grid, window: window).reconstruct(sinogram)
    // At the rim scikit-image interpolates towards a bin beyond the detector.
    let inside = grid.circle(radius: 30)
    let expected = try fixture("scikit-image_iradon_\(name)")
    #expect(slice.relativeDistance(to: expected, where: inside) < 1e-5)
  }

  // ASTRA's FBP uses the adjoint of its projector, ours interpolates between bins.
  @Test(arguments: [
    (RampFilter.Window.ramLak, "ram-lak"), (.sheppLogan, "shepp-logan"), (.hann, "hann"),
  ])
  func slicesOverlayAstras(window: RampFilter.Window, name: String) throws {
    let (scan, grid) = astraGeometry(size: 64)
    let slice = FilteredBackprojection(scan, grid, window: window, convention: .astra)
      .reconstruct(try fixture("astra_linear"))
    let inside = grid.circle(radius: 30)
    let expected = try fixture("astra_fbp_\(name)")
    #expect(slice.relativeDistance(to: expected, where: inside) < 2e-2)
  }

  private func astraGeometry(size: Int, pixelSize: Double = 1) -> (ScanGeometry, SliceGrid) {
    (
      ScanGeometry(
        angles: Self.angles, binCount: 93, binWidth: pixelSize, convention: .astra),
      SliceGrid(rows: size, columns: size, pixelSize: pixelSize, convention: .astra)
    )
  }
}
