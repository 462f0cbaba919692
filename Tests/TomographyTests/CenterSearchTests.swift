import Compute
import Foundation
import Testing
import Tomography

struct CenterSearchTests {
  /// A head beside the axis, so that nothing is symmetric about it.
  static let head = EllipsePhantom(
    EllipsePhantom.modifiedSheppLogan.ellipses.map {
      var ellipse = $0
      ellipse.centerX += 0.06
      ellipse.centerY -= 0.04
      return ellipse
    })

  static func scan(views: Int, center: Double, bins: Int = 256) -> ScanGeometry {
    ScanGeometry(
      angles: ScanGeometry.angles(from: 0.2, to: 0.2 + .pi, count: views), binCount: bins,
      center: center)
  }

  @Test(arguments: [(180, 127.5), (60, 131.3), (60, 120.77), (30, 133.9), (180, 104.2)])
  func theAxisIsFoundWithinATenthOfABin(views: Int, center: Double) throws {
    let scan = Self.scan(views: views, center: center)
    let radius = center < 110 ? 90.0 : 100
    let result = try CenterSearch().find(in: Self.head.sinogram(of: scan, radius: radius), of: scan)
    #expect(abs(result.center - center) < 0.1, "\(result.center)")
    #expect(result.fineCurve.count == 9 && result.contrast > 1)
    #expect(result.coarseCurve.map(\.center) == result.coarseCurve.map(\.center).sorted())
  }

  /// Only a few bins of air on one side: what the filter spreads beyond the detector matters.
  @Test func anObjectNextToTheEndOfTheDetectorIsFoundToo() throws {
    let scan = Self.scan(views: 60, center: 111.2)
    let disc = EllipsePhantom([
      Ellipse(semiAxisX: 1, semiAxisY: 0.9),
      Ellipse(value: -0.5, centerX: 0.3, centerY: 0.4, semiAxisX: 0.3, semiAxisY: 0.2),
      Ellipse(value: 1, centerX: -0.4, centerY: 0.1, semiAxisX: 0.1, semiAxisY: 0.2),
    ])
    let result = try CenterSearch().find(in: disc.sinogram(of: scan, radius: 106), of: scan)
    #expect(abs(result.center - 111.2) < 0.1, "\(result.center)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func noiseDoesNotMoveTheAxis(seed: UInt64) throws {
    let scan = Self.scan(views: 60, center: 124.6)
    let clean = Self.head.sinogram(of: scan, radius: 100)
    let noise = PhotonNoise(photons: 1e4, attenuation: .peak(4))
    let noisy = noise.applied(to: clean, seed: seed).sinogram
    let result = try CenterSearch().find(in: noisy, of: scan)
    #expect(abs(result.center - 124.6) < 0.1, "\(result.center)")
  }

  @Test func airStripesAndAWholeTurnDoNotMoveTheAxis() throws {
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: 2 * .pi, count: 240), binCount: 200, center: 101.4)
    var sinogram = Self.head.sinogram(of: scan, radius: 80)
    for view in 0..<scan.viewCount {
      for bin in 0..<scan.binCount {
        sinogram[view, bin] += 7 + (bin % 37 == 5 ? 2 : 0)
      }
    }
    let result = try CenterSearch().find(in: sinogram, of: scan)
    #expect(abs(result.center - 101.4) < 0.15, "\(result.center)")
  }

  /// In golden steps over many turns; half of the views see the half turn that is looked at.
  @Test func anglesMayComeInAnyOrder() throws {
    let step = Double.pi * (3 - 5.0.squareRoot())
    let angles = (0..<240).map { Double($0) * step }
    let scan = ScanGeometry(angles: angles, binCount: 200, center: 97.2)
    let result = try CenterSearch().find(in: Self.head.sinogram(of: scan, radius: 80), of: scan)
    #expect(abs(result.center - 97.2) < 0.1, "\(result.center)")
  }

  @Test func oppositeViewsTellTheAxisToo() throws {
    let scan = Self.scan(views: 360, center: 131.3)
    let result = try CenterSearch().find(in: Self.head.sinogram(of: scan, radius: 100), of: scan)
    let opposite = try #require(result.oppositeViews)
    // The last view is half a degree short of half a turn: a point 100 bins off moves 0.9 bins.
    #expect(abs(opposite - 131.3) < 0.6)
    let mass = try #require(result.centerOfMass)
    #expect(abs(mass - 131.3) < 0.02)
  }

  @Test func whatCannotBeSearchedIsNamed() throws {
    let short = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: 2, count: 40), binCount: 64)
    let blank = { (scan: ScanGeometry) in Matrix(rows: scan.viewCount, columns: scan.binCount) }
    let error = #expect(throws: PreparationError.self) {
      try CenterSearch().find(in: blank(short), of: short)
    }
    #expect(error?.description.contains("over 115 degrees") == true)
    var fan = Self.scan(views: 40, center: 20, bins: 64)
    fan.beam = .fan(sourceToOrigin: 100, sourceToDetector: 200)
    #expect(throws: PreparationError.fanBeam) { try CenterSearch().find(in: blank(fan), of: fan) }
    let few = Self.scan(views: 5, center: 20, bins: 64)
    #expect(throws: PreparationError.tooSmall(views: 5, bins: 64)) {
      try CenterSearch().find(in: blank(few), of: few)
    }
    var broken = Matrix(rows: 40, columns: 64)
    broken[3, 9] = .nan
    let scan = Self.scan(views: 40, center: 20, bins: 64)
    #expect(throws: PreparationError.notFinite(in: "sinogram", row: 3, bin: 9)) {
      try CenterSearch().find(in: broken, of: scan)
    }
    let flat = Self.scan(views: 40, center: 20, bins: 64)
    #expect(throws: PreparationError.noContrast) {
      try CenterSearch().find(in: blank(flat), of: flat)
    }
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let scan = Self.scan(views: 40, center: 60, bins: 128)
    let sinogram = Self.head.sinogram(of: scan, radius: 50)
    let one = try CenterSearch(workers: Workers(count: 1)).find(in: sinogram, of: scan)
    let four = try CenterSearch(workers: Workers(count: 4)).find(in: sinogram, of: scan)
    #expect(one == four)
  }
}
