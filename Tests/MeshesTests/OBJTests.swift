import Foundation
import Meshes
import Testing

private let cubeText = """
  v 0 0 0
  v 1 0 0
  v 0 1 0
  v 1 1 0
  v 0 0 1
  v 1 0 1
  v 0 1 1
  v 1 1 1
  f 1 3 4 2
  f 5 6 8 7
  f 1 2 6 5
  f 3 7 8 4
  f 1 5 7 3
  f 2 4 8 6

  """

struct OBJTests {
  @Test func aCubeWrittenByHandIsTheCube() throws {
    #expect(try decode(cubeText) == SampleMesh.cube)
    #expect(try decode(cubeText, "cube") == SampleMesh.cube)
    #expect(try decode(String(cubeText.dropLast())) == SampleMesh.cube)
    #expect(try SampleMesh.cube.encoded(as: .obj, path: "a") == Data(cubeText.utf8))
  }

  @Test(arguments: ["\r\n", "\r", "\n\n", " \t\n", " # a comment\n", "\n# v 1 2\n", " \\\n\n"])
  func endsOfLinesMayBeOfAnyKind(end: String) throws {
    #expect(try decode(cubeText.replacing("\n", with: end)) == SampleMesh.cube)
  }

  @Test(arguments: [" \\\n", " \\\r\n ", "\t \\\r", "  ", "\t", "\u{b} "])
  func spacesMayBeOfAnyKind(space: String) throws {
    let text = cubeText.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      return words[0] + " " + words[1...].joined(separator: space)
    }
    #expect(try decode(text.joined(separator: "\n")) == SampleMesh.cube)
  }

  @Test(arguments: ["/1", "/1/2", "//3", "/-1/-2", "/", "/99999999999999999999"])
  func textureAndNormalNumbersAreIgnored(rest: String) throws {
    let text = cubeText.split(separator: "\n").map { line in
      line.hasPrefix("f")
        ? "f " + line.split(separator: " ").dropFirst().map { $0 + rest }.joined(separator: " ")
        : "\(line)"
    }
    #expect(try decode(text.joined(separator: "\n")) == SampleMesh.cube)
    #expect(try decode(text.joined(separator: "\\\n\n")) == SampleMesh.cube)
  }

  @Test func whatIsNoVertexOrFaceIsIgnored() throws {
    let junk = """
      mtllib a b.mtl
      vt 0.5 nan
      vn not a normal
      vp 1
      g cube\\
      f 1 2
      o \u{1F9CA}
      s off
      usemtl f 1 2
      l 1 2
      # f 1 2 \\

      """
    #expect(try decode("\u{FEFF}" + junk + cubeText + junk) == SampleMesh.cube)
    let weights = cubeText.replacing("0\nv", with: "0 1.0\nv").replacing(
      "1\nv", with: "1 .1 .2 .3\nv")
    #expect(try decode(weights) == SampleMesh.cube)
  }

  @Test func negativeNumbersCountFromTheLastVertexSoFar() throws {
    let text = "v 9 9 9\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\nv 1 1 0\nf -1 -2 3"
    #expect(Array(try decode(text).corners) == [1, 2, 3, 4, 3, 2])
  }

  @Test func facesMayComeBeforeTheirVertices() throws {
    #expect(try decode("f 1 2 3\nv 0 0 0\nv 1 0 0\nv 0 1 0").corners == [0, 1, 2])
  }

  @Test func aLineMayBeHuge() throws {
    let count = 100_000
    let vertices = (0..<count).map { "v \($0) 0 0\n" }.joined()
    let mesh = try decode(
      vertices + "# " + String(repeating: "x", count: 1_000_000) + "\nf "
        + (1...count).map { "\($0)" }.joined(separator: " "))
    #expect(
      mesh.faceCount == 1 && mesh.corners.count == count && mesh.corners[count - 1] == count - 1)
  }

  @Test(arguments: [
    ("v 0 0 0\nf 1 1 2\n", "line 2: a face uses vertex 2, expected 1 to 1"),
    ("v 0 0 0\n\nf 1 \\\n1 1\nf 7 1 1\nf 9 1 8\n", "line 6: a face uses vertex 9, expected 1 to 1"),
    ("v 0 0 0\nf 0 1 1\n", "line 2: a face uses vertex 0, expected 1 to 1"),
    ("v 0 0 0\nf 1 1 -2\n", "line 2: a face uses vertex -2, expected -1 to -1"),
    ("f 1 1 1\n", "line 1: a face uses vertex 1, expected none, because there are no vertices"),
    ("v 0 0 0\nf 1 1 99999999999\n", "line 2: a face uses vertex 99999999999, expected 1 to 1"),
  ])
  func aVertexThatIsNotThereIsNamed(text: String, problem: String) {
    #expect(
      message { _ = try decode(text) } == "a.obj, \(problem); repair the face or leave it out")
  }

  @Test(arguments: [
    ("v 1 2 3\nf 1 x 1", "line 2: found \"x\", expected the number of a vertex"),
    ("v 1 2 3\r\nf 1 1.5 1", "line 2: found \"1.5\", expected the number of a vertex"),
    ("v 1 2\r\nv 3", "line 1: found the end of the line, expected the z of a vertex"),
    ("v 1 # 2 3\nf 1 1 1", "line 1: found \"#\", expected the y of a vertex"),
  ])
  func whatIsNoNumberIsNamed(text: String, problem: String) {
    #expect(message { _ = try decode(text) } == "a.obj, \(problem); repair it or save it again")
  }

  @Test func otherProblemsAreNamed() {
    #expect(
      message { _ = try decode("v 1 2 3\nf 1 1") }
        == "a.obj, line 2: found a face of 2 corners, expected at least 3; leave it out")
    #expect(
      message { _ = try decode("v 1 2 3\nf 1") }
        == "a.obj, line 2: found a face of 1 corner, expected at least 3; leave it out")
    #expect(
      message { _ = try decode("v 1 2 3\nv 1 2") }
        == "a.obj ends too early, at line 2: expected the z of a vertex; copy or save it again")
    #expect(
      message { _ = try decode("v 1 2 3\n") }
        == "a.obj holds 1 vertices and no faces, expected a surface; "
        + "make faces between the points first")
    #expect(
      message { _ = try decode("# nothing\n") }
        == "a.obj holds 0 vertices and no faces, expected a surface; save the mesh again")
  }
}
