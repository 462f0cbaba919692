import Compute
import Foundation
import Testing
import Tomography

struct FlatFieldTests {
  /// Fields whose bins differ, and counts of known line integrals.
  static func scene() -> (truth: Matrix, raw: Matrix, flats: Matrix, darks: Matrix) {
    let (views, bins) = (7, 30)
    var random = SplitMix64(seed: 4)
    let gains = (0..<bins).map { _ in Float(1000 * (1 + 0.3 * random.nextNormal().magnitude)) }
    let darkLevels = (0..<bins).map { _ in Float(90 + 20 * random.nextUnit()) }
    var truth = Matrix(rows: views, columns: bins)
    var raw = truth
    for view in 0..<views {
      for bin in 0..<bins {
        truth[view, bin] = bin < 4 || bin > 25 ? 0 : Float(view + bin) / 20
        raw[view, bin] = darkLevels[bin] + gains[bin] * exp(-truth[view, bin])
      }
    }
    let flats = Matrix(
      rows: 3, columns: bins,
      elements: [-1, 0, 1].flatMap { shift in (0..<bins).map { darkLevels[$0] + gains[$0] + shift }
      })
    return (truth, raw, flats, Matrix(rows: 1, columns: bins, elements: darkLevels))
  }

  @Test(arguments: FlatFieldCorrection.FrameSummary.allCases)
  func countsGiveTheLineIntegralsBack(summary: FlatFieldCorrection.FrameSummary) throws {
    let (truth, raw, flats, darks) = Self.scene()
    let result = try FlatFieldCorrection(flats: flats, darks: darks, summary: summary)
      .apply(to: raw)
    #expect(zip(result.sinogram.elements, truth.elements).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(result.clampedCount == 0 && result.darkCount == 0)
  }

  @Test func aMedianIgnoresABadFrame() throws {
    let (truth, raw, flats, darks) = Self.scene()
    var bad = flats
    bad[0, 10] = 60_000
    let median = try FlatFieldCorrection(flats: bad, darks: darks, summary: .median).apply(to: raw)
    let mean = try FlatFieldCorrection(flats: bad, darks: darks).apply(to: raw)
    // The middle of the other two frames is one count off.
    #expect(abs(median.sinogram[3, 10] - truth[3, 10]) < 2e-3)
    #expect(abs(mean.sinogram[3, 10] - truth[3, 10]) > 1)
  }

  @Test func darkValuesAreClampedAndCounted() throws {
    let (_, original, flats, darks) = Self.scene()
    var raw = original
    raw[2, 9] = darks[0, 9] - 5
    raw[4, 11] = darks[0, 11]
    raw[5, 12] = darks[0, 12] + 0.5 * (raw[5, 12] - darks[0, 12])
    let result = try FlatFieldCorrection(flats: flats, darks: darks, floor: 0.01).apply(to: raw)
    #expect(result.clampedCount == 2 && result.darkCount == 2)
    #expect(abs(Double(result.sinogram[2, 9]) + log(0.01)) < 1e-5)
  }

  @Test func airBinsTakeOutAFluctuatingBeam() throws {
    let (truth, original, flats, darks) = Self.scene()
    var raw = original
    for view in 0..<raw.rows {
      for bin in 0..<raw.columns {
        // Brightness and a tilt that differ from view to view.
        let share = min(max((Float(bin) - 1.5) / 26, 0), 1)
        let beam = 1 + 0.1 * Float(view) + 0.2 * share * Float(view - 3) / 3
        raw[view, bin] = darks[0, bin] + (raw[view, bin] - darks[0, bin]) * beam
      }
    }
    var correction = try FlatFieldCorrection(flats: flats, darks: darks)
    #expect(try correction.apply(to: raw).sinogram.relativeDistance(to: truth) > 0.1)
    correction.airBins = 4
    // Within the air bins the beam still tilts: 0.2 · 1.5/26.
    #expect(try correction.apply(to: raw).sinogram.relativeDistance(to: truth) < 0.01)
  }

  @Test func impossibleDataIsNamed() throws {
    let (_, raw, flats, darks) = Self.scene()
    #expect(throws: PreparationError.wrongBinCount(of: "dark", found: 5, expected: 30)) {
      try FlatFieldCorrection(flats: flats, darks: Matrix(rows: 1, columns: 5))
    }
    #expect(throws: PreparationError.noFrames(of: "flat")) {
      try FlatFieldCorrection(flats: Matrix(rows: 0, columns: 30), darks: darks)
    }
    let swapped = #expect(throws: PreparationError.self) {
      try FlatFieldCorrection(flats: darks, darks: flats)
    }
    #expect(swapped?.description.contains("bin 0, expected more light") == true)
    let correction = try FlatFieldCorrection(flats: flats, darks: darks)
    #expect(throws: PreparationError.wrongBinCount(of: "flat", found: 30, expected: 31)) {
      try correction.apply(to: Matrix(rows: 2, columns: 31))
    }
    var bad = raw
    bad[6, 29] = .nan
    #expect(throws: PreparationError.notFinite(in: "views", row: 6, bin: 29)) {
      try correction.apply(to: bad)
    }
    bad[6, 29] = -2000
    let negative = #expect(throws: PreparationError.self) { try correction.apply(to: bad) }
    #expect(negative?.description.contains("-2000.0 counts in view 6, bin 29") == true)
    var wide = correction
    wide.airBins = 15
    #expect(throws: PreparationError.tooManyAirBins(asked: 15, bins: 30)) {
      try wide.apply(to: raw)
    }
    var dark = raw
    for bin in 0..<30 { dark[1, bin] = darks[0, bin] }
    wide.airBins = 4
    #expect(throws: PreparationError.darkAir(view: 1)) { try wide.apply(to: dark) }
  }

  @Test(arguments: [AirOffset.constant(bins: 4), .line(bins: 4)])
  func airBecomesZero(offset: AirOffset) throws {
    let truth = Self.scene().truth
    var shifted = truth
    for i in shifted.elements.indices {
      let tilt: Float = offset == .constant(bins: 4) ? 0 : 0.03 * Float(i % 30) / 30
      shifted.elements[i] += 0.7 + tilt
    }
    // One stripe in the air.
    for view in 0..<shifted.rows { shifted[view, 0] += 5 }
    let result = try offset.removed(from: shifted)
    for view in 0..<truth.rows {
      for bin in 1..<truth.columns {
        #expect(abs(result[view, bin] - truth[view, bin]) < 5e-3)
      }
    }
    #expect(throws: PreparationError.tooManyAirBins(asked: 15, bins: 30)) {
      try AirOffset.constant(bins: 15).removed(from: truth)
    }
  }
}
