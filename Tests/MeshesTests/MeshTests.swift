import Meshes
import Testing

struct MeshTests {
  @Test func aCubeHasItsMeasures() {
    let cube = SampleMesh.cube
    #expect(cube.vertexCount == 8 && cube.faceCount == 6 && cube.triangleCount == 12)
    #expect(cube.area == 6)
    #expect(cube.signedVolume == 1)
    #expect(cube.eulerCharacteristic == 2)
    #expect(cube.bounds == Box(lower: .zero, upper: .one))
    #expect(!cube.isTriangular && Array(cube.corners(ofFace: 1)) == [4, 5, 7, 6])
  }

  @Test func trianglesKeepAreaVolumeAndOrientation() {
    let cube = SampleMesh.cube
    #expect(Array(cube.triangles.prefix(2)) == [[0, 2, 3], [0, 3, 1]])
    let split = Mesh(positions: cube.positions, triangles: cube.triangles)
    #expect(split.isTriangular && split.faceCount == 12)
    #expect(split.area == 6 && split.signedVolume == 1)
    #expect(split.report().isSolid && split.eulerCharacteristic == 2)
  }

  @Test func theAreaOfAPolygonThatIsNotConvexIsExact() {
    // A U of 3 by 3 without a slot of 1 by 2; its fan from the first corner leaves the polygon.
    let outline: [SIMD3<Double>] = [
      [0, 0, 0], [3, 0, 0], [3, 3, 0], [2, 3, 0], [2, 1, 0], [1, 1, 0], [1, 3, 0], [0, 3, 0],
    ]
    let mesh = Mesh(positions: outline, faces: [[2, 3, 4, 5, 6, 7, 0, 1]])
    #expect(mesh.area == 7)
  }

  @Test func flippingAllFacesNegatesTheVolume() {
    let cube = SampleMesh.cube
    let flipped = Mesh(
      positions: cube.positions, faces: SampleMesh.cubeFaces.map { $0.reversed() })
    #expect(flipped.signedVolume == -1 && flipped.area == 6 && flipped.report().isSolid)
  }

  @Test func theVolumeOfAFarMeshLosesNoDigits() {
    let far = SampleMesh.cube.transformed(by: Similarity(translation: [1e9, -1e9, 1e9]))
    #expect(far.signedVolume == 1)
    #expect(far.area == 6)
  }

  @Test func aTransformationScalesAreaAndVolumeAndComesBack() {
    let torus = SampleMesh.torus(12, by: 7)
    let similarity = Similarity(scale: 2.5, translation: [1, -2, 3])
    let moved = torus.transformed(by: similarity)
    // Sums of about 200 terms in double precision.
    #expect(abs(moved.area / torus.area - 6.25) < 1e-12)
    #expect(abs(moved.signedVolume / torus.signedVolume - 15.625) < 1e-12)
    let back = moved.transformed(by: similarity.inverse)
    for (a, b) in zip(back.positions, torus.positions) {
      #expect((a - b).max() < 1e-14 && (a - b).min() > -1e-14)
    }
  }

  @Test func centeringPutsTheLongestSideBetweenTheReaches() throws {
    let box = Box(lower: [1, 2, 3], upper: [2, 6, 5])
    let similarity = try #require(Similarity(centering: box, reach: 0.9))
    #expect(similarity.scale == 0.45)
    let (lower, upper) = (similarity.applied(to: box.lower), similarity.applied(to: box.upper))
    #expect(abs(lower.y + 0.9) < 1e-15 && abs(upper.y - 0.9) < 1e-15)
    #expect(abs(lower.x + upper.x) < 1e-15 && abs(lower.z + upper.z) < 1e-15)
    #expect(Similarity(centering: Box(lower: .one, upper: .one)) == nil)
  }

  @Test func weldingJoinsWhatIsAtTheSamePlace() {
    let cube = SampleMesh.cube
    let loose = Mesh(
      positions: cube.corners.map { cube.positions[Int($0)] },
      faces: (0..<6).map { face in (0..<4).map { Int32(4 * face + $0) } })
    #expect(loose.report().openEdgeCount == 24)
    let welded = loose.welded()
    #expect(welded.vertexCount == 8 && welded.report().isSolid && welded.signedVolume == 1)
    let zeros = Mesh(
      positions: [[0, 0, 0], [-0.0, 0, -0.0], [1, 0, 0], [0, 1, 0]],
      faces: [[0, 2, 3], [1, 3, 2]])
    #expect(zeros.welded().vertexCount == 3)
  }
}
