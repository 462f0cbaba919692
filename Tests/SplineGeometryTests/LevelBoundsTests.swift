import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

/// The walk for a level leaves out cells by bounds; the walk for all regions has none.
@Suite struct LevelBoundsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let sizes: [Int]
    let seeds: ClosedRange<UInt64>
    var testDescription: String { "\(sizes)" }
  }

  /// Networks, with the slopes of other tests and above 1: many undecided layers; many undecided
  /// neurons, more than have a column of their own (92); widths that are no multiple of 8.
  static let cases = [
    Case(sizes: [3, 11, 1], seeds: 1...10),
    Case(sizes: [3, 9, 12, 7, 1], seeds: 1...24),
    Case(sizes: [3, 8, 8, 8, 8, 8, 8, 1], seeds: 1...12),
    Case(sizes: [3, 24, 24, 24, 24, 24, 24, 1], seeds: 2...2),
    Case(sizes: [2, 30, 17, 30, 20, 1], seeds: 1...12),
  ]
  static let slopes: [Float?] = [nil, 0.1, -0.5, 1.5]

  @Test(arguments: cases)
  func noRegionThatHasTheLevelIsLeftOut(_ networks: Case) throws {
    for seed in networks.seeds {
      let slope = Self.slopes[Int(seed) % Self.slopes.count]
      let spline = try SplineNetwork(
        SampleSpline.random(networks.sizes, slope: slope, seed: seed))
      let level = try Self.middleLevel(of: spline, seed: seed)
      let wanted = try Self.crossings(of: spline, level: level)
      let found: (pieces: Int, visited: Int)
      if spline.inputs == 3 {
        let surface = try spline.levelSurface(level: level, in: SampleSpline.box(1))
        found = (surface.levelFaceCount, surface.report.visitedCellCount)
      } else {
        let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
        let contour = try spline.levelContour(level: level, in: square)
        found = (contour.segmentCount, contour.report.visitedCellCount)
      }
      #expect(wanted.crossed > 0, "seed \(seed)")
      #expect(found.pieces == wanted.crossed, "seed \(seed)")
      #expect(found.visited <= wanted.regions, "seed \(seed)")
    }
  }

  /// Of a trained network with three layers, only some regions near the surface are visited in vain.
  @Test func fewRegionsAreVisitedInVain() throws {
    let golden = try GoldenSpline("torus_3x64")
    let surface = try golden.spline.levelSurface(in: golden.box)
    // 16,736 for 15,156 faces.
    #expect(surface.report.visitedCellCount <= surface.mesh.faceCount * 113 / 100)
  }

  /// The regions in which an output passes the level, and all regions.
  private static func crossings(
    of spline: SplineNetwork, level: Double
  ) throws -> (crossed: Int, regions: Int) {
    let domain =
      spline.inputs == 3
      ? try SplineDomain.box(SampleSpline.box(1)) : try .rectangle(x: -1...1, y: -1...1)
    let isCrossed = try spline.mapRegions(in: domain) { region in
      let values = region.vertices.map { region.map(coordinates($0, of: spline))[0] - level }
      // Levels are drawn, so none passes a vertex at less than this.
      return values.contains { $0 > 1e-11 } && values.contains { $0 < -1e-11 }
    }
    return (isCrossed.count { $0 }, isCrossed.count)
  }

  /// The function at a point near the middle, so that the level is met.
  private static func middleLevel(of spline: SplineNetwork, seed: UInt64) throws -> Double {
    var random = SplitMix64(seed: seed &+ 1000)
    return spline.values(
      at: coordinates(.random(in: -0.4...0.4, using: &random), of: spline))[0]
  }
}
