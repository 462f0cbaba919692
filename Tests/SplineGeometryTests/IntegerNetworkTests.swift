import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

/// Networks whose weights are −1, 0 and 1: many planes go through each vertex and edge, neurons
/// coincide or are dead, and levels are flat on whole cells.
@Suite struct IntegerNetworkTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func surfacesOfIntegerNetworksAreClosedInsideTheBox(seed: UInt64) throws {
    let spline = try SampleSpline.integers(3, seed: seed)
    for level in [-1.0, 0, 1] {
      let surface = try spline.levelSurface(level: level, in: SampleSpline.box(2))
      #expect(surface.report.isWatertight, "seed \(seed)")
      // More than two faces may meet in an edge, but as many come as go.
      #expect(surface.mesh.openEdges(within: 1.999) == 0, "seed \(seed)")
      for p in surface.mesh.positions {
        #expect(abs(spline.values(at: coordinates(p, of: spline))[0] - level) <= 1e-12)
      }
    }
  }

  @Test func gapsThatTheToleranceLeavesAreReported() throws {
    var reported = 0
    for seed in 0..<60 as Range<UInt64> {
      // Planes that are 10⁻¹¹ apart, with crossings within the tolerance of 7 · 10⁻¹³.
      let spline = try SampleSpline.integers(3, seed: seed, noise: 1e-11)
      let surface = try spline.levelSurface(level: 1, in: SampleSpline.box(2))
      if surface.report.looseEndCount > 0 { reported += 1 }
      let gaps = surface.mesh.openEdges(within: 1.999)
      #expect(surface.report.looseEndCount >= gaps, "seed \(seed)")
    }
    #expect(reported > 0)
  }
}

extension Mesh {
  /// Edges with an odd number of faces and an end inside the box of this reach.
  fileprivate func openEdges(within reach: Double) -> Int {
    var uses: [SIMD2<Int32>: Int] = [:]
    for face in 0..<faceCount {
      let face = Array(corners(ofFace: face))
      for (a, b) in zip(face, face.dropFirst() + face.prefix(1)) {
        uses[[min(a, b), max(a, b)], default: 0] += 1
      }
    }
    return uses.count { edge, count in
      let middle = (positions[Int(edge.x)] + positions[Int(edge.y)]) / 2
      return count % 2 == 1 && max(middle.max(), -middle.min()) < reach
    }
  }
}
