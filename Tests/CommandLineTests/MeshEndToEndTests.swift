import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing

/// What `inr mesh` makes of models.
struct MeshEndToEndTests {
  /// With 18 cells on a side of 2, no sample lies on the octahedron, each cell lies in one octant,
  /// and the field is linear there: the mesh is the octahedron itself.
  private static let options = "--resolution 18"

  @Test(arguments: MeshFormat.allCases)
  func theMeshIsTheSurfaceItselfInTheShapesOwnCoordinates(format: MeshFormat) throws {
    let workspace = try Workspace()
    let transformation = Similarity(scale: 0.04, translation: [0.25, -3, 0.5])
    try workspace.writeOctahedron(
      field: ShapeField(target: .sdf, transformation: transformation))
    let name = "out.\(format.rawValue.lowercased())"
    let outcome = try workspace.succeed("mesh model.safetensors \(Self.options) -o \(name)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("\(name): "))
    #expect(outcome.errors.contains("Euler number 2, watertight, area 1082.53, volume 2604.17\n"))
    let mesh = try workspace.mesh(name)
    for position in mesh.positions {
      let place = transformation.applied(to: position)
      // Of values about ½ in single precision, in the network and, at coordinates up to 100, in STL.
      #expect(abs(place.sumOfAbsolutes - 0.5) < 1e-6)
    }
    // The tips of the octahedron, where they belong: half a cell would be 1.4.
    let bounds = try #require(mesh.bounds)
    let (center, reach) = (SIMD3<Double>(-6.25, 75, -12.5), 12.5)
    #expect((bounds.lower - (center - reach)).sumOfAbsolutes < 1e-4)
    #expect((bounds.upper - (center + reach)).sumOfAbsolutes < 1e-4)
    // Faces look outwards: the volume is positive.
    #expect(abs(mesh.signedVolume / (pow(25, 3) / 6) - 1) < 1e-5)
  }

  @Test func figuresArePrintedAsJSON() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    let outcome = try workspace.succeed("mesh model.safetensors --resolution 18 --json -q")
    #expect(outcome.errors.isEmpty)
    let json = try jsonObject(outcome)
    #expect(json["output"] as? String == "model.obj" && workspace.exists("model.obj"))
    #expect(json["method"] as? String == "marching-cubes")
    #expect(json["samples"] as? [Int] == [19, 19, 19])
    #expect(json["level"] as? Double == 0 && json["inside"] as? String == "below")
    #expect(json["least"] as? Double == -0.5 && json["largest"] as? Double == 2.5)
    let mesh = try #require(json["mesh"] as? [String: Any])
    #expect(mesh["euler_number"] as? Int == 2 && mesh["parts"] as? Int == 1)
    #expect(mesh["watertight"] as? Bool == true && mesh["open_edges"] as? Int == 0)
    let written = try workspace.mesh("model.obj")
    #expect(mesh["vertices"] as? Int == written.vertexCount)
    #expect(mesh["faces"] as? Int == written.faceCount)
    #expect(abs((mesh["area"] as? Double ?? 0) - 3.0.squareRoot()) < 1e-5)
    #expect(abs((mesh["volume"] as? Double ?? 0) - 1.0 / 6) < 1e-6)
  }

  @Test func whatAModelDoesNotSayIsAssumedAloud() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron(field: nil)
    let outcome = try workspace.succeed("mesh model.safetensors \(Self.options)")
    for part in ["assumed", "the level 0 (--level)", "above", "the box from -1 to 1 (--bounds)"] {
      #expect(outcome.errors.contains(part), "\(outcome.errors)")
    }
    // Inside is outside, and the mesh has a hole in the shape of the octahedron.
    #expect(abs(try workspace.mesh("model.obj").signedVolume + 1.0 / 6) < 1e-6)
    let told = try workspace.succeed(
      "mesh model.safetensors --resolution 36 --level 0.25 --inside below --bounds -2,2,-1,1,-1,1")
    #expect(!told.errors.contains("assumed"))
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 4.0 / 3 * pow(0.75, 3)) < 1e-5)
  }

  @Test func boundsAreInTheShapesCoordinatesAndCapsCloseWhatTheyCut() throws {
    let workspace = try Workspace()
    let transformation = Similarity(scale: 0.5, translation: [1, 0, 0])
    try workspace.writeOctahedron(
      field: ShapeField(target: .sdf, transformation: transformation))
    // The octahedron's middle is at x = −2 there, its radius 1.
    let call = "mesh model.safetensors --resolution 18 --bounds=-2,0,-2,2,-2,2"
    let open = try workspace.succeed(call)
    #expect(open.errors.contains("not watertight ("))
    #expect(open.errors.contains("close it with --cap"))
    let bounds = try #require(try workspace.mesh("model.obj").bounds)
    #expect((bounds.lower - [-2, -1, -1]).sumOfAbsolutes < 1e-5)
    let closed = try workspace.succeed(call + " --cap --json")
    #expect(!closed.errors.contains("--cap") && closed.errors.contains(", watertight,"))
    let mesh = try workspace.mesh("model.obj")
    // Half of an octahedron of radius 1; caps lie a ten-thousandth of a cell outside.
    #expect(abs(mesh.signedVolume - 2.0 / 3) < 1e-4)
    #expect(try jsonObject(closed)["samples"] as? [Int] == [10, 19, 19])
  }

  @Test func oneOfSeveralOutputsIsTheField() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron(field: ShapeField(target: .sdf, level: -1.1), copies: 3)
    let outcome = try workspace.succeed(
      "mesh model.safetensors --resolution 32 --output-index 1 -o second.obj")
    #expect(!outcome.errors.contains("--output-index"))
    // Value 1 is |x| + |y| + |z| − 1.5.
    #expect(abs(try workspace.mesh("second.obj").signedVolume - 4.0 / 3 * pow(0.4, 3)) < 1e-3)
    let first = try workspace.run("mesh", "model.safetensors", "--level", "-0.1")
    #expect(first.errors.contains("has 3 values; the first one is taken"))
    for words in ["--output-index 3", "--output-index 3 --sparse"] {
      try expectRefusal(
        of: ["mesh", "model.safetensors"] + words.split(separator: " ").map(String.init), with: 2,
        naming: ["--output-index", "at most 2"], in: workspace)
    }
  }

  // MARK: Sparse

  /// A rod of radius 0.05, at a slant: of every eighth sample, a quarter apart, few are in it.
  @Test func aSparseSearchFollowsWhatItFinds() throws {
    let workspace = try Workspace()
    try workspace.writeSumOfAbsolutes(
      [([-0.37, 1, 0], 0), ([0.21, 0, 1], 0)], -0.05, to: "model.safetensors",
      field: ShapeField(target: .sdf))
    for options in ["--cap", "--bounds=-1,0.9,-1,1,-1,1", "--threads 1"] {
      let call = "mesh model.safetensors --resolution 64 \(options)"
      try workspace.succeed(call + " -o dense.ply")
      let outcome = try workspace.succeed(call + " --sparse -o sparse.ply")
      #expect(outcome.errors.contains("parts between them that touch no other part are missed"))
      #expect(try workspace.data("dense.ply") == workspace.data("sparse.ply"), "\(options)")
      #expect(try workspace.mesh("dense.ply").vertexCount > 100)
    }
  }

  @Test func whatASparseSearchMissesItDoesNotHide() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    // An octahedron of radius 0.05 in the middle between samples that are a quarter apart.
    let call =
      "mesh model.safetensors --resolution 64 --bounds=-1.125,0.875,-1.125,0.875,-1.125,0.875"
    try workspace.succeed(call + " --level -0.45")
    try expectRefusal(
      of: call.split(separator: " ").map(String.init) + ["--level", "-0.45", "--sparse"], with: 1,
      naming: ["-0.45", "without --sparse"], in: try fresh())
  }

  private func fresh() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    return workspace
  }
}
