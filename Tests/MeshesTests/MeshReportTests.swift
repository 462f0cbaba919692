import Meshes
import Testing

struct MeshReportTests {
  @Test func nothingIsOddAboutACube() {
    let report = SampleMesh.cube.report()
    #expect(report.isSolid && report.remarks.isEmpty)
    #expect(report.vertexCount == 8 && report.edgeCount == 12 && report.faceCount == 6)
    #expect(report.componentCount == 1)
  }

  @Test func aCubeWithoutAFaceIsOpenAroundIt() {
    let mesh = Mesh(
      positions: SampleMesh.cubePositions, faces: Array(SampleMesh.cubeFaces.dropLast()))
    let report = mesh.report()
    #expect(report.openEdgeCount == 4 && !report.isWatertight)
    #expect(report.nonManifoldEdgeCount == 0 && report.inconsistentEdgeCount == 0)
    #expect(report.eulerCharacteristic == 1)
    #expect(report.remarks == ["4 edges have only one face: the surface has holes"])
  }

  @Test(arguments: 0..<6)
  func aFlippedFaceDisagreesWithItsFourNeighbours(flipped: Int) {
    var faces = SampleMesh.cubeFaces
    faces[flipped].reverse()
    let report = Mesh(positions: SampleMesh.cubePositions, faces: faces).report()
    #expect(report.inconsistentEdgeCount == 4 && report.isWatertight && !report.isSolid)
    #expect(report.openEdgeCount == 0 && report.eulerCharacteristic == 2)
  }

  @Test(arguments: [5, 6, 31])
  func aMoebiusStripHasOneRimAndCannotBeOriented(count: Int) {
    let report = SampleMesh.moebiusStrip(count).report()
    #expect(report.openEdgeCount == 2 * count && report.nonManifoldEdgeCount == 0)
    #expect(report.inconsistentEdgeCount == 1)
    #expect(report.eulerCharacteristic == 0 && report.componentCount == 1)
  }

  @Test func anEdgeOfTwoCubesHasFourFaces() {
    // The second cube lies diagonally opposite; both share the edge from 3 to 7.
    let second = SampleMesh.cubePositions.map { $0 + [1, 1, 0] }
    let faces = SampleMesh.cubeFaces
    let other = faces.map { $0.map { $0 + 8 } }
    let report = Mesh(positions: SampleMesh.cubePositions + second, faces: faces + other)
      .welded().report()
    #expect(report.vertexCount == 14 && report.edgeCount == 23)
    #expect(report.nonManifoldEdgeCount == 1 && report.openEdgeCount == 0)
    #expect(report.inconsistentEdgeCount == 0 && report.componentCount == 1)
    #expect(report.remarks == ["1 edge has more than two faces"])
  }

  @Test func partsThatShareNoEdgeAreCounted() {
    // Both cubes touch at one vertex.
    let second = SampleMesh.cubePositions.map { $0 + 1 }
    let other = SampleMesh.cubeFaces.map { $0.map { $0 + 8 } }
    let mesh = Mesh(
      positions: SampleMesh.cubePositions + second, faces: SampleMesh.cubeFaces + other)
    #expect(mesh.report().componentCount == 2 && mesh.eulerCharacteristic == 4)
    #expect(mesh.welded().report().componentCount == 2)
    #expect(mesh.welded().vertexCount == 15)
  }

  @Test(arguments: [3, 8, 50], [3, 40])
  func aTorusHasEulerNumberZero(count: Int, other: Int) {
    let report = SampleMesh.torus(count, by: other).report()
    #expect(report.eulerCharacteristic == 0 && report.isSolid)
    #expect(report.edgeCount == 2 * count * other)
  }

  @Test func degenerateFacesAreCountedAndLeaveTheTopologyAlone() {
    let positions = SampleMesh.cubePositions + [[0.5, 0, 0]]
    // Collapsed to an edge, collapsed to a point, and one that repeats a vertex far apart.
    let faces = SampleMesh.cubeFaces + [[0, 1, 1], [2, 2, 2], [0, 0, 1, 1]]
    let report = Mesh(positions: positions, faces: faces).report()
    #expect(report.degenerateFaceCount == 3)
    #expect(report.isSolid && report.eulerCharacteristic == 2 && report.componentCount == 1)
    #expect(report.unusedVertexCount == 1)
    #expect(
      report.remarks == [
        "3 faces have no area or use a vertex twice", "1 vertex belongs to no face",
      ])
    let flat = Mesh(positions: positions, faces: [[0, 8, 1], [0, 1, 2]]).report()
    #expect(flat.degenerateFaceCount == 1)
  }

  @Test func duplicatesAreFoundInAnyOrderOfTheirCorners() {
    let faces: [[Int32]] = [
      [0, 1, 2], [2, 0, 1], [2, 1, 0], [0, 1, 3], [0, 1, 2, 3], [3, 1, 0, 2],
    ]
    let report = Mesh(positions: SampleMesh.cubePositions, faces: faces).report()
    #expect(report.duplicateFaceCount == 3)
  }

  @Test func aFanOfManyFacesIsSortedToo() {
    // One vertex with 1000 edges: a double cone.
    let count: Int32 = 1000
    let positions = [SIMD3<Double>(0, 0, 1), [0, 0, -1]] + SampleMesh.torus(1000, by: 1).positions
    let faces = (0..<count).flatMap { i -> [[Int32]] in
      let (a, b) = (2 + i, 2 + (i + 1) % count)
      return [[0, a, b], [1, b, a]]
    }
    let report = Mesh(positions: positions, faces: faces).report()
    #expect(report.isSolid && report.eulerCharacteristic == 2 && report.edgeCount == 3000)
  }
}
