import Foundation
import Meshes
import Testing

private let header = """
  element vertex 8
  property float x
  property float y
  property float z
  element face 6
  property list uchar int vertex_indices
  end_header

  """

private let textBody =
  SampleMesh.cubePositions.map { "\(Int($0.x)) \(Int($0.y)) \(Int($0.z))\n" }.joined()
  + SampleMesh.cubeFaces.map { "4 " + $0.map { "\($0)" }.joined(separator: " ") + "\n" }.joined()

private let textCube = "ply\nformat ascii 1.0\n" + header + textBody

/// The bytes of numbers, from the lowest or from the highest byte.
private struct Bytes {
  var data = Data()
  let isBigEndian: Bool

  mutating func append(_ integer: some FixedWidthInteger) {
    let shifts = (0..<integer.bitWidth / 8).map { 8 * $0 }
    for shift in isBigEndian ? shifts.reversed() : shifts {
      data.append(UInt8(truncatingIfNeeded: integer >> shift))
    }
  }

  mutating func append(_ number: Float) { append(number.bitPattern) }
  mutating func append(_ number: Double) { append(number.bitPattern) }
}

private func binaryCube(_ isBigEndian: Bool, end: String = "\n") -> Data {
  let format = "ply\nformat binary_\(isBigEndian ? "big" : "little")_endian 1.0\n"
  var bytes = Bytes(
    data: Data((format + header).replacing("\n", with: end).utf8), isBigEndian: isBigEndian)
  for position in SampleMesh.cubePositions {
    for axis in 0..<3 { bytes.append(Float(position[axis])) }
  }
  for face in SampleMesh.cubeFaces {
    bytes.append(UInt8(4))
    for vertex in face { bytes.append(vertex) }
  }
  return bytes.data
}

struct PLYTests {
  @Test func aCubeInTextIsTheCube() throws {
    #expect(try decode(textCube) == SampleMesh.cube)
    let old = textCube.replacing("vertex_indices", with: "vertex_index")
    #expect(try decode(old, "a.ply") == SampleMesh.cube)
    #expect(try decode(String(textCube.dropLast()), "a.ply") == SampleMesh.cube)
  }

  @Test(arguments: [false, true], ["\n", "\r\n", "\r"])
  func aCubeInBytesIsTheCube(isBigEndian: Bool, end: String) throws {
    #expect(try Mesh.decode(binaryCube(isBigEndian, end: end), from: "a") == SampleMesh.cube)
    #expect(try decode(textCube.replacing("\n", with: end)) == SampleMesh.cube)
  }

  @Test(arguments: [false, true])
  func allTypesOfNumbersAreReadAndExtrasAreSkipped(isBigEndian: Bool) throws {
    let types = """
      comment list of 7 types
      obj_info x
      element camera 2
      property double a
      property list ushort int16 b
      element nothing 1000000000000
      element face 2
      property uint8 flags
      property list char uint32 vertex_index
      property list int double texcoord
      element vertex 3
      property uint16 quality
      property double z
      property int8 x
      property list uint uchar more
      property short y
      end_header

      """
    let format = "ply\nformat binary_\(isBigEndian ? "big" : "little")_endian 1.0\n"
    var bytes = Bytes(data: Data((format + types).utf8), isBigEndian: isBigEndian)
    for count in 0..<2 {
      bytes.append(1.5)
      bytes.append(UInt16(count))
      for _ in 0..<count { bytes.append(Int16(7)) }
    }
    for face: [UInt32] in [[0, 1, 2], [2, 1, 0, 1]] {
      bytes.append(UInt8(255))
      bytes.append(Int8(face.count))
      for vertex in face { bytes.append(vertex) }
      bytes.append(Int32(2))
      for _ in 0..<2 { bytes.append(Double.nan) }
    }
    for i in 0..<3 {
      bytes.append(UInt16(9))
      bytes.append(Double(i) + 0.1)
      bytes.append(Int8(-i))
      bytes.append(UInt32(i))
      for _ in 0..<i { bytes.append(UInt8(3)) }
      bytes.append(Int16(-300 * i))
    }
    let mesh = try Mesh.decode(bytes.data, from: "a")
    #expect(mesh.positions == [[0, 0, 0.1], [-1, -300, 1.1], [-2, -600, 2.1]])
    #expect(mesh.corners == [0, 1, 2, 2, 1, 0, 1] && mesh.faceStarts == [0, 3, 7])
  }

  @Test func extrasInTextAreSkipped() throws {
    let text = """
      ply
      format ascii 1.0
      element vertex 3
      property list uchar uchar more
      property float z
      property double x
      property double y
      property uchar red
      element other 1
      property float a
      element face 1
      property list uchar uint vertex_indices
      property list uchar float texcoord

      end_header
      0 3 1 2 255
      2 7 8 6 4 5 0

        1 9 9 7 8 0
      nan
      3 2 1 0 2 0.5 .5
      """
    let mesh = try decode(text)
    #expect(mesh.positions == [[1, 2, 3], [4, 5, 6], [7, 8, 9]] && mesh.corners == [2, 1, 0])
  }

  @Test(arguments: [
    ("4 4 5 7 6", "4 4 5 7", "line 19: found the end of the line, expected the number of a vertex"),
    ("4 4 5 7 6", "3 4 5 7 6", "line 19: found \"6\", expected the end of the line of a face"),
    ("4 4 5 7 6", "4 4 5 7 6.0", "line 19: found \"6.0\", expected the number of a vertex"),
    ("4 4 5 7 6", "-1 4", "line 19: found -1, expected the length of vertex_indices"),
    ("1 1 1", "1 1", "line 17: found the end of the line, expected the z of a vertex"),
    ("1 1 1", "1 y 1", "line 17: found \"y\", expected the y of a vertex"),
  ])
  func whatIsNoNumberIsNamed(old: String, new: String, problem: String) {
    let text = textCube.replacing(old + "\n", with: new + "\n")
    #expect(
      message { _ = try decode(text, "a.ply") } == "a.ply, \(problem); repair it or save it again")
  }

  @Test func aBackslashIsAWordLikeAnyOther() {
    let text = textCube.replacing("element face 6", with: "\\")
    #expect(
      message { _ = try decode(text) }
        == "a.obj, line 7 of the header: found \"\\\", expected an element, a property or "
        + "end_header; save it again")
  }

  @Test(arguments: [("4 4 5 7 8", "8"), ("4 4 5 7 -1", "-1")])
  func aVertexThatIsNotThereIsNamed(face: String, found: String) {
    let text = textCube.replacing("4 4 5 7 6", with: face)
    #expect(
      message { _ = try decode(text) }
        == "a.obj, line 19: a face uses vertex \(found), expected 0 to 7; "
        + "repair the face or leave it out")
    var data = binaryCube(true)
    data[data.count - 1] = 8
    #expect(
      message { _ = try Mesh.decode(data, from: "a") }
        == "a, byte \(data.count - 4): a face uses vertex 8, expected 0 to 7; "
        + "repair the face or leave it out")
  }

  @Test func aCoordinateThatIsNotFiniteIsNamed() {
    #expect(
      message { _ = try decode(textCube.replacing("1 1 1", with: "1 nan 1")) }
        == "a.obj, line 17: a coordinate is \"nan\", expected a finite number; "
        + "repair the vertex or leave its faces out")
    var data = binaryCube(true)
    let start = data.count - 6 * 17 - 8 * 12
    data.replaceSubrange(start + 4..<start + 6, with: [0x7f, 0x80])
    #expect(
      message { _ = try Mesh.decode(data, from: "a") }
        == "a, byte \(start + 4): a coordinate is inf, expected a finite number; "
        + "repair the vertex or leave its faces out")
  }

  @Test func aFaceOfTwoCornersIsNamed() {
    let text = textCube.replacing("4 4 5 7 6", with: "2 4 5")
    #expect(
      message { _ = try decode(text) }
        == "a.obj, line 19: found a face of 2 corners, expected at least 3; leave it out")
  }

  @Test func aHeaderThatPromisesTooMuchIsRefused() {
    let large = textCube.replacing("vertex 8", with: "vertex 4611686018427387904")
    #expect(
      message { _ = try decode(large) }
        == "a.obj does not hold what its header says: 4611686018427387904 of element vertex need "
        + "at least \(Int.max) bytes, found 108; copy or save it again")
    let more = textCube.replacing("face 6", with: "face 7")
    #expect(
      message { _ = try decode(more) }
        == "a.obj ends too early, at line 24: expected another face; copy or save it again")
    let data = binaryCube(false)
    #expect(
      message { _ = try Mesh.decode(data.dropLast(1), from: "a") }
        == "a ends too early, at byte \(data.count - 1): expected the number of a vertex; "
        + "copy or save it again")
  }

  @Test(arguments: [
    ("ply\n", "ply x\n", 1, "a PLY file starts with a line \"ply\""),
    (
      "ascii 1.0", "ascii 2.0", 2,
      "found \"format ascii 2.0\", expected format ascii, "
        + "binary_little_endian or binary_big_endian, version 1.0"
    ),
    ("format ascii 1.0", "comment", 9, "no line says which format the numbers have"),
    ("vertex 8", "vertex -8", 3, "found \"element vertex -8\", expected element NAME COUNT"),
    ("face 6", "vertex 6", 7, "found a second element \"vertex\", expected one"),
    ("element vertex 8", "", 4, "a property comes before any element"),
    (
      "float y", "half y", 5,
      "found \"property half y\", expected property TYPE NAME "
        + "or property list TYPE TYPE NAME"
    ),
    ("float y", "float v", 3, "vertices have no property y, expected one number"),
    ("float y", "float x", 3, "vertices have an unusable property x, expected one number"),
    (
      "int vertex", "float vertex", 7,
      "faces have an unusable property vertex_indices, "
        + "expected one list of integers"
    ),
    (
      "vertex_ind", "vortex_ind", 7,
      "faces have no property vertex_indices, "
        + "expected one list of integers"
    ),
    (
      "element vertex", "element point", 9,
      "there is no element vertex, expected one with x, y "
        + "and z"
    ),
    (
      "end_header", "the_end", 9,
      "found \"the_end\", expected an element, a property or "
        + "end_header"
    ),
  ])
  func aBrokenHeaderIsExplained(old: String, new: String, line: Int, problem: String) {
    let text = textCube.replacing(old, with: new)
    #expect(
      message { _ = try decode(text, "a.ply") }
        == "a.ply, line \(line) of the header: \(problem); save it again")
  }

  @Test func pointsWithoutFacesAreNoMesh() {
    let text = textCube.replacing("face 6", with: "fake 6")
    #expect(
      message { _ = try decode(text) }
        == "a.obj holds 8 vertices and no faces, expected a surface; "
        + "make faces between the points first")
  }
}
