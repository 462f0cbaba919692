import Compute
import Foundation
import Meshes
import Testing

struct MeshFilesTests {
  private static let meshes = [
    SampleMesh.cube, SampleMesh.torus(9, by: 4), SampleMesh.moebiusStrip(7),
    SampleMesh.torus(5, by: 60).transformed(by: Similarity(scale: 1e-7, translation: [1, 2, -3])),
  ]

  /// `mesh` with coordinates that have at most seven significant digits and 32 bits.
  private static func rounded(_ mesh: Mesh) -> Mesh {
    Mesh(
      positions: mesh.positions.map { SIMD3<Double>(SIMD3<Float>($0)) }, corners: mesh.corners,
      faceStarts: mesh.faceStarts)
  }

  @Test(arguments: meshes)
  func plyKeepsEveryBit(mesh: Mesh) throws {
    for mesh in [mesh, Self.rounded(mesh)] {
      #expect(try Mesh.decode(mesh.encoded(as: .ply, path: "a"), from: "a") == mesh)
    }
    let single = try Self.rounded(mesh).encoded(as: .ply, path: "a")
    #expect(single.range(of: Data("property float x".utf8)) != nil)
    #expect(single.count < 200 + 12 * mesh.vertexCount + 5 * mesh.corners.count)
  }

  @Test func plyKeepsFacesOfManyCorners() throws {
    for count in [255, 256, 70_000] {
      let long = (0..<count).map { Int32($0 % 8) }
      for other in [[0, 1, 2], long] {
        let mesh = Mesh(positions: SampleMesh.cubePositions, faces: [long, other])
        #expect(try Mesh.decode(mesh.encoded(as: .ply, path: "a"), from: "a") == mesh)
      }
    }
  }

  @Test func plyIsTextWhereFacesDifferInTheirCornersAndKeepsEveryBit() throws {
    var random = SplitMix64(seed: 5)
    let positions = (0..<200).map { k -> SIMD3<Double> in
      let sizes = [1e-300, 1e-9, 1, 1e9, 1e300]
      return SIMD3.random(in: -1...1, using: &random) * sizes[k % 5]
    }
    let faces = (0..<60).map { k -> [Int32] in
      let count = 3 + k % 4
      return (0..<count).map { corner -> Int32 in Int32((k + 7 * corner) % 200) }
    }
    let mesh = Mesh(positions: positions + [[-0.0, .pi, .leastNonzeroMagnitude]], faces: faces)
    let data = try mesh.encoded(as: .ply, path: "a")
    #expect(data.starts(with: Data("ply\nformat ascii 1.0\n".utf8)))
    #expect(try Mesh.decode(data, from: "a") == mesh)
    // Programs that take all faces to be as long as the first one can read the others.
    let squares = try SampleMesh.cube.encoded(as: .ply, path: "a")
    #expect(squares.starts(with: Data("ply\nformat binary_little_endian 1.0\n".utf8)))
  }

  @Test(arguments: meshes)
  func objKeepsSinglePrecisionAndNineDigits(mesh: Mesh) throws {
    let back = try Mesh.decode(mesh.encoded(as: .obj, path: "a"), from: "a")
    #expect(back.corners == mesh.corners && back.faceStarts == mesh.faceStarts)
    for (a, b) in zip(back.positions, mesh.positions) {
      for axis in 0..<3 { #expect(abs(a[axis] - b[axis]) <= 5.1e-9 * abs(b[axis])) }
      #expect(SIMD3<Float>(a) == SIMD3<Float>(SIMD3<Double>(SIMD3<Float>(a))))
    }
    let single = Self.rounded(mesh)
    let again = Self.rounded(try Mesh.decode(single.encoded(as: .obj, path: "a"), from: "a"))
    #expect(again == single)
  }

  @Test(arguments: meshes)
  func stlKeepsTheTrianglesOfWeldedVertices(mesh: Mesh) throws {
    let mesh = Self.rounded(mesh)
    let data = try mesh.encoded(as: .stl, path: "a")
    #expect(data.count == 84 + 50 * mesh.triangleCount && !data.starts(with: Data("solid".utf8)))
    let back = try Mesh.decode(data, from: "a")
    #expect(back.triangleCount == mesh.triangleCount)
    for (a, b) in zip(back.triangles, mesh.triangles) {
      for corner in 0..<3 {
        #expect(back.positions[Int(a[corner])] == mesh.positions[Int(b[corner])])
      }
    }
    #expect(back.vertexCount == mesh.welded().vertexCount)
    #expect(try Mesh.decode(back.encoded(as: .stl, path: "a"), from: "a") == back)
  }

  @Test func stlHasTheTrianglesNormals() throws {
    let data = try SampleMesh.cube.encoded(as: .stl, path: "a")
    let normals = (0..<12).map { triangle in
      [Float](storedIn: data.bytes.extracting(84 + 50 * triangle..<96 + 50 * triangle))
    }
    let down: [Float] = [0, 0, -1]
    #expect(normals[0] == down && normals[1] == down && normals[2] == [0, 0, 1])
    #expect(normals[11] == [1, 0, 0])
  }

  @Test(arguments: MeshFormat.allCases)
  func aWrittenFileIsReadBack(format: MeshFormat) throws {
    let path = FileManager.default.temporaryDirectory.path + "/inr-mesh-\(UUID().uuidString)."
    for name in [path + format.rawValue.lowercased(), path + format.rawValue, path + "mesh"] {
      defer { try? FileManager.default.removeItem(atPath: name) }
      try SampleMesh.cube.write(to: name, as: name.hasSuffix("mesh") ? format : nil)
      let mesh = try Mesh.read(name)
      #expect(mesh.signedVolume == 1 && mesh.report().isSolid)
    }
  }

  @Test func whatCannotBeReadOrWrittenIsExplained() {
    let cube = SampleMesh.cube
    #expect(
      message { try cube.write(to: "a.off") }
        == "a.off does not say which kind of mesh to write; expected a name that ends in .obj, "
        + ".ply or .stl")
    #expect(message { try cube.write(to: "obj") }.hasPrefix("obj does not say"))
    #expect(message { try cube.write(to: "a.obj/b") }.hasPrefix("a.obj/b does not say"))
    let folder = "/no-such-folder-of-meshes"
    #expect(
      message { try cube.write(to: folder + "/a.obj") }
        == "\(folder)/a.obj cannot be written: there is no folder \(folder); make it first")
    #expect(
      message { _ = try Mesh.read(folder + "/a.obj") }
        == "\(folder)/a.obj: there is no such file; check the name and the folder")
    #expect(
      message { _ = try Mesh.decode(Data(), from: "a.ply") }
        == "a.ply is empty; expected a mesh as OBJ, PLY or STL")
    #expect(
      message { _ = try decode("glTF\u{2}\u{0}", "a.glb") }
        == "a.glb is no mesh that can be read: found \"glTF\", expected OBJ, PLY or STL; "
        + "save it as one of these")
    #expect(message { _ = try decode("PK\u{3}\u{4}", "a.obj") }.contains("is no mesh that can be"))
    #expect(
      message { _ = try decode("OFF\n8 6 0", "a.ply") }.contains("starts with a line \"ply\""))
    let large = cube.transformed(by: Similarity(scale: 1e39))
    #expect(
      message { _ = try large.encoded(as: .stl, path: "a.stl") }
        == "a.stl: vertex 1 is beyond the numbers of STL, which has 32 bits for each; "
        + "scale the mesh down, or write OBJ or PLY")
  }

  /// Whatever the bytes are, there is a mesh whose measures can be taken, or an error.
  private static func survives(_ data: Data, _ name: String) {
    guard let mesh = try? Mesh.decode(data, from: name) else { return }
    #expect(mesh.report().faceCount > 0 && mesh.corners.allSatisfy { $0 < mesh.vertexCount })
    _ = mesh.signedVolume
  }

  private static var files: [(String, Data)] {
    get throws {
      let text =
        "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
        + "property float z\nelement face 1\nproperty list uchar int vertex_index\nend_header\n"
        + "0 0 0\n1 0 0\n0 1e0 0\n3 0 1 2\n"
      let facet =
        "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1e0 0\n"
        + "endloop\nendfacet\n"
      let cube = SampleMesh.cube
      return [
        ("a.obj", try cube.encoded(as: .obj, path: "a") + Data("f -1/2 -2//3 -3 \\\r\n -4".utf8)),
        ("a.ply", try cube.encoded(as: .ply, path: "a")), ("b.ply", Data(text.utf8)),
        ("c.ply", Data(text.replacing("\n", with: "\r\n").utf8)),
        ("a.stl", try cube.encoded(as: .stl, path: "a")),
        ("b.stl", Data("solid x\n\(facet)\(facet)endsolid x".utf8)),
      ]
    }
  }

  @Test func aFileMayEndAnywhere() throws {
    for (name, data) in try Self.files {
      for count in 0..<data.count {
        Self.survives(data.prefix(count), name)
        Self.survives(Data(data.dropFirst(count)), "a")
      }
    }
  }

  @Test func bytesMayBeAnything() throws {
    var rng = SplitMix64(seed: 8)
    for (name, data) in try Self.files {
      for _ in 0..<3000 {
        var broken = data
        for _ in 0..<1 + rng.next() % 4 {
          let place = Int(rng.next() % UInt64(data.count))
          let usual = Array("0123456789-+.eE/\\ \n\r#vfsl".utf8)
          broken[place] =
            rng.next() % 2 == 0
            ? UInt8(truncatingIfNeeded: rng.next()) : usual[Int(rng.next() % UInt64(usual.count))]
        }
        Self.survives(broken, name)
      }
    }
  }
}
