import Compute
import Foundation
import Meshes
import Testing

struct SurfaceSamplingTests {
  @Test func samplesLieOnTheirFacesAndHaveTheirNormals() throws {
    let samples = try SurfaceSampling(SampleMesh.cube).samples(3000, seed: 1)
    #expect(samples.count == 3000 && samples.normals.count == 3000 && samples.faces.count == 3000)
    let normals: [SIMD3<Double>] = [
      [0, 0, -1], [0, 0, 1], [0, -1, 0], [0, 1, 0], [-1, 0, 0], [1, 0, 0],
    ]
    for i in 0..<samples.count {
      let normal = normals[Int(samples.faces[i])]
      #expect(samples.normals[i] == normal)
      let height = ((samples.points[i] - 0.5) * normal).sum()
      #expect(abs(height - 0.5) < 1e-15)
      #expect(samples.points[i].min() >= 0 && samples.points[i].max() <= 1)
    }
  }

  @Test func eachPieceOfTheSurfaceGetsItsShare() throws {
    // A box of 1 × 2 × 4: its faces have areas 2, 2, 4, 4, 8 and 8.
    let mesh = Mesh(
      positions: SampleMesh.cubePositions.map { $0 * [1, 2, 4] }, faces: SampleMesh.cubeFaces)
    let sampling = try SurfaceSampling(mesh)
    #expect(abs(sampling.area - 28) < 1e-13)
    let count = 60_000
    let samples = sampling.samples(count, seed: 2)
    for face in 0..<6 {
      let share = mesh.areaShare(ofFace: face)
      let expected = share * Double(count)
      let found = Double(samples.faces.count { Int($0) == face })
      // Four standard deviations of a binomial number.
      #expect(abs(found - expected) < 4 * (expected * (1 - share)).squareRoot())
    }
    // Within a face too: a quarter of it holds a quarter of its points.
    let right = samples.points.indices.filter { samples.faces[$0] == 5 }
    let corner = right.count { samples.points[$0].y < 1 && samples.points[$0].z < 2 }
    let expected = Double(right.count) / 4
    #expect(abs(Double(corner) - expected) < 4 * (expected * 0.75).squareRoot())
  }

  @Test func samplesDependOnTheSeedAlone() throws {
    let sampling = try SurfaceSampling(SampleMesh.torus(20, by: 10))
    let samples = sampling.samples(10_000, seed: 3, workers: Workers(count: 1))
    #expect(samples == sampling.samples(10_000, seed: 3, workers: Workers(count: 4)))
    #expect(samples.points != sampling.samples(10_000, seed: 4).points)
    #expect(Array(samples.points.prefix(5000)) == sampling.samples(5000, seed: 3).points)
    #expect(sampling.samples(0, seed: 3).count == 0)
  }

  @Test func facesWithoutAreaGetNoSamples() throws {
    let mesh = Mesh(
      positions: [[0, 0, 0], [1, 0, 0], [0, 1, 0], [2, 0, 0]],
      triangles: [[0, 1, 3], [0, 1, 2], [1, 1, 2], [0, 0, 0]])
    let samples = try SurfaceSampling(mesh).samples(1000, seed: 5)
    #expect(samples.faces.allSatisfy { $0 == 1 })
  }

  @Test func aMeshWithoutAreaIsRefused() {
    let flat = Mesh(positions: [[0, 0, 0], [1, 0, 0], [2, 0, 0]], triangles: [[0, 1, 2]])
    #expect(
      message { _ = try SurfaceSampling(flat) }
        == "the mesh has 1 face and no area; expected a surface to take samples of")
    #expect(
      message { _ = try SurfaceSampling(Mesh(positions: [], triangles: [])) }.contains("no area"))
    let endless = Mesh(
      positions: [[0, 0, 0], [.infinity, 0, 0], [0, 1, 0]], triangles: [[0, 1, 2]])
    #expect(message { _ = try SurfaceSampling(endless) }.contains("vertex 1 is at (inf, 0.0, 0.0)"))
  }

  @Test(arguments: [1e-100, 1e100])
  func theUnitDoesNotMatter(scale: Double) throws {
    let torus = SampleMesh.torus(12, by: 8)
    let plain = try SurfaceSampling(torus).samples(500, seed: 6)
    let scaled = try SurfaceSampling(torus.transformed(by: Similarity(scale: scale)))
      .samples(500, seed: 6)
    for i in 0..<500 {
      #expect((scaled.points[i] / scale - plain.points[i]).norm < 1e-13)
      #expect((scaled.normals[i] - plain.normals[i]).norm < 1e-13)
    }
  }
}

extension Mesh {
  fileprivate func areaShare(ofFace face: Int) -> Double {
    [2, 2, 4, 4, 8, 8].map { $0 / 28 }[face]
  }
}
