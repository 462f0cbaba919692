import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

/// Surfaces that are closed along the sides of their box.
@Suite struct LevelCapTests {
  @Test(arguments: ["he_3_32_32_32_1", "iso_4x32_s2_q02", "deg_polytope"])
  func aCappedSurfaceBoundsWhatTheRegionsHoldBelowTheLevel(name: String) throws {
    let golden = try GoldenSpline(name)
    let level = name == "deg_polytope" ? 0.5 : 0
    try expectSolid(golden.spline, level: level, in: golden.box)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func soDoThoseOfRandomNetworks(seed: UInt64) throws {
    let slope: Float? = seed % 3 == 0 ? 0.1 : seed % 3 == 1 ? nil : -1
    var network = try SampleSpline.random([3, 8, 7, 6, 1], slope: slope, seed: seed)
    if seed % 4 == 0 { network = network.changed { maps in maps.double(1) } }
    let spline = try SplineNetwork(network)
    var random = SplitMix64(seed: seed)
    let level = (0..<101).map { _ in
      spline.values(at: (0..<3).map { _ in Double.random(in: -1...1, using: &random) })[0]
    }.sorted()[Int(seed) * 8]
    let box = Box(lower: [-1, -0.75, -0.5], upper: [0.5, 1, 0.875])
    try expectSolid(spline, level: level, in: box)
  }

  /// Expects that the capped surfaces of both sides are solids without loose ends, that they have the
  /// volumes that the regions say, and that the level's own faces are those of the open surface.
  private func expectSolid(
    _ spline: SplineNetwork, level: Double, in box: Box,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let below = try volume(of: spline, below: level, in: box)
    let size = box.size
    let whole = size.x * size.y * size.z
    for (side, expected) in [(MarchingCubes.Side.below, below), (.above, whole - below)] {
      let open = try spline.levelSurface(level: level, in: box, inside: side)
      let capped = try spline.levelSurface(level: level, in: box, inside: side, rim: .capped)
      let report = capped.mesh.report()
      #expect(capped.report.isWatertight, sourceLocation: sourceLocation)
      // Each edge has two faces of opposite directions.
      #expect(report.isSolid, "\(report.remarks)", sourceLocation: sourceLocation)
      #expect(report.eulerCharacteristic.isMultiple(of: 2), sourceLocation: sourceLocation)
      #expect(report.unusedVertexCount == 0, sourceLocation: sourceLocation)
      // Sums of some 10⁵ terms.
      #expect(
        abs(capped.mesh.signedVolume - expected) <= 1e-12 * whole, sourceLocation: sourceLocation)
      #expect(capped.levelFaceCount == open.mesh.faceCount, sourceLocation: sourceLocation)
      #expect(capped.levelMesh.corners == open.mesh.corners, sourceLocation: sourceLocation)
      #expect(
        abs(capped.levelMesh.area - open.mesh.area) <= 1e-12, sourceLocation: sourceLocation)
      let strayCount = (capped.levelFaceCount..<capped.mesh.faceCount).count { face in
        !capped.mesh.liesOnASide(face, of: box)
      }
      #expect(strayCount == 0, sourceLocation: sourceLocation)
    }
  }

  @Test func aBoxThatIsAllInsideIsClosedAndOneOutsideIsEmpty() throws {
    let ball = try SampleSpline.l1Ball(3)
    let box = SampleSpline.box(0.25)
    let inside = try ball.levelSurface(in: box, rim: .capped)
    // The coordinate planes divide each side into four.
    #expect(inside.levelFaceCount == 0 && inside.capFaceCount == 24)
    #expect(inside.mesh.report().isSolid && inside.mesh.signedVolume == 0.125)
    let outside = try ball.levelSurface(in: box, inside: .above, rim: .capped)
    #expect(outside.mesh.faceCount == 0 && outside.report.isWatertight)
  }

  @Test func theTipsThatTheBoxCutsOffBecomeSquares() throws {
    let surface = try SampleSpline.l1Ball(3).levelSurface(in: SampleSpline.box(0.75), rim: .capped)
    #expect(surface.levelFaceCount == 8 && surface.capFaceCount == 24)
    let report = surface.mesh.report()
    #expect(report.vertexCount == 30 && report.isSolid && report.eulerCharacteristic == 2)
    // A pyramid of height ¼ is missing at each tip.
    #expect(abs(surface.mesh.signedVolume - (4.0 / 3 - 6 * 0.03125 / 3)) <= 1e-15)
  }

  @Test func aLevelFlushWithTheBoxIsClosedOnce() throws {
    // max(|x|, |y|, |z|) = 1 is the box itself: inside it all is below.
    let cube = try SampleSpline.cube()
    let below = try cube.levelSurface(in: SampleSpline.box(1), rim: .capped)
    #expect(below.levelFaceCount == 0 && below.mesh.report().isSolid)
    #expect(below.mesh.signedVolume == 8 && below.mesh.area == 24)
    let above = try cube.levelSurface(in: SampleSpline.box(1), inside: .above, rim: .capped)
    #expect(above.mesh.faceCount == 0)
    // |x| + |y| + |z| reaches 3 in the corners alone.
    let corners = try SampleSpline.l1Ball(3).levelSurface(
      level: 2, in: SampleSpline.box(1), rim: .capped)
    #expect(corners.levelFaceCount == 0 && corners.mesh.signedVolume == 8)
    // The octahedron that touches the box with its tips.
    let ball = try SampleSpline.l1Ball(3).levelSurface(in: SampleSpline.box(1), rim: .capped)
    #expect(ball.capFaceCount == 0 && ball.mesh.report().isSolid)
  }

  @Test func flatCellsBelongToWhatIsNotAbove() throws {
    // max(|x| − ½, 0)
    let layer = try SampleSpline.spline([
      ([[1, 0, 0], [-1, 0, 0]], [0, 0]), ([[1, 1]], [-0.5]), ([[1]], [0]),
    ])
    let box = SampleSpline.box(1)
    let below = try layer.levelSurface(in: box, rim: .capped)
    #expect(below.levelFaceCount == 2 && below.mesh.report().isSolid)
    #expect(below.mesh.signedVolume == 4)
    let above = try layer.levelSurface(in: box, inside: .above, rim: .capped)
    #expect(above.mesh.report().isSolid && above.mesh.report().componentCount == 2)
    #expect(above.mesh.signedVolume == 4)
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    let golden = try GoldenSpline("iso_4x32_s2_q02")
    let once = try golden.spline.levelSurface(
      in: golden.box, rim: .capped, workers: Workers(count: 1))
    let again = try golden.spline.levelSurface(
      in: golden.box, rim: .capped, workers: Workers(count: 3))
    #expect(again.mesh == once.mesh && again.report == once.report)
  }

  // MARK: The volume by the regions

  /// The volume of {f < level}: each region's, divided into tetrahedra, of which the part below a
  /// plane has a formula.
  private func volume(of spline: SplineNetwork, below level: Double, in box: Box) throws -> Double {
    let volumes = try spline.mapRegions(in: .box(box)) { region -> Double? in
      let gradient = region.map.gradient(ofOutput: 0).map { $0 }
      let constant = region.map.constants[0] - level
      let normal = SIMD3(gradient[0], gradient[1], gradient[2])
      let center = region.vertices.reduce(.zero, +) / Double(region.vertices.count)
      var sum = 0.0
      for facet in region.facets {
        let points = facet.map { region.vertices[Int($0)] }
        for k in 1..<points.count - 1 {
          let corners = [center, points[0], points[k], points[k + 1]]
          sum += tetrahedron(corners, below: corners.map { (normal * $0).sum() + constant })
        }
      }
      return sum
    }
    return volumes.reduce(0, +)
  }
}

extension Mesh {
  /// Whether all corners of a face lie on one and the same side of a box.
  fileprivate func liesOnASide(_ face: Int, of box: Box) -> Bool {
    let points = corners(ofFace: face).map { positions[Int($0)] }
    return (0..<3).contains { axis in
      points.allSatisfy { abs($0[axis] - box.lower[axis]) <= 1e-12 }
        || points.allSatisfy { abs($0[axis] - box.upper[axis]) <= 1e-12 }
    }
  }
}

/// The volume of the part of a tetrahedron on which the linear function with the given values at its
/// corners is negative.
private func tetrahedron(_ corners: [SIMD3<Double>], below values: [Double]) -> Double {
  let (a, b, c) = (corners[1] - corners[0], corners[2] - corners[0], corners[3] - corners[0])
  let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  let whole = abs((cross * c).sum()) / 6
  // Of a tip with the value v₀ the share Π v₀ / (v₀ − vᵢ) is cut off.
  func tip(_ v: Double, _ others: [Double]) -> Double {
    others.reduce(1) { $0 * v / (v - $1) }
  }
  let below = values.filter { $0 < 0 }
  let above = values.filter { $0 >= 0 }
  switch below.count {
  case 0: return 0
  case 4: return whole
  case 1: return whole * tip(below[0], above)
  case 3: return whole * (1 - tip(above[0], below))
  default:
    // A wedge between two edges: the tip at the lower corner, beyond the other one, less what of it
    // lies there.
    let (p, q) = (below[0], below[1])
    let (r, s) = (above[0], above[1])
    let (pr, ps, qr, qs) = (p / (p - r), p / (p - s), q / (q - r), q / (q - s))
    // Shares along the edges p–r, p–s, q–r, q–s; three tetrahedra make the wedge.
    return whole * (pr * ps + ps * qr * (1 - pr) + qr * qs * (1 - ps))
  }
}
