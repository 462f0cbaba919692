import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

@Suite struct LevelSurfaceTests {
  static let golden = [
    "torus_3x64", "he_3_32_32_32_1", "iso_3x64_s16_q05", "iso_4x32_s2_q02", "deg_l1ball",
    "deg_polytope", "deg_polytope_noise1e-7",
  ]

  @Test(arguments: golden) func surfacesAreThoseOfOtherPrograms(name: String) throws {
    let golden = try GoldenSpline(name)
    let surface = try golden.spline.levelSurface(in: golden.box)
    let (mesh, report) = (surface.mesh, surface.mesh.report())
    let expected = try #require(golden.values.surface)
    #expect(report.vertexCount == expected.vertices && report.unusedVertexCount == 0)
    #expect(report.edgeCount == expected.edges && report.faceCount == expected.faces)
    #expect(report.eulerCharacteristic == expected.euler)
    #expect(report.componentCount == expected.components)
    #expect(report.openEdgeCount == expected.boundaryEdges)
    #expect(report.nonManifoldEdgeCount == 0 && report.inconsistentEdgeCount == 0)
    // The reference's areas have 12 digits.
    #expect(abs(mesh.area / expected.area - 1) <= 1e-11)
    if let volume = expected.enclosedVolume {
      // Positive: the faces point away from f < 0.
      #expect(abs(mesh.signedVolume / volume - 1) <= 1e-11)
    }
    if let sizes = expected.faceSizes {
      let found = (0..<mesh.faceCount).reduce(into: [:]) {
        $0["\(mesh.corners(ofFace: $1).count)", default: 0] += 1
      }
      #expect(found == sizes)
    }
    #expect(surface.report.isWatertight && surface.report.flatCellCount == 0)
  }

  @Test(arguments: ["torus_3x64", "he_3_32_32_32_1", "deg_polytope_noise1e-7"])
  func theFunctionHasTheLevelOnAllOfEachFace(name: String) throws {
    let golden = try GoldenSpline(name)
    let mesh = try golden.spline.levelSurface(level: 0.01, in: golden.box).mesh
    #expect(mesh.faceCount > 30)
    var random = SplitMix64(seed: 4)
    for face in stride(from: 0, to: mesh.faceCount, by: 1 + mesh.faceCount / 500) {
      let points = mesh.corners(ofFace: face).map { mesh.positions[Int($0)] }
      let weights = points.map { _ in Double.random(in: 0...1, using: &random) }
      let inside =
        zip(points, weights).map { $0 * $1 }.reduce(.zero, +) / weights.reduce(0, +)
      for point in points + [inside] {
        // f is of size 1, and rounds to 2e-16 of it in each of some 100 operations.
        #expect(
          abs(golden.spline.values(at: coordinates(point, of: golden.spline))[0] - 0.01) <= 1e-13)
      }
    }
  }

  @Test func aClosedGenericSurfaceHasFourFacesAtEachVertex() throws {
    let golden = try GoldenSpline("torus_3x64")
    let mesh = try golden.spline.levelSurface(in: golden.box).mesh
    var degrees = [Int](repeating: 0, count: mesh.vertexCount)
    for corner in mesh.corners { degrees[Int(corner)] += 1 }
    #expect(degrees.allSatisfy { $0 == 4 })
    let report = mesh.report()
    #expect(report.edgeCount == 2 * report.vertexCount)
    #expect(report.isSolid && report.degenerateFaceCount == 0)
  }

  @Test(arguments: [1, 2, 4])
  func theL1BallIsAnOctahedronHoweverOftenItsNeuronsRepeat(copies: Int) throws {
    let ball = try SampleSpline.l1Ball(3, copies: copies)
    for level in [-0.5, 0, 0.25] {
      let surface = try ball.levelSurface(level: level, in: SampleSpline.box(2))
      let report = surface.mesh.report()
      #expect(report.vertexCount == 6 && report.faceCount == 8 && report.isSolid)
      let radius = 1 + level
      #expect(abs(surface.mesh.signedVolume - 4 / 3.0 * radius * radius * radius) <= 1e-14)
      for p in surface.mesh.positions {
        #expect(p.min() + p.max() == radius || p.min() + p.max() == -radius)
      }
    }
    // One point is no surface, and below there is nothing.
    for level in [-1, -1.5] {
      #expect(try ball.levelSurface(level: level, in: SampleSpline.box(2)).mesh.faceCount == 0)
    }
  }

  @Test func theLargestCoordinateMakesACube() throws {
    let mesh = try SampleSpline.cube().levelSurface(in: SampleSpline.box(1.5)).mesh
    let report = mesh.report()
    // The coordinate planes divide each side into four, |y| = |x| those above and below into eight.
    #expect(report.vertexCount == 26)
    #expect(report.faceCount == 32)
    #expect(report.isSolid)
    #expect(mesh.area == 24 && mesh.signedVolume == 8)
  }

  @Test func theSurfaceThatReachesTheBoxEndsThere() throws {
    let ball = try SampleSpline.l1Ball(3)
    let mesh = try ball.levelSurface(in: SampleSpline.box(0.75)).mesh
    let report = mesh.report()
    // Each tip is cut off, and leaves a square hole.
    #expect(report.openEdgeCount == 24 && report.vertexCount == 24 && report.faceCount == 8)
    let flush = try ball.levelSurface(in: SampleSpline.box(1)).mesh.report()
    #expect(flush.vertexCount == 6 && flush.isSolid)
  }

  @Test func facesPointAwayFromTheInside() throws {
    let ball = try SampleSpline.l1Ball(3)
    let below = try ball.levelSurface(in: SampleSpline.box(2), inside: .below).mesh
    let above = try ball.levelSurface(in: SampleSpline.box(2), inside: .above).mesh
    #expect(below.signedVolume > 1 && above.signedVolume == -below.signedVolume)
    #expect(below.positions == above.positions)
  }

  @Test func aFlatLevelGivesTheBoundaryOfWhatIsAboveIt() throws {
    let box = SampleSpline.box(1)
    // max(|x| − ½, 0): two planes around a flat layer.
    let layer = try SampleSpline.spline([
      ([[1, 0, 0], [-1, 0, 0]], [0, 0]), ([[1, 1]], [-0.5]), ([[1]], [0]),
    ])
    let both = try layer.levelSurface(in: box)
    #expect(both.report.flatCellCount == 2)
    #expect(both.mesh.faceCount == 2 && both.mesh.area == 8)
    #expect(both.mesh.positions.allSatisfy { abs($0.x) == 0.5 })
    // Inside is where f is not above 0, and that is between the planes.
    #expect(both.mesh.signedVolume > 0)
    // |x| touches 0 from above on both sides, and −max(x, 0) is nowhere above it.
    let touching = try SampleSpline.spline([
      ([[1, 0, 0], [-1, 0, 0]], [0, 0]), ([[1, 1]], [0]),
    ])
    #expect(try touching.levelSurface(in: box).mesh.faceCount == 0)
    let below = try SampleSpline.spline([([[1, 0, 0]], [0]), ([[-1]], [0])])
    let nothing = try below.levelSurface(in: box)
    #expect(nothing.mesh.faceCount == 0 && nothing.report.flatCellCount == 1)
    // The side of the box is no surface, though max(x + 1, 0) is 0 there.
    let side = try SampleSpline.spline([([[1, 0, 0]], [1]), ([[1]], [0])])
    #expect(try side.levelSurface(in: box).mesh.faceCount == 0)
  }

  @Test func theBoundaryOfTwoClassesIsWhereTheirOutputsAreEqual() throws {
    let network = try SampleSpline.random([3, 12, 10, 3], seed: 11)
    let spline = try SplineNetwork(network)
    let mesh = try spline.levelSurface(of: .difference(0, 2), in: SampleSpline.box(1)).mesh
    #expect(mesh.faceCount > 20)
    for p in mesh.positions {
      let values = spline.values(at: coordinates(p, of: spline))
      #expect(abs(values[0] - values[2]) <= 1e-13)
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    let golden = try GoldenSpline("iso_4x32_s2_q02")
    let once = try golden.spline.levelSurface(in: golden.box, workers: Workers(count: 1))
    for count in [2, 3, 7] {
      let again = try golden.spline.levelSurface(in: golden.box, workers: Workers(count: count))
      #expect(again.mesh == once.mesh && again.report == once.report)
    }
  }

  @Test func scaledNeuronsGiveTheSameBits() throws {
    let golden = try GoldenSpline("he_3_32_32_32_1")
    let scaled = try SplineNetwork(
      golden.network.changed { maps in
        for i in maps[0].weight.elements.indices { maps[0].weight.elements[i] *= 2 }
        for i in maps[0].bias.indices { maps[0].bias[i] *= 2 }
        for i in maps[1].weight.elements.indices { maps[1].weight.elements[i] /= 2 }
      })
    let (a, b) = (
      try golden.spline.levelSurface(in: golden.box), try scaled.levelSurface(in: golden.box)
    )
    #expect(a.mesh == b.mesh && a.mesh.faceCount == 667)
  }

  @Test func aTurnedNetworkHasTheTurnedSurface() throws {
    let golden = try GoldenSpline("he_3_32_32_32_1")
    // A quarter turn around z: (x, y, z) takes the value that (y, −x, z) had.
    let turned = try SplineNetwork(
      golden.network.changed { maps in
        for unit in 0..<32 {
          let (x, y) = (maps[0].weight[unit, 0], maps[0].weight[unit, 1])
          maps[0].weight[unit, 0] = -y
          maps[0].weight[unit, 1] = x
        }
      })
    let mesh = try golden.spline.levelSurface(in: golden.box).mesh
    for search in [LevelSearch.complete, .lattice(48)] {
      let same = try turned.levelSurface(in: golden.box, search: search).mesh
      #expect(same.report() == mesh.report())
      #expect(abs(same.area - mesh.area) <= 1e-12)
      for p in same.positions {
        let before = SIMD3(p.y, -p.x, p.z)
        #expect(mesh.positions.contains { distance($0, before) <= 1e-10 })
      }
    }
  }

  @Test func theOrderAndTheNumberOfEqualNeuronsDoNotMatter() throws {
    let golden = try GoldenSpline("he_3_32_32_32_1")
    let mesh = try golden.spline.levelSurface(in: golden.box).mesh
    let permuted = golden.network.changed { maps in
      for layer in 0..<3 { maps.permute(layer, by: { ($0 * 13 + 5) % 32 }) }
    }
    let doubled = golden.network.changed { maps in
      for layer in 0..<2 { maps.double(layer) }
    }
    for other in [permuted, doubled] {
      let same = try SplineNetwork(other).levelSurface(in: golden.box).mesh
      #expect(same.report() == mesh.report())
      #expect(abs(same.area - mesh.area) <= 1e-12)
      for p in same.positions {
        // As well determined as the flattest crossing of planes allows.
        #expect(mesh.positions.contains { distance($0, p) <= 1e-10 })
      }
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func segmentsMeetTheSurfaceAsOftenAsTheFunctionChangesSign(seed: UInt64) throws {
    let slope: Float? = seed % 3 == 0 ? 0.1 : seed % 3 == 1 ? nil : -1
    let spline = try SplineNetwork(SampleSpline.random([3, 9, 8, 9, 1], slope: slope, seed: seed))
    var random = SplitMix64(seed: seed)
    func point() -> SIMD3<Double> { .random(in: -1...1, using: &random) }
    let level = (0..<101).map { _ in spline.values(at: coordinates(point(), of: spline))[0] }
      .sorted()[50]
    let shifted = try spline.levelSurface(level: level, in: SampleSpline.box(1)).mesh
    #expect(shifted.report().nonManifoldEdgeCount == 0)
    var total = 0
    for _ in 0..<40 {
      let (a, b) = (point(), point())
      let expected = spline.signChanges(of: level, from: a, to: b)
      #expect(shifted.crossings(from: a, to: b) == expected, "seed \(seed)")
      total += expected
    }
    #expect(total > 5)
  }
}
