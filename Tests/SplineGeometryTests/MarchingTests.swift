import Compute
import Foundation
import Meshes
import Networks
import SplineGeometry
import Testing

/// The engine that follows a level set, against the one that subdivides the box.
@Suite struct MarchingTests {
  @Test(arguments: ["torus_3x64", "he_3_32_32_32_1", "deg_polytope_noise1e-7"])
  func bothEnginesFindTheSameSurface(name: String) throws {
    let golden = try GoldenSpline(name)
    let complete = try golden.spline.levelSurface(in: golden.box)
    let marched = try golden.spline.levelSurface(in: golden.box, search: .lattice(48))
    #expect(complete.report.isComplete && !marched.report.isComplete)
    #expect(marched.report.isWatertight)
    #expect(marched.mesh.report() == complete.mesh.report())
    // Of planes that are nearly parallel nobody knows the crossing to nine digits.
    let isSame = Surface(marched.mesh) == Surface(complete.mesh)
    #expect(isSame || name.contains("noise"))
    #expect(abs(marched.mesh.area / complete.mesh.area - 1) <= 1e-12)
    #expect(abs(marched.mesh.signedVolume - complete.mesh.signedVolume) <= 1e-12)
    // Nothing is looked at in vain.
    #expect(marched.report.visitedCellCount == marched.mesh.faceCount)
  }

  @Test(arguments: 1...150 as ClosedRange<UInt64>)
  func whatIsMarchedAreWholePartsOfTheSurface(seed: UInt64) throws {
    let slope: Float? = seed % 3 == 0 ? 0.1 : seed % 3 == 1 ? nil : -0.5
    let spline = try SplineNetwork(SampleSpline.random([3, 9, 8, 9, 1], slope: slope, seed: seed))
    let box = SampleSpline.box(1)
    let complete = try spline.levelSurface(level: 0.1, in: box).mesh
    let marched = try spline.levelSurface(level: 0.1, in: box, search: .lattice(20))
    #expect(marched.report.isWatertight)
    let report = marched.mesh.report()
    #expect(report.nonManifoldEdgeCount == 0 && report.inconsistentEdgeCount == 0)
    let isPart = Surface(marched.mesh).faces.isSubset(of: Surface(complete).faces)
    #expect(isPart, "seed \(seed)")
    let parts = complete.report().componentCount
    #expect(report.componentCount <= parts)
    if report.componentCount == parts {
      #expect(marched.mesh.faceCount == complete.faceCount, "seed \(seed)")
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func bothEnginesFindThePolygonsOfAllSignPatterns(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let maps = [(3, 4), (4, 4), (4, 1)].map { inputs, units in
      (
        weights: (0..<units).map { _ in (0..<inputs).map { _ in Float(random.nextNormal()) } },
        biases: (0..<units).map { _ in Float(0.3 * random.nextNormal()) }
      )
    }
    let twin = SlowTwin(maps, reach: 1)
    let spline = try SampleSpline.spline(maps)
    let complete = try spline.levelSurface(in: SampleSpline.box(1))
    #expect(complete.mesh.faceCount == twin.polygons.count, "seed \(seed)")
    for polygon in twin.polygons {
      let isFound = complete.mesh.hasFace(polygon)
      #expect(isFound, "seed \(seed)")
    }
    let marched = try spline.levelSurface(in: SampleSpline.box(1), search: .lattice(32))
    let isPart = Surface(marched.mesh).faces.isSubset(of: Surface(complete.mesh).faces)
    #expect(isPart, "seed \(seed)")
    #expect(marched.mesh.faceCount >= twin.polygons.count - 2, "seed \(seed)")
  }

  @Test func twinsOfNeuronsAreCrossedTogether() throws {
    let golden = try GoldenSpline("he_3_32_32_32_1")
    let doubled = try SplineNetwork(
      golden.network.changed { maps in for layer in 0..<2 { maps.double(layer) } })
    let mesh = try doubled.levelSurface(in: golden.box, search: .lattice(48))
    #expect(!mesh.report.isComplete)
    let plain = try golden.spline.levelSurface(in: golden.box).mesh
    #expect(mesh.mesh.report() == plain.report())
  }

  @Test func whereTheWayOnIsUnclearTheBoxIsSubdivided() throws {
    // Three planes meet along each axis.
    let cube = try SampleSpline.cube()
    for spline in [cube, try SampleSpline.l1Ball(3, copies: 2)] {
      let box = SampleSpline.box(1.5)
      let complete = try spline.levelSurface(in: box)
      let marched = try spline.levelSurface(in: box, search: .lattice(17))
      let isSame = Surface(marched.mesh) == Surface(complete.mesh)
      #expect(isSame)
    }
    let polytope = try GoldenSpline("deg_polytope")
    let marched = try polytope.spline.levelSurface(in: polytope.box, search: .lattice(48))
    #expect(marched.report.isComplete && marched.mesh.faceCount == 32)
    #expect(
      try cube.levelSurface(in: SampleSpline.box(1.5), search: .lattice(16)).report.isComplete)
  }

  /// Cells are visited block by block; where the blocks end depends on the layers' sizes.
  @Test(arguments: [
    [3, 3, 16, 16, 1], [3, 2, 2, 40, 1], [3, 40, 1], [3, 32, 3, 3, 16, 1], [3, 2, 9, 1],
    [3, 9, 9, 9, 9, 9, 9, 9, 9, 1],
  ])
  func bothEnginesAgreeWhateverTheLayersSizes(sizes: [Int]) throws {
    var compared = 0
    for seed in 1...4 as ClosedRange<UInt64> {
      let spline = try SplineNetwork(SampleSpline.random(sizes, seed: seed))
      let level = spline.values(at: [0.13, -0.21, 0.32])[0]
      let complete = try spline.levelSurface(level: level, in: SampleSpline.box(1)).mesh
      let marched = try spline.levelSurface(
        level: level, in: SampleSpline.box(1), search: .lattice(32))
      #expect(marched.report.isWatertight, "seed \(seed)")
      let isPart = Surface(marched.mesh).faces.isSubset(of: Surface(complete).faces)
      #expect(isPart, "seed \(seed)")
      guard marched.mesh.report().componentCount == complete.report().componentCount else {
        continue
      }
      #expect(marched.mesh.faceCount == complete.faceCount, "seed \(seed)")
      if !marched.report.isComplete, complete.faceCount > 0 { compared += 1 }
    }
    #expect(compared >= 2)
  }

  /// A tower that widens downwards, by one more slope for each of its sides: its flat top has a
  /// corner for each.
  @Test func aFaceMayHaveAnyNumberOfCorners() throws {
    let sideCount = 90
    let sides = (0..<sideCount).map { side -> [Float] in
      let angle = 2 * Double.pi * (Double(side) + 0.3) / Double(sideCount)
      return [Float(cos(angle)), Float(sin(angle)), 0]
    }
    let spline = try SampleSpline.spline([
      (sides + [[0, 0, 1]], sides.map { _ in -0.5 } + [2]),
      ([sides.map { _ in 1 } + [1]], [-2.2]),
    ])
    let marched = try spline.levelSurface(in: SampleSpline.box(1), search: .lattice(8))
    let complete = try spline.levelSurface(in: SampleSpline.box(1))
    #expect(!marched.report.isComplete && marched.report.isWatertight)
    let mesh = marched.mesh
    let sizes = (0..<mesh.faceCount).map { mesh.corners(ofFace: $0).count }
    #expect(sizes.max() == sideCount)
    #expect(mesh.report() == complete.mesh.report())
  }

  /// Layer 2 has a neuron that is 0 where y < 0, and negative elsewhere: cells on both sides would not
  /// agree about what vanishes at y = 0.
  @Test func aNeuronThatVanishesOnAWholeCellIsNotMarchedThrough() throws {
    let spline = try SampleSpline.spline([
      ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [0, 0, 0, 3]),
      ([[0, -1, 0, 0], [0, 0, 0, 1]], [0, 0]),
      ([[1, 1]], [-1.9]),
    ])
    let complete = try spline.levelSurface(in: SampleSpline.box(1))
    let marched = try spline.levelSurface(in: SampleSpline.box(1), search: .lattice(15))
    #expect(marched.report.isComplete && marched.report.isWatertight)
    let isSame = Surface(marched.mesh) == Surface(complete.mesh)
    #expect(isSame && complete.mesh.faceCount >= 4)
  }

  /// Seeds are found with single precision, but no sign is taken from it that it may have wrong.
  @Test(arguments: [-100, -40, 40, 124])
  func theSurfaceIsTheSameAtAnyScaleOfTheValues(exponent: Int) throws {
    let golden = try GoldenSpline("he_3_32_32_32_1")
    let scale = Float(sign: .plus, exponent: exponent, significand: 1)
    let scaled = try SplineNetwork(
      golden.network.changed { maps in
        let last = maps.count - 1
        for k in maps[last].weight.elements.indices { maps[last].weight.elements[k] *= scale }
        for k in maps[last].bias.indices { maps[last].bias[k] *= scale }
      })
    let plain = try golden.spline.levelSurface(in: golden.box, search: .lattice(48))
    let marched = try scaled.levelSurface(in: golden.box, search: .lattice(48))
    #expect(!marched.report.isComplete)
    #expect(marched.mesh.report() == plain.mesh.report())
    let isSame = Surface(marched.mesh) == Surface(plain.mesh)
    #expect(isSame)
  }

  /// x + 4096 − (4096 + 2⁻¹¹): single precision has a 0 where x = 0.0003, so that the sign would change
  /// one edge too early.
  @Test func seedsAreFoundWhereSinglePrecisionIsTooCoarse() throws {
    let spline = try SampleSpline.spline([
      ([[1, 0, 0], [0, 0, 0]], [4096, 4096 + 0x1p-11]), ([[1, -1]], [0]),
    ])
    let box = Box(lower: SIMD3(-0.0003, -0.001, -0.001), upper: SIMD3(0.0009, 0.001, 0.001))
    let marched = try spline.levelSurface(in: box, search: .lattice(2))
    #expect(!marched.report.isComplete && marched.mesh.faceCount == 1)
    #expect(marched.mesh.positions.allSatisfy { abs($0.x - 0x1p-11) <= 1e-11 })
  }

  /// Off the surface all values overflow in single precision.
  @Test func seedsAreFoundWhereSinglePrecisionOverflows() throws {
    let spline = try SampleSpline.spline([
      ([[8, 0, 0], [-8, 0, 0]], [1, 1]), ([[0x1p127, -0x1p127]], [0]),
    ])
    let marched = try spline.levelSurface(in: SampleSpline.box(1), search: .lattice(3))
    #expect(!marched.report.isComplete && marched.mesh.faceCount == 1)
    #expect(marched.mesh.positions.allSatisfy { abs($0.x) <= 1e-13 })
  }

  @Test func aPartThatNoEdgeMeetsIsMissed() throws {
    // |x| + |y| + |z| = 0.1 lies inside one cell of a lattice of three.
    let ball = try SampleSpline.l1Ball(3)
    let box = SampleSpline.box(1)
    #expect(try ball.levelSurface(level: -0.9, in: box, search: .lattice(3)).mesh.faceCount == 0)
    #expect(try ball.levelSurface(level: -0.9, in: box).mesh.faceCount == 8)
  }

  @Test(arguments: [MarchingCubes.Rim.open, .capped])
  func verticesAreNumberedInTheOrderOfTheFaces(rim: MarchingCubes.Rim) throws {
    let golden = try GoldenSpline("torus_3x64")
    // One that the box cuts, and that is joined from many slices.
    let box = Box(lower: SIMD3(-1, -1, -0.1), upper: SIMD3(repeating: 1))
    let surface = try golden.spline.levelSurface(in: box, rim: rim, search: .lattice(16))
    #expect(!surface.report.isComplete && surface.report.isWatertight)
    #expect((surface.capFaceCount > 0) == (rim == .capped))
    let mesh = surface.mesh
    var seen = 0
    for face in 0..<mesh.faceCount {
      let new = Set(mesh.corners(ofFace: face).map { Int($0) }).filter { $0 >= seen }
      #expect(new == Set(seen..<seen + new.count))
      seen += new.count
    }
    #expect(seen == mesh.vertexCount && seen > 5000)
    #expect(mesh.report().openEdgeCount == 0 || rim == .open)
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    let golden = try GoldenSpline("torus_3x64")
    func surface(_ count: Int) throws -> LevelSurface {
      try golden.spline.levelSurface(
        in: golden.box, search: .lattice(8), workers: Workers(count: count))
    }
    let once = try surface(1)
    #expect(once.mesh.faceCount == 15_156)
    for count in [2, 3, 7] {
      let again = try surface(count)
      #expect(again.mesh == once.mesh && again.report == once.report)
    }
  }
}

/// A mesh as the set of its faces, each the set of its corners to nine digits.
private struct Surface: Equatable {
  var faces: Set<Set<SIMD3<Int>>> = []

  init(_ mesh: Mesh) {
    for face in 0..<mesh.faceCount {
      faces.insert(
        Set(
          mesh.corners(ofFace: face).map {
            let p = mesh.positions[Int($0)]
            // Half a unit off, so that round numbers are not on the border of two.
            return SIMD3(
              Int((p.x * 1e9 + 0.5).rounded(.down)), Int((p.y * 1e9 + 0.5).rounded(.down)),
              Int((p.z * 1e9 + 0.5).rounded(.down)))
          }))
    }
  }
}

extension Mesh {
  /// Whether a face has just these corners.
  fileprivate func hasFace(_ corners: [SIMD3<Double>]) -> Bool {
    (0..<faceCount).contains { face in
      let own = self.corners(ofFace: face).map { positions[Int($0)] }
      return own.count == corners.count
        && corners.allSatisfy { corner in own.contains { distance($0, corner) <= 1e-8 } }
    }
  }
}
