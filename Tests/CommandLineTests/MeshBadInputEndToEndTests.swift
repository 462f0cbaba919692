import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing

/// Meshes and models that cannot be used, given to the commands that take them.
struct MeshBadInputEndToEndTests {
  /// Broken meshes, and what is said of them.
  private static let meshes: [(name: String, content: Data, parts: [String])] = [
    ("empty.obj", Data(), ["empty.obj is empty"]),
    ("points.obj", text("v 0 0 0\nv 1 0 0\n"), ["points.obj holds 2 vertices and no faces"]),
    (
      "nan.obj", text("v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n"),
      ["nan.obj, line 2", "nan", "finite"]
    ),
    (
      "far.obj", text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n"),
      ["far.obj, line 4", "vertex 4", "1 to 3"]
    ),
    (
      "zero.obj", text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 0\n"), ["zero.obj, line 4", "vertex 0"]
    ),
    (
      "line.obj", text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2\n"),
      ["line.obj, line 4", "a face of 2 corners", "at least 3"]
    ),
    (
      "promise.ply",
      text(
        "ply\nformat binary_little_endian 1.0\nelement vertex 1000000\nproperty float x\n"
          + "property float y\nproperty float z\nelement face 1\n"
          + "property list uchar int vertex_indices\nend_header\nabc"),
      ["promise.ply does not hold what its header says", "12000000 bytes", "found 3"]
    ),
    (
      "index.ply",
      text(
        "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
          + "property float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
          + "0 0 0\n1 0 0\n0 1 0\n3 0 1 -1\n"),
      ["index.ply", "vertex -1", "0 to 2"]
    ),
    (
      "count.stl", Data([UInt8](repeating: 0, count: 80) + [9, 0, 0, 0] + [1, 2, 3]),
      ["count.stl does not hold what its header says", "9 triangles need 534 bytes", "found 87"]
    ),
    ("other.ply", text("no mesh"), ["other.ply"]),
  ]

  private static func text(_ text: String) -> Data { Data(text.utf8) }

  private func workspace() throws -> Workspace {
    let workspace = try Workspace(channels: 1)
    for mesh in Self.meshes { try workspace.write(mesh.content, to: mesh.name) }
    try workspace.writeBox([0, 0, 0], [1, 1, 1], to: "box.obj")
    return workspace
  }

  @Test(arguments: meshes.indices)
  func aBrokenMeshIsNamedWithItsPlace(number: Int) throws {
    let (name, _, parts) = Self.meshes[number]
    let workspace = try workspace()
    for words in [
      ["render", name], ["compare", name, "box.obj"], ["compare", "box.obj", name, "--json"],
    ] {
      try expectRefusal(of: words, with: 1, naming: parts, in: workspace)
    }
  }

  @Test(arguments: [
    WrongCall("missing", 1, "missing: there is no such file"),
    WrongCall("box.obj", 1, "box.obj is a mesh already", "a model or a volume"),
    WrongCall("picture.png", 1, "picture.png", "header"),
    WrongCall("plane.safetensors", 1, "plane.safetensors", "2 coordinates, expected 3"),
    WrongCall("broken.safetensors", 1, "broken.safetensors", "not a number at sample (0, 0, 0)"),
    WrongCall("untold.safetensors", 1, "untold.safetensors", #"no usable "box""#),
    WrongCall("flat.safetensors", 1, "flat.safetensors", #"no usable "box""#),
    WrongCall("model.safetensors --level 7", 1, "level 7", "run from -0.5 to 2.5", "--level"),
    WrongCall("model.safetensors --level=-7", 1, "level -7", "run from -0.5 to 2.5"),
    WrongCall("model.safetensors --bounds 1,0,0,1,0,1", 2, "--bounds", "a box with a volume"),
    WrongCall("model.safetensors --bounds 0,1,0,0,0,1", 2, "--bounds", "a box with a volume"),
    WrongCall("model.safetensors --bounds 0,1,0,1", 2, "--bounds", "6 numbers"),
    WrongCall("model.safetensors --bounds 0,1,0,1,0,nan", 2, "--bounds", "6 numbers"),
    WrongCall("model.safetensors --resolution 0", 2, "--resolution", "1 to 32768"),
    WrongCall("model.safetensors --resolution 99999", 2, "--resolution", "1 to 32768"),
    WrongCall("model.safetensors --method exactly", 2, "--method", "marching-cubes"),
    WrongCall("model.safetensors -o out.png", 1, "out.png", ".obj, .ply or .stl"),
    WrongCall("model.safetensors -o missing/a.obj", 1, "missing/a.obj", "no folder missing"),
    WrongCall("model.safetensors --output-index 1", 2, "--output-index", "at most 0"),
    WrongCall("model.safetensors --activation sine", 1, "relu", "sine was asked for"),
    WrongCall("", 2, "MODEL|VOLUME.npy is missing"),
  ])
  func whatHasNoSurfaceIsNamed(call: WrongCall) throws {
    let workspace = try workspace()
    try workspace.writeOctahedron()
    try workspace.writeSumOfAbsolutes(
      [([1, 0, 0], 0)], .nan, to: "broken.safetensors", field: ShapeField(target: .sdf))
    var model = try workspace.model("model.safetensors")
    model.properties["box"] = nil
    try model.write(to: workspace.file("untold.safetensors"))
    model.properties["box"] = .array([0.0, 0, 0, 1, 0, 1].map { (number: Double) in JSON(number) })
    try model.write(to: workspace.file("flat.safetensors"))
    let map = LinearMap(
      weight: .init(rows: 1, columns: 2, elements: [1, 1]), bias: [0])
    try Model(network: try Network(inputs: 2, layers: [Layer(map)]))
      .write(to: workspace.file("plane.safetensors"))
    let words = call.words.contains { $0.hasPrefix("--resolution") } ? [] : ["--resolution", "16"]
    try expectRefusal(
      of: ["mesh"] + call.words + (call.words.isEmpty ? [] : words), with: call.code,
      naming: call.parts, in: workspace)
  }

  private static let hasLittleMemory = (Machine.availableMemory ?? .max) < 50_000_000_000

  @Test(.enabled(if: hasLittleMemory)) func aGridThatTheMachineHasNoMemoryForIsRefused() throws {
    let workspace = try workspace()
    try workspace.writeOctahedron()
    for sparse in [[], ["--sparse"]] {
      try expectRefusal(
        of: ["mesh", "model.safetensors", "--resolution", "32768"] + sparse, with: 1,
        naming: ["32769 x 32769 x 32769 samples", "the machine has", "--resolution"],
        in: workspace)
    }
  }
}
