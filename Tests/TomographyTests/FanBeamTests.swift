import Compute
import Foundation
import TestSupport
import Testing
import Tomography

struct FanBeamTests {
  static let disc = Disc(x: 11, y: -7, radius: 16)
  static let grid = SliceGrid(rows: 81, columns: 75)

  static func scan(_ angles: [Double], distance: Double = 120) -> ScanGeometry {
    let beam = ScanGeometry.Beam.fan(sourceToOrigin: distance, sourceToDetector: 1.5 * distance)
    return ScanGeometry(beam: beam, angles: angles, binCount: 151, binWidth: 1.3, center: 75.25)
  }

  /// Checks the disc's value and place; in the air around it are streaks of at most `air`.
  static func expectDisc(
    _ angles: [Double], deviation: Double, air: Double, location: SourceLocation = #_sourceLocation
  ) {
    let scan = scan(angles)
    let slice = FilteredBackprojection(scan, grid).reconstruct(disc.sinogram(scan))
    let found = disc.statistics(of: slice, grid)
    let background = disc.background(of: slice, grid, radius: 36)
    #expect(
      abs(found.mean - 1) < 1e-3 && found.deviation < deviation && background < air,
      "\(found), air \(background)", sourceLocation: location)
  }

  @Test(arguments: [1.0, -1], [0, 0.3, -20])
  func aFullTurnGivesTheDisc(direction: Double, start: Double) {
    let turn = 2 * .pi * direction
    Self.expectDisc(
      ScanGeometry.angles(from: start, to: start + turn, count: 360), deviation: 1e-3, air: 8e-3)
    Self.expectDisc(
      ScanGeometry.angles(from: start, to: start + turn, count: 361, includingStop: true),
      deviation: 1e-3, air: 8e-3)
    Self.expectDisc(
      ScanGeometry.angles(from: start, to: start + 2 * turn, count: 700), deviation: 1e-3, air: 8e-3
    )
  }

  // The fan's full angle is 57°; without weights the disc would be at 1.15 to 1.3.
  @Test(arguments: [1.0, -1], [0, 0.3, -20])
  func aShortScanGivesTheDisc(direction: Double, start: Double) {
    for (arc, count) in [(238.0, 240), (252, 250), (300, 300), (340, 340)] {
      let angles = ScanGeometry.angles(
        from: start, to: start + direction * arc * .pi / 180, count: count)
      Self.expectDisc(angles, deviation: 2e-3, air: 0.025)
      Self.expectDisc(
        angles.map { $0.truncatingRemainder(dividingBy: 2 * .pi) }, deviation: 2e-3, air: 0.025)
    }
  }

  @Test func viewsMayComeInAnyOrder() {
    var random = SplitMix64(seed: 3)
    let angles = ScanGeometry.angles(from: 1, to: 1 + 1.4 * .pi, count: 200)
    let shuffled = angles.map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
    func slice(_ angles: [Double]) -> Matrix {
      let scan = Self.scan(angles)
      return FilteredBackprojection(scan, Self.grid).reconstruct(Self.disc.sinogram(scan))
    }
    #expect(slice(shuffled).relativeDistance(to: slice(angles)) < 1e-6)
  }

  @Test func theScaleIsThatOfThePixelSize() {
    for unit in [0.05, 20] {
      let beam = ScanGeometry.Beam.fan(sourceToOrigin: 120 * unit, sourceToDetector: 300 * unit)
      let scan = ScanGeometry(
        beam: beam, angles: ScanGeometry.angles(from: 0, to: 2 * .pi, count: 360), binCount: 240,
        binWidth: 1.1 * unit)
      let grid = SliceGrid(rows: 81, columns: 81, pixelSize: unit)
      let disc = Disc(x: 11 * unit, y: -7 * unit, radius: 16 * unit)
      let slice = FilteredBackprojection(scan, grid).reconstruct(disc.sinogram(scan))
      #expect(abs(disc.statistics(of: slice, grid).mean - 1) < 1e-3)
    }
  }

  @Test func aLimitedArcStaysSane() {
    let scan = Self.scan(ScanGeometry.angles(from: 0.2, to: 0.2 + .pi / 3, count: 60))
    let slice = FilteredBackprojection(scan, Self.grid).reconstruct(Self.disc.sinogram(scan))
    let found = Self.disc.statistics(of: slice, Self.grid)
    #expect(found.mean > 0.2 && found.mean < 0.6)
    #expect(slice.elements.allSatisfy { abs($0) < 2 })
    // One view, too.
    let alone = Self.scan([0.4])
    let streaks = FilteredBackprojection(alone, Self.grid).reconstruct(Self.disc.sinogram(alone))
    #expect(streaks.elements.allSatisfy { $0.isFinite && abs($0) < 20 })
  }

  // MARK: Against parallel beams

  @Test func aDistantSourceIsAParallelBeam() {
    let angles = ScanGeometry.angles(from: 0, to: 2 * .pi, count: 60)
    let slice = SymmetryTests.randomSlice(40, 40)
    let grid = SliceGrid(rows: 40, columns: 40)
    // Rays diverge by 20 · 30 / 10⁶ pixels at the rim.
    let beam = ScanGeometry.Beam.fan(sourceToOrigin: 1e6, sourceToDetector: 1e6)
    let fan = ScanGeometry(beam: beam, angles: angles, binCount: 61)
    let parallel = ScanGeometry(angles: angles, binCount: 61)

    let expected = Projector(parallel, grid).project(slice)
    #expect(Projector(fan, grid).project(slice).relativeDistance(to: expected) < 2e-3)

    let disc = Disc(x: 6, radius: 12).sinogram(parallel)
    let slices = [fan, parallel].map { FilteredBackprojection($0, grid).reconstruct(disc) }
    #expect(slices[0].relativeDistance(to: slices[1]) < 1e-3)
  }

  /// The fan's rays, sorted into parallel views, have the same integrals.
  @Test func rebinnedRaysAreThoseOfAParallelBeam() {
    let distance = 150.0
    let beam = ScanGeometry.Beam.fan(sourceToOrigin: distance, sourceToDetector: 200)
    let grid = SliceGrid(rows: 64, columns: 64)
    let slice = SymmetryTests.blob(grid, x: 9, y: 5, sigma: 5)
    for bin in [10, 40, 50, 77, 95] {
      let fan = ScanGeometry(beam: beam, angles: [0.4, 3], binCount: 101)
      let fanAngle = atan2(fan.detectorPosition(ofBin: bin), 200)
      // Turned by −γ against its view, at R sin γ from the axis.
      let parallel = ScanGeometry(
        angles: fan.angles.map { $0 - fanAngle }, binCount: 1,
        center: -distance * sin(fanAngle))
      let found = Projector(fan, grid).project(slice)
      let expected = Projector(parallel, grid).project(slice)
      for view in 0..<2 { #expect(abs(found[view, bin] - expected[view, 0]) < 2e-3) }
    }
  }

  // MARK: Redundancy

  /// Both views of a line, within the arc, share the weight 1.
  @Test(arguments: [60.0, 179, 181, 200, 237, 252, 300, 350, 360])
  func theWeightsOfALineAddUpToOne(arc: Double) {
    let count = 1000
    let angles = ScanGeometry.angles(from: 2, to: 2 + arc * .pi / 180, count: count)
    let scan = Self.scan(angles)
    let redundancy = FanRedundancy(scan)
    let step = arc * .pi / 180 / Double(count)
    let excess = (arc - 180) * .pi / 180
    var pairs = 0
    for view in stride(from: 0, to: count, by: 7) {
      for bin in stride(from: 0, to: scan.binCount, by: 5) {
        let fanAngle = scan.fanAngle(ofBin: bin)
        let weight = redundancy.weight(view: view, fanAngle: fanAngle)
        #expect(weight >= 0 && weight <= 1)
        let turn = .pi - 2 * fanAngle
        // Where else the line is seen, if anywhere; on a full circle on both sides.
        let others = [Double(view) + turn / step, Double(view) - (2 * .pi - turn) / step]
          .map { Int($0.rounded()) }
          .filter { (0..<count).contains($0) }
        guard let other = others.first else { continue }
        pairs += 1
        let sum = weight + redundancy.weight(view: other, fanAngle: -fanAngle)
        // Within one view's step the weights change by at most π/2 · step / (their rise's length).
        let length = min(abs(excess + 2 * fanAngle), abs(excess - 2 * fanAngle))
        #expect(abs(sum - 1) < 1.6 * step / max(length, step), "view \(view), bin \(bin)")
      }
    }
    if arc > 180 { #expect(pairs > 50) }
  }

  @Test func aLineThatIsSeenOnceCountsWhole() {
    let scan = Self.scan(ScanGeometry.angles(from: 0, to: .pi / 2, count: 90))
    let redundancy = FanRedundancy(scan)
    for view in 0..<90 {
      for bin in 0..<scan.binCount {
        #expect(redundancy.weight(view: view, fanAngle: scan.fanAngle(ofBin: bin)) == 1)
      }
    }
  }
}
