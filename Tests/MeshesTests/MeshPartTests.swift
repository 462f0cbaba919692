import Foundation
import Meshes
import Testing

struct MeshPartTests {
  @Test func aClosedPartHasTheGenusOfItsSurface() {
    #expect(SampleMesh.cube.parts.map(\.genus) == [0])
    let torus = SampleMesh.torus(9, by: 4)
    #expect(torus.parts.map(\.genus) == [1])
    #expect(torus.parts[0].faceCount == 36 && torus.parts[0].edgeCount == 72)
  }

  @Test func partsAreCountedOneByOne() {
    let (a, b) = (SampleMesh.torus(7, by: 5), SampleMesh.cube)
    let far = b.transformed(by: Similarity(translation: [10, 0, 0]))
    let parts = joined([a, far, b]).parts
    #expect(parts.map(\.faceCount) == [35, 6, 6])
    #expect(parts.map(\.vertexCount) == [35, 8, 8])
    #expect(parts.map(\.eulerCharacteristic) == [0, 2, 2])
    #expect(parts.allSatisfy { $0.isClosed })
    let report = joined([a, far, b]).report()
    #expect(parts.count == report.componentCount)
    #expect(parts.reduce(0) { $0 + $1.edgeCount } == report.edgeCount)
  }

  @Test func openAndTwistedPartsHaveNoGenus() {
    let open = Mesh(positions: SampleMesh.cubePositions, faces: Array(SampleMesh.cubeFaces[1...]))
    #expect(open.parts.map(\.openEdgeCount) == [4] && open.parts.map(\.genus) == [nil])
    let flipped = Mesh(
      positions: SampleMesh.cubePositions,
      faces: [SampleMesh.cubeFaces[0].reversed()] + SampleMesh.cubeFaces[1...])
    #expect(flipped.parts.map(\.irregularEdgeCount) == [4] && flipped.parts[0].genus == nil)
    #expect(SampleMesh.moebiusStrip(7).parts[0].genus == nil)
  }

  @Test func cubesThatTouchInAVertexAreTwoParts() {
    let other = SampleMesh.cube.transformed(by: Similarity(translation: [1, 1, 1]))
    let parts = joined([SampleMesh.cube, other]).welded().parts
    #expect(parts.map(\.vertexCount) == [8, 8] && parts.map(\.genus) == [0, 0])
    // Along an edge they are one, which is no surface.
    let beside = SampleMesh.cube.transformed(by: Similarity(translation: [1, 1, 0]))
    let pair = joined([SampleMesh.cube, beside]).welded().parts
    #expect(pair.count == 1 && pair[0].irregularEdgeCount == 1 && pair[0].genus == nil)
  }

  @Test func collapsedFacesBelongToNoPart() {
    let mesh = Mesh(positions: SampleMesh.cubePositions, faces: SampleMesh.cubeFaces + [[0, 1, 1]])
    #expect(mesh.parts.map(\.faceCount) == [6])
  }

  @Test func eachEdgeIsThereOnce() {
    let edges = SampleMesh.cube.edges
    #expect(edges.count == 12 && Set(edges).count == 12)
    for edge in edges {
      let d = SampleMesh.cubePositions[Int(edge.x)] - SampleMesh.cubePositions[Int(edge.y)]
      #expect(edge.x < edge.y && (d * d).sum() == 1)
    }
  }

  @Test func theSmallestAngleIsThatOfTheThinnestCorner() throws {
    let cube = try #require(SampleMesh.cube.smallestAngle)
    #expect(abs(cube - .pi / 2) <= 1e-15)
    // Of a thin triangle; far smaller than a cosine could tell.
    for height in [0.5, 1e-3, 1e-12] {
      let mesh = Mesh(positions: [[0, 0, 0], [1, 0, 0], [1, height, 0]], faces: [[0, 1, 2]])
      let angle = try #require(mesh.smallestAngle)
      #expect(abs(angle / atan(height) - 1) <= 1e-15)
    }
    let point = Mesh(positions: [[1, 2, 3]], faces: [[0, 0, 0]])
    #expect(point.smallestAngle == nil)
  }

  private func joined(_ meshes: [Mesh]) -> Mesh {
    var (positions, faces): ([SIMD3<Double>], [[Int32]]) = ([], [])
    for mesh in meshes {
      let first = Int32(positions.count)
      positions += mesh.positions
      faces += (0..<mesh.faceCount).map { mesh.corners(ofFace: $0).map { $0 + first } }
    }
    return Mesh(positions: positions, faces: faces)
  }
}
