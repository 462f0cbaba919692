import Compute
import Foundation
import TestSupport
import Testing
import Tomography

@Suite struct ReprojectionTests {
  private func fit(_ configuration: SliceFitConfiguration) throws -> SliceFit {
    try SliceFit(
      configuration, sinogram: FitSample.data(configuration).sinogram, workers: Workers(count: 2))
  }

  @Test func whereAllViewsAreMeasuredItIsTheFilteredBackProjection() throws {
    let configuration = FitSample.configuration(views: 18)
    let fit = try fit(configuration)
    let expected = FilteredBackprojection(configuration.scan, configuration.grid)
      .reconstruct(fit.sinogram)
    // The slice has no say then, nor has it for fewer views.
    for count in [18, 9] {
      let slice = Matrix(rows: 24, columns: 24, elements: Array(repeating: 7, count: 576))
      let found = fit.reprojected(slice, count: count)
      #expect(
        relativeDeviation(found.elements, from: expected.elements.map(Double.init)) < 1e-5)
    }
  }

  @Test func measuredViewsKeepTheirPlacesAmongMany() throws {
    // Every third of 54 views is measured, beginning in the middle of the turn.
    var configuration = FitSample.configuration(views: 18)
    configuration.scan.angles = configuration.scan.angles.map { $0 + 1 }
    let fit = try fit(configuration)
    var random = SplitMix64(seed: 2)
    let slice = Matrix.random(24, 24, using: &random)
    var dense = configuration.scan
    dense.angles = (0..<54).map { 1 + .pi * Double($0) / 54 }
    var all = Projector(dense, configuration.grid).project(slice)
    for view in 0..<18 {
      for bin in 0..<33 { all[3 * view, bin] = fit.sinogram[view, bin] }
    }
    let expected = FilteredBackprojection(dense, configuration.grid).reconstruct(all)
    let found = fit.reprojected(slice, count: 54)
    // The sum over the views has another order.
    #expect(relativeDeviation(found.elements, from: expected.elements.map(Double.init)) < 1e-4)
  }

  @Test func theTruthReprojectedIsTheBackProjectionOfManyViews() throws {
    var configuration = FitSample.configuration(size: 32, views: 12)
    configuration.scan.angles = ScanGeometry.angles(from: 0, to: .pi, count: 12)
    let fit = try fit(configuration)
    let (_, truth) = FitSample.data(configuration)
    var many = configuration
    many.scan.angles = ScanGeometry.angles(from: 0, to: .pi, count: 96)
    let expected = FilteredBackprojection(many.scan, many.grid).reconstruct(
      FitSample.data(many).sinogram)
    let few = FilteredBackprojection(configuration.scan, configuration.grid)
      .reconstruct(fit.sinogram)
    let found = fit.reprojected(truth, count: 96)
    #expect(FitSample.psnr(found, expected) > FitSample.psnr(few, expected) + 8)
  }

  @Test func aFanIsReprojectedOverTheWholeTurn() throws {
    let scan = ScanGeometry(
      beam: .fan(sourceToOrigin: 100, sourceToDetector: 150),
      angles: ScanGeometry.angles(from: 0, to: 2 * .pi, count: 16), binCount: 51, binWidth: 1.5)
    let configuration = FitSample.configuration(scan, SliceGrid(rows: 24, columns: 24))
    let fit = try fit(configuration)
    let (_, truth) = FitSample.data(configuration)
    let found = fit.reprojected(truth, count: 128)
    let few = FilteredBackprojection(scan, configuration.grid).reconstruct(fit.sinogram)
    #expect(FitSample.psnr(found, truth) > FitSample.psnr(few, truth) + 3)
  }
}
