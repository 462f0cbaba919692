import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing

/// What `inr mesh` makes of networks whose surface consists of flat faces.
struct MeshExactEndToEndTests {
  @Test(arguments: MeshFormat.allCases)
  func theSurfaceOfAReLUNetworkIsExactUnlessAskedOtherwise(format: MeshFormat) throws {
    let workspace = try Workspace()
    let transformation = Similarity(scale: 0.04, translation: [0.25, -3, 0.5])
    try workspace.writeOctahedron(
      field: ShapeField(target: .sdf, transformation: transformation))
    let name = "out.\(format.rawValue.lowercased())"
    let outcome = try workspace.succeed("mesh model.safetensors -o \(name)")
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix(
        "\(name): 6 vertices, 8 faces, Euler number 2, watertight, area 1082.53, volume 2604.17\n"
          + "exact, the field is within "))
    #expect(outcome.errors.contains(", genus 0, smallest angle 60 degrees, 8 regions visited\n"))
    let mesh = try workspace.mesh(name)
    #expect(mesh.vertexCount == 6 && mesh.faceCount == 8)
    for position in mesh.positions {
      // Coordinates up to 100, in STL with single precision.
      #expect(abs(transformation.applied(to: position).sumOfAbsolutes - 0.5) < 1e-6)
    }
    #expect(abs(mesh.signedVolume / (pow(25, 3) / 6) - 1) < 1e-6)
  }

  @Test func figuresArePrintedAsJSON() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    let outcome = try workspace.succeed("mesh model.safetensors --method exact --json -q")
    #expect(outcome.errors.isEmpty)
    let json = try jsonObject(outcome)
    #expect(json["output"] as? String == "model.obj" && json["method"] as? String == "exact")
    #expect(json["box"] as? [Double] == [-1, -1, -1, 1, 1, 1])
    #expect(json["genera"] as? [Int] == [0] && json["closed_parts"] as? Int == 1)
    #expect(json["cap_faces"] as? Int == 0)
    #expect(abs((json["smallest_angle"] as? Double ?? 0) - 60) < 1e-10)
    let exact = try #require(json["exact"] as? [String: Any])
    for place in ["vertices", "edge_midpoints", "face_centroids"] {
      // The field's values are about ½.
      let deviation = try #require(exact["deviation_at_\(place)"] as? Double)
      #expect(deviation >= 0 && deviation <= 4e-16)
    }
    #expect(exact["visited_regions"] as? Int == 8 && exact["loose_ends"] as? Int == 0)
    #expect(exact["flat_regions"] as? Int == 0 && exact["unresolved_cells"] as? Int == 0)
    let mesh = try #require(json["mesh"] as? [String: Any])
    #expect(mesh["edges"] as? Int == 12 && mesh["euler_number"] as? Int == 2)
  }

  @Test func boundsAndCapsAreInTheShapesCoordinates() throws {
    let workspace = try Workspace()
    let transformation = Similarity(scale: 0.5, translation: [1, 0, 0])
    try workspace.writeOctahedron(
      field: ShapeField(target: .sdf, transformation: transformation))
    // The octahedron's middle is at x = −2 there, its radius 1.
    let call = "mesh model.safetensors --bounds=-2,0,-2,2,-2,2"
    let open = try workspace.succeed(call)
    #expect(open.errors.contains("not watertight (4 open edges)"))
    #expect(open.errors.contains("close it with --cap"))
    #expect(try workspace.mesh("model.obj").faceCount == 4)
    let closed = try workspace.succeed(call + " --cap --json")
    #expect(!closed.errors.contains("--cap") && closed.errors.contains(", watertight,"))
    #expect(closed.errors.contains("4 faces on the sides of the box"))
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 2.0 / 3) < 1e-9)
    let json = try jsonObject(closed)
    #expect(json["cap_faces"] as? Int == 4)
    #expect(json["box"] as? [Double] == [-2, -2, -2, 0, 2, 2])
  }

  @Test func polygonsStayPolygonsUnlessTriangulated() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    // Each tip is cut off, and each triangle becomes a hexagon; each side has four triangles.
    let call = "mesh model.safetensors --bounds=-0.375,0.375,-0.375,0.375,-0.375,0.375 --cap"
    try workspace.succeed(call)
    let polygons = try workspace.mesh("model.obj")
    let sizes = (0..<polygons.faceCount).map { polygons.corners(ofFace: $0).count }
    #expect(sizes == Array(repeating: 6, count: 8) + Array(repeating: 3, count: 24))
    let outcome = try workspace.succeed(call + " --triangulate --json")
    let triangles = try workspace.mesh("model.obj")
    #expect(triangles.isTriangular && triangles.faceCount == 8 * 4 + 24)
    #expect(triangles.vertexCount == polygons.vertexCount && triangles.report().isSolid)
    #expect(abs(triangles.signedVolume - polygons.signedVolume) < 1e-9)
    #expect(try jsonObject(outcome)["cap_faces"] as? Int == 24)
    #expect(outcome.errors.contains("24 faces on the sides of the box"))
  }

  @Test func aBoxThatIsAllInsideIsWrittenAndSaid() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    let call = "mesh model.safetensors --bounds=-0.1,0.1,-0.1,0.1,-0.1,0.1"
    let outcome = try workspace.succeed(call + " --cap")
    #expect(outcome.errors.contains("the mesh is the box"))
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 0.008) < 1e-9)
    try expectRefusal(
      of: call.split(separator: " ").map(String.init), with: 1,
      naming: ["level 0 nowhere in the box", "35937 points", "-0.5 to -0.2", "--bounds"],
      in: try octahedron())
  }

  @Test func aSurfaceThatIsFollowedFromAGridSaysSo() throws {
    let workspace = try Workspace()
    try workspace.writeRoundSolid()
    let complete = try workspace.succeed("mesh model.safetensors --json -o complete.obj")
    #expect(!complete.errors.contains("--seeds"))
    let proved = try #require(try jsonObject(complete)["exact"] as? [String: Any])
    #expect(proved["complete"] as? Bool == true)
    let outcome = try workspace.succeed("mesh model.safetensors --seeds grid:8 --json")
    #expect(outcome.errors.contains("(--seeds): parts that meet no edge of it are missed"))
    let exact = try #require(try jsonObject(outcome)["exact"] as? [String: Any])
    #expect(exact["complete"] as? Bool == false)
    let (found, all) = (try workspace.mesh("model.obj"), try workspace.mesh("complete.obj"))
    #expect(found.report() == all.report() && all.faceCount > 50 && all.report().isSolid)
    // The octahedron meets no edge of the box itself.
    try expectRefusal(
      of: ["mesh", "model.safetensors", "--seeds", "grid:1"], with: 1,
      naming: ["on no edge of a grid of 1 cells", "leave out --seeds"], in: try octahedron())
  }

  @Test func theBoundaryOfTwoClassesIsADifference() throws {
    let workspace = try Workspace()
    // Σ |pₖ| − ½ and ¼ Σ |pₖ| + ¼ are equal where Σ |pₖ| = 1.
    try workspace.writeTwoClasses()
    try workspace.succeed("mesh model.safetensors --output-index 0-1 --inside below")
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 4.0 / 3) < 1e-9)
    try workspace.succeed("mesh model.safetensors --output-index 1-0 --inside above")
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 4.0 / 3) < 1e-9)
    try workspace.succeed("mesh model.safetensors --output-index 1 --level 0.5 --inside below")
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 4.0 / 3) < 1e-9)
  }

  @Test func theBoxThatAnotherProgramHasWrittenIsTaken() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron(field: nil)
    for (lower, upper) in [("-0.25", "0.25"), ("[-0.25, -0.25, -0.25]", "[0.25, 0.25, 0.25]")] {
      var model = try workspace.model("model.safetensors")
      model.metadata["bbox_lo"] = lower
      model.metadata["bbox_hi"] = upper
      try model.write(to: workspace.file("boxed.safetensors"))
      let outcome = try workspace.succeed("mesh boxed.safetensors --inside below")
      #expect(outcome.errors.contains("assumed: the level 0 (--level)\n"))
      let bounds = try #require(try workspace.mesh("boxed.obj").bounds)
      #expect(bounds.lower == SIMD3(repeating: -0.25) && bounds.upper == -bounds.lower)
    }
  }

  @Test func aFieldWithoutFlatFacesIsSampledAndSaidSo() throws {
    let workspace = try octahedron()
    try workspace.writeSine()
    let outcome = try workspace.succeed("mesh sine.safetensors --json")
    #expect(outcome.errors.contains("layer 0 has the activation sine"))
    #expect(outcome.errors.contains("taken by marching cubes, 256 cells"))
    #expect(try jsonObject(outcome)["method"] as? String == "marching-cubes")
    // An option of marching cubes asks for it.
    for options in ["--resolution 18", "--method marching-cubes --resolution 18", "--sparse"] {
      let outcome = try workspace.succeed("mesh model.safetensors \(options) --json")
      #expect(try jsonObject(outcome)["method"] as? String == "marching-cubes")
      #expect(!outcome.errors.contains("activation"))
    }
    try expectRefusal(
      of: ["mesh", "sine.safetensors", "--method", "exact"], with: 1,
      naming: [
        "sine.safetensors: layer 0 has the activation sine", "relu or leaky-relu",
        "--method marching-cubes",
      ], in: workspace)
  }

  @Test func aLevelOnAWholeRegionIsAWarning() throws {
    let workspace = try Workspace()
    // max(Σ |pₖ| − ½, 0)
    try workspace.writePlateau()
    let outcome = try workspace.succeed("mesh model.safetensors --inside below")
    #expect(outcome.errors.contains("warning: the field has the level throughout 8 regions"))
    #expect(abs(try workspace.mesh("model.obj").signedVolume - 1.0 / 6) < 1e-9)
    #expect(!(try workspace.succeed("mesh model.safetensors --level 0.1")).errors.contains("warn"))
    try expectRefusal(
      of: ["mesh", "model.safetensors", "--bounds=-0.1,0.1,-0.1,0.1,-0.1,0.1"], with: 1,
      naming: ["is 0 throughout 8 regions and nowhere above"], in: try plateau())
  }

  @Test(arguments: [
    WrongCall("model.safetensors --method exact --resolution 9", 2, "--resolution", "no grid"),
    WrongCall("model.safetensors --method exact --sparse", 2, "--sparse", "no grid"),
    WrongCall(
      "model.safetensors --method marching-cubes --seeds grid:9", 2, "--seeds",
      "exact surfaces only"),
    WrongCall("model.safetensors --seeds 9", 2, "--seeds", "grid: and a whole number"),
    WrongCall("volume.npy --seeds grid:9", 2, "--seeds", "no network"),
    WrongCall("volume.npy --latent 1,2", 2, "--latent", "no network"),
    WrongCall("model.safetensors --latent 0.5", 1, "2 coordinates, expected 3", "inr contour"),
    WrongCall("model.safetensors --level 7", 1, "level 7", "run from -0.5 to 2.5", "--level"),
    WrongCall("model.safetensors --output-index 0-0", 2, "--output-index", "difference of two"),
    WrongCall("model.safetensors --output-index 0-1", 2, "--output-index", "at most 0"),
    WrongCall("model.safetensors --output-index a", 2, "--output-index", "e.g. 0"),
    WrongCall(
      "classes.safetensors --output-index 0-1 --resolution 9", 2, "--output-index", "single value"),
    WrongCall("broken.safetensors", 1, "broken.safetensors: layer 1", "not finite"),
    WrongCall("volume.npy --method exact", 2, "--method", "samples alone"),
    WrongCall("plane.safetensors", 1, "2 coordinates, expected 3", "inr contour"),
    WrongCall("model.safetensors --bounds 0,1,0,1,1,1", 2, "--bounds", "a box with a volume"),
  ])
  func whatCannotBeDoneIsSaid(call: WrongCall) throws {
    let workspace = try octahedron()
    try workspace.writeSumOfAbsolutes(
      [([1, 0, 0], 0)], .nan, to: "broken.safetensors", field: ShapeField(target: .sdf))
    try workspace.writeTwoClasses(to: "classes.safetensors", field: ShapeField(target: .sdf))
    try workspace.writeVolume([3, 3, 3]) { x, _, _ in Float(x) }
    let map = LinearMap(weight: .init(rows: 1, columns: 2, elements: [1, 1]), bias: [0])
    try Model(network: try Network(inputs: 2, layers: [Layer(map)]))
      .write(to: workspace.file("plane.safetensors"))
    try expectRefusal(
      of: ["mesh"] + call.words, with: call.code, naming: call.parts, in: workspace)
  }

  private func octahedron() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    return workspace
  }

  private func plateau() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.writePlateau()
    return workspace
  }
}

extension Workspace {
  /// A network of the values Σ |pₖ| − ½ and ¼ Σ |pₖ| + ¼.
  fileprivate func writeTwoClasses(
    to name: String = "model.safetensors", field: ShapeField? = nil
  ) throws {
    try writeOctahedron(to: name, field: field, copies: 2)
    var model = try self.model(name)
    let hidden = model.network.layers[0]
    let output = LinearMap(
      weight: Matrix(
        rows: 2, columns: 6,
        elements: Array(repeating: 1, count: 6) + Array(repeating: 0.25, count: 6)),
      bias: [-0.5, 0.25])
    model.network = try Network(inputs: 3, layers: [hidden, Layer(output)])
    try model.write(to: file(name))
  }

  /// A network of Σ max(wₖ · p, 0) − ½ for 14 directions w, of which no three are in a plane.
  fileprivate func writeRoundSolid() throws {
    var random = SplitMix64(seed: 3)
    let weight = Matrix(
      rows: 14, columns: 3, elements: (0..<42).map { _ in Float(random.nextNormal()) })
    let hidden = LinearMap(weight: weight, bias: Array(repeating: 0, count: 14))
    let output = LinearMap(
      weight: Matrix(rows: 1, columns: 14, elements: Array(repeating: 1, count: 14)), bias: [-0.5])
    let network = try Network(
      inputs: 3, layers: [Layer(hidden, activation: ReLU()), Layer(output)])
    try Model(network: network, properties: ShapeField(target: .sdf).properties)
      .write(to: file("model.safetensors"))
  }

  /// A network of max(Σ |pₖ| − ½, 0).
  fileprivate func writePlateau() throws {
    try writeOctahedron()
    var model = try self.model("model.safetensors")
    var layers = model.network.layers
    layers[1].activation = ReLU()
    layers.append(
      Layer(LinearMap(weight: Matrix(rows: 1, columns: 1, elements: [1]), bias: [0])))
    model.network = try Network(inputs: 3, layers: layers)
    try model.write(to: file("model.safetensors"))
  }

  /// A network of sines with the level 0 in x = 0.
  fileprivate func writeSine() throws {
    let hidden = LinearMap(
      weight: Matrix(rows: 1, columns: 3, elements: [1, 0, 0]), bias: [0])
    let output = LinearMap(weight: Matrix(rows: 1, columns: 1, elements: [1]), bias: [0])
    let network = try Network(
      inputs: 3, layers: [Layer(hidden, activation: Sine([1])), Layer(output)])
    try Model(network: network, properties: ShapeField(target: .sdf).properties)
      .write(to: file("sine.safetensors"))
  }
}
