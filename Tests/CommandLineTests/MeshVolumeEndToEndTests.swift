import Compute
import Foundation
import Meshes
import Testing

/// What `inr mesh` makes of volumes.
struct MeshVolumeEndToEndTests {
  /// Of 15 planes, 13 rows and 11 columns, with the middle at (x, y, z) = (5, 6, 7).
  private static let shape = [15, 13, 11]

  private static func distance(_ x: Int, _ y: Int, _ z: Int) -> Float {
    Float(abs(x - 5) + abs(y - 6) + abs(z - 7))
  }

  @Test func samplesLieAtTheirIndicesTheLastOneBeingX() throws {
    let workspace = try Workspace()
    try workspace.writeVolume(Self.shape) { Self.distance($0, $1, $2) - 3.5 }
    try workspace.succeed("mesh volume.npy --level 0 --inside below -q")
    let mesh = try workspace.mesh("volume.obj")
    // Cells lie in one octant each and the crossings in the middle of edges: the octahedron itself.
    for position in mesh.positions {
      #expect(abs((position - [5, 6, 7]).sumOfAbsolutes - 3.5) < 1e-6)
    }
    #expect(abs(mesh.signedVolume - 4.0 / 3 * pow(3.5, 3)) < 1e-4)
    #expect(mesh.report().isSolid && mesh.eulerCharacteristic == 2)
    // As below as above, but inside out.
    try workspace.succeed("mesh volume.npy --level 0 -q")
    #expect(abs(try workspace.mesh("volume.obj").signedVolume + 4.0 / 3 * pow(3.5, 3)) < 1e-4)
  }

  /// `numpy.save` of a bool array, and of others of one byte.
  private func numpy(_ type: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False")
    -> Data
  {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ")
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 117 - header.count) + "\n"
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes)
  }

  @Test(arguments: ["|b1", "|u1"], ["False", "True"])
  func ofZerosAndOnesTheSurfaceIsHalfwayBetween(type: String, order: String) throws {
    let workspace = try Workspace()
    // 3 x 2 x 2 full voxels in 6 x 5 x 4, the first index being z.
    var bytes: [UInt8] = []
    if order == "False" {
      for z in 0..<6 {
        for y in 0..<5 {
          for x in 0..<4 { bytes.append(1...3 ~= z && 2...3 ~= y && 1...2 ~= x ? 1 : 0) }
        }
      }
    } else {
      for x in 0..<4 {
        for y in 0..<5 {
          for z in 0..<6 { bytes.append(1...3 ~= z && 2...3 ~= y && 1...2 ~= x ? 1 : 0) }
        }
      }
    }
    try workspace.write(numpy(type, [6, 5, 4], bytes, order: order), to: "mask.npy")
    let outcome = try workspace.succeed("mesh mask.npy -o mask.stl")
    #expect(outcome.errors.contains("the surface is taken at 0.5 (another: --level)\n"))
    let mesh = try workspace.mesh("mask.stl")
    let bounds = try #require(mesh.bounds)
    #expect(bounds.lower == [0.5, 1.5, 0.5] && bounds.upper == [2.5, 3.5, 3.5])
    #expect(mesh.report().isSolid)
  }

  @Test func aSolidAtTheRimIsOpenUnlessItIsCapped() throws {
    let workspace = try Workspace()
    try workspace.writeVolume([4, 4, 4]) { x, _, _ in x < 2 ? 1 : 0 }
    let open = try workspace.succeed("mesh volume.npy")
    #expect(open.errors.contains("18 vertices") == false && open.errors.contains("not watertight"))
    #expect(open.errors.contains("where the mesh is open; close it with --cap\n"))
    let closed = try workspace.succeed("mesh volume.npy --cap --json -q")
    #expect(closed.errors.isEmpty)
    let mesh = try #require(try jsonObject(closed)["mesh"] as? [String: Any])
    // 3 x 3 x 1.5, and a ten-thousandth on five of its sides.
    #expect(abs((mesh["volume"] as? Double ?? 0) - 13.5) < 0.01)
  }

  // MARK: Refusals

  @Test(arguments: [
    WrongCall("missing.npy", 1, "missing.npy: there is no such file"),
    WrongCall("flat.npy", 1, "flat.npy", "[4, 4]", "expected a volume [depth, height, width]"),
    WrongCall("thin.npy", 1, "thin.npy", "[4, 1, 4]", "at least 2 samples"),
    WrongCall("complex.npy", 1, "complex.npy", "<c8", "real numbers"),
    WrongCall("objects.npy", 1, "objects.npy", "|O"),
    WrongCall("short.npy", 1, "short.npy does not hold what its header says", "64", "60"),
    WrongCall("text.npy", 1, "text.npy is not a .npy file", "solid"),
    WrongCall("nan.npy --level 3", 1, "nan.npy", "not a number at sample (1, 2, 3)"),
    WrongCall("nan.npy", 2, "--level is missing", "nan.npy run from 0.0 to 9.0"),
    WrongCall("signed.npy", 2, "--level is missing", "-1.0 to 8.0", "--level 0 --inside below"),
    WrongCall("signed.npy --level 8.5", 1, "signed.npy", "level 8.5", "-1.0 to 8.0"),
    WrongCall("zeros.npy", 1, "zeros.npy", "level 0.5", "run from 0.0 to 0.0"),
    WrongCall("empty.npy", 1, "empty.npy", "[0, 4, 4]", "at least 2 samples"),
    WrongCall("signed.npy --level 0 -o a.png", 1, "a.png", ".obj, .ply or .stl"),
    WrongCall("signed.npy --level 0 -o missing/a.obj", 1, "missing/a.obj", "no folder missing"),
    WrongCall("signed.npy --level x", 2, "--level", #""x""#, "a number"),
    WrongCall("signed.npy --resolution 7", 2, "--resolution", "a volume has its samples"),
    WrongCall("signed.npy --sparse", 2, "--sparse", "a volume has its samples"),
    WrongCall("signed.npy --omega0 7", 2, "--omega0", "no network"),
    WrongCall("signed.npy --bounds 0,1,0,1,0,1", 2, "--bounds", "a volume has its samples"),
  ])
  func whatIsNoVolumeIsNamed(call: WrongCall) throws {
    let workspace = try Workspace()
    for (name, shape) in [("thin", [4, 1, 4]), ("flat", [4, 4]), ("empty", [0, 4, 4])] {
      try NumpyArray(
        shape: shape, elements: [Float](repeating: 1, count: shape.reduce(1, *))
      ).write(to: workspace.file(name + ".npy"))
    }
    let bytes = [UInt8](repeating: 0, count: 64)
    try workspace.write(numpy("<c8", [2, 2, 2], bytes), to: "complex.npy")
    try workspace.write(numpy("|O", [2, 2, 2], bytes), to: "objects.npy")
    try workspace.write(numpy("|u1", [4, 4, 4], Array(bytes.dropLast(4))), to: "short.npy")
    try workspace.write(numpy("|u1", [4, 4, 4], bytes), to: "zeros.npy")
    try workspace.write("solid", to: "text.npy")
    try workspace.writeVolume([4, 4, 4], to: "signed.npy") { x, y, z in Float(x + y + z - 1) }
    try workspace.writeVolume([4, 4, 4], to: "nan.npy") { x, y, z in
      (x, y, z) == (1, 2, 3) ? .nan : Float(x + y + z)
    }
    try expectRefusal(
      of: ["mesh"] + call.words, with: call.code, naming: call.parts, in: workspace)
  }
}
