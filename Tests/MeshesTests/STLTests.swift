import Foundation
import Meshes
import Testing

/// The cube as STL knows it: triangles, vertices in the order of their first use.
private let cube: Mesh = {
  let triangles = SampleMesh.cube.triangles
  var order: [Int32] = []
  for triangle in triangles {
    for corner in 0..<3 where !order.contains(triangle[corner]) { order.append(triangle[corner]) }
  }
  let numbers = triangles.map { triangle in
    SIMD3<Int32>(
      Int32(order.firstIndex(of: triangle.x)!), Int32(order.firstIndex(of: triangle.y)!),
      Int32(order.firstIndex(of: triangle.z)!))
  }
  return Mesh(
    positions: order.map { SampleMesh.cubePositions[Int($0)] }, triangles: numbers)
}()

private let textCube: String = {
  var text = "solid a cube\n"
  for triangle in SampleMesh.cube.triangles {
    text += "  facet normal 0 0 nan\n    outer loop\n"
    for corner in 0..<3 {
      let p = SampleMesh.cubePositions[Int(triangle[corner])]
      text += "      vertex \(p.x) \(p.y) \(p.z)e0\n"
    }
    text += "    endloop\n  endfacet\n"
  }
  return text + "endsolid a cube\n"
}()

private func binaryCube(comment: String) -> Data {
  var data = Data(comment.utf8) + Data(count: 80 - comment.utf8.count) + Data([12, 0, 0, 0])
  func append(_ number: Float) {
    for shift in stride(from: 0, to: 32, by: 8) {
      data.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
    }
  }
  for triangle in SampleMesh.cube.triangles {
    for _ in 0..<3 { append(.nan) }
    for corner in 0..<3 {
      for axis in 0..<3 { append(Float(SampleMesh.cubePositions[Int(triangle[corner])][axis])) }
    }
    data.append(contentsOf: [7, 7])
  }
  return data
}

struct STLTests {
  @Test func aCubeInTextIsTheWeldedCube() throws {
    for name in ["a.stl", "a", "a.ply"] { #expect(try decode(textCube, name) == cube) }
    let mesh = try decode(textCube, "a")
    #expect(mesh.vertexCount == 8 && mesh.report().isSolid && mesh.signedVolume == 1)
  }

  @Test(arguments: ["\r\n", "\r", " \t\n\n"])
  func spacesAndCaseDoNotMatter(end: String) throws {
    #expect(try decode(textCube.uppercased().replacing("\n", with: end), "a.STL") == cube)
    let lines = textCube.split(separator: "\n")
    let oneLine = lines.dropFirst().dropLast().joined(separator: " ")
    #expect(try decode("solid\n\(oneLine)\nendsolid", "a.stl") == cube)
  }

  @Test func severalSolidsAreOneMesh() throws {
    let half = textCube.replacing(
      "  facet normal 0 0 nan\n", with: "endsolid\nsolid\n facet normal a b c\n")
    #expect(try decode(half, "a.stl") == cube)
  }

  @Test(arguments: ["", "made by hand", "solid", "solid facet normal 0 0 1\nouter loop"])
  func aCubeInBytesIsTheWeldedCubeWhateverItsComment(comment: String) throws {
    for name in ["a.stl", "a", "a.obj"] {
      #expect(try Mesh.decode(binaryCube(comment: comment), from: name) == cube)
    }
  }

  @Test(arguments: ["", "solid"], [-1, -50, -600, 1, 50])
  func aTriangleCountThatLiesIsRefused(comment: String, change: Int) {
    let whole = binaryCube(comment: comment)
    let data = change < 0 ? whole.dropLast(-change) : whole + Data(count: change)
    #expect(
      message { _ = try Mesh.decode(data, from: "a.stl") }
        == "a.stl does not hold what its header says: 12 triangles need 684 bytes, found "
        + "\(684 + change); copy or save it again")
  }

  @Test func aCoordinateThatIsNotFiniteIsNamed() {
    var data = binaryCube(comment: "")
    data[84 + 50 + 12 + 2] = 0x80
    data[84 + 50 + 12 + 3] = 0xff
    #expect(
      message { _ = try Mesh.decode(data, from: "a") }
        == "a, byte 146: a coordinate is -inf, expected a finite number; "
        + "repair the vertex or leave its faces out")
    #expect(
      message { _ = try decode(textCube.replacing("vertex 1.0", with: "vertex nan"), "a") }
        == "a, line 6: a coordinate is \"nan\", expected a finite number; "
        + "repair the vertex or leave its faces out")
  }

  @Test func brokenTextIsExplained() {
    func problem(_ old: String, _ new: String) -> String {
      message { _ = try decode(textCube.replacing(old, with: new), "a.stl") }
    }
    #expect(
      problem("    endloop\n", "      vertex 0 0 0\n    endloop\n")
        == "a.stl, line 7: found \"vertex\", expected \"endloop\"; repair it or save it again")
    #expect(
      problem("      vertex 1.0 1.0 0.0e0\n", "")
        == "a.stl, line 6: found \"endloop\", expected \"vertex\"; repair it or save it again")
    #expect(
      problem("0.0e0", "0.0e")
        == "a.stl, line 4: found \"0.0e\", expected a coordinate of a vertex; "
        + "repair it or save it again")
    #expect(
      problem("endsolid a cube\n", "")
        == "a.stl ends too early, at line 86: expected facet or endsolid; copy or save it again")
    #expect(
      problem("endsolid a cube\n", "color 1\n")
        == "a.stl, line 86: found \"color\", expected facet or endsolid; "
        + "repair it or save it again")
    #expect(
      message { _ = try decode("solid\nendsolid\n", "a.stl") }
        == "a.stl holds 0 vertices and no faces, expected a surface; save the mesh again")
    #expect(
      message { _ = try Mesh.decode(Data(count: 84), from: "a.stl") }
        == "a.stl holds 0 vertices and no faces, expected a surface; save the mesh again")
    #expect(
      message { _ = try Mesh.decode(Data(count: 83), from: "a.stl") }
        == "a.stl ends too early, at byte 83: expected the 84 bytes of an STL header; "
        + "copy or save it again")
  }
}
