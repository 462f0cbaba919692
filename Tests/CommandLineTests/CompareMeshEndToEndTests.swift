import Foundation
import Imaging
import Meshes
import Testing

/// What `inr compare` says of meshes, and `inr render` draws of them.
struct CompareMeshEndToEndTests {
  /// Two boxes of 2 x 1 x 1, one of them moved by a half along x.
  private func boxes() throws -> Workspace {
    let workspace = try Workspace(channels: 1)
    try workspace.writeBox([0, 0, 0], [2, 1, 1], to: "a.obj")
    try workspace.writeBox([0.5, 0, 0], [2.5, 1, 1], to: "b.ply")
    return workspace
  }

  @Test func figuresAreThoseOfTheSolids() throws {
    let workspace = try boxes()
    let json = try jsonObject(try workspace.succeed("compare a.obj b.ply --json --threshold 0.25"))
    func number(_ name: String) -> Double { json[name] as? Double ?? .nan }
    // 1.5 of 2.5 in common; 100,000 points, all of them in the union's box: three errors.
    #expect(abs(number("iou") - 0.6) < 3 * number("iou_standard_error"))
    #expect(abs(number("iou_standard_error") - (0.24 / 1e5).squareRoot()) < 1e-5)
    #expect(json["points_in_union"] as? Int == 100_000)
    // Of each box's area of 10, one end (1) is 0.5 away from the other box's surface. Of its four
    // walls (8), the last half (2) is outside it, up to 0.5 behind its end... which is another end:
    // points there are as far as they are beyond it, 0.25 on the average. The other end (1) is
    // inside it, 0.5 from the other end and from the walls at most 0.5: a pyramid's 1/6.
    let outside = (0.5 * 1 + 0.25 * 2) / 10
    let inside = (1.0 / 6) / 10
    let mean = outside + inside
    #expect(abs(number("chamfer_l1") - mean) < 0.002)
    #expect(number("chamfer_l1_sum") == 2 * number("chamfer_l1"))
    #expect(abs(number("chamfer_l2_sum") - 2 * number("chamfer_l2")) < 1e-15)
    // The corners of the far end.
    #expect(abs(number("hausdorff") - 0.5) < 1e-6)
    // Within a quarter: half of the outer walls, and of the end inside all but its middle quarter.
    let share = (6 + 1 + 0.75) / 10
    #expect(abs(number("f_score") - share) < 0.01)
    #expect(abs(number("precision") - share) < 0.01 && abs(number("recall") - share) < 0.01)
    let first = try #require((json["first"] as? [String: Any])?["mesh"] as? [String: Any])
    #expect(first["vertices"] as? Int == 8 && first["faces"] as? Int == 6)
    #expect(first["volume"] as? Double == 2 && first["area"] as? Double == 10)
  }

  @Test func equalMeshesAreEqual() throws {
    let workspace = try boxes()
    try workspace.writeBox([0, 0, 0], [2, 1, 1], to: "c.stl")
    let outcome = try workspace.succeed("compare a.obj c.stl --samples 1000")
    #expect(outcome.errors.isEmpty)
    for line in [
      "faces                    6  12", "area                    10  10",
      "volume                   2   2",
      "Hausdorff (largest distance found)  0", "volume IoU  1.000000 ± 0",
      "F-score within 0.02  1.000000 ",
    ] {
      #expect(outcome.output.contains(line), "\(outcome.output)")
    }
    // The literature's way: the distance of one set of samples from another.
    let samples = try jsonObject(
      try workspace.succeed("compare a.obj c.stl --samples 1000 --to samples --json"))
    let distance = try #require(samples["chamfer_l1"] as? Double)
    // About half of the distance √(10 / 1000) of neighbours.
    #expect(0.03...0.07 ~= distance)
  }

  @Test func theSeedDecidesAndThreadsDoNot() throws {
    let workspace = try boxes()
    func output(_ options: String) throws -> String {
      try workspace.succeed("compare a.obj b.ply --samples 5000 \(options)").output
    }
    let one = try output("--threads 1")
    #expect(try output("--threads 3") == one)
    #expect(try output("--seed 1") != one)
  }

  @Test func surfacesWithoutAnInsideHaveNoOverlap() throws {
    let workspace = try Workspace()
    try workspace.write("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", to: "a.obj")
    let text = try workspace.succeed("compare a.obj a.obj").output
    #expect(text.contains("volume IoU  not defined") && text.contains("not closed"))
    let json = try jsonObject(try workspace.succeed("compare a.obj a.obj --json"))
    #expect(json["iou"] == nil && json["points_in_union"] as? Int == 0)
  }

  /// The solids that come with the program are what data/README.md says.
  @Test func theSolidsOfTheDataFolderAreSolid() throws {
    let data = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "data")
    for (name, faces, genus) in [("rings", 27428, 3), ("bracket", 31240, 5)] {
      let mesh = try Mesh.read(data.appending(path: name + ".obj").path)
      let report = mesh.report()
      #expect(report.isSolid && report.remarks.isEmpty && report.componentCount == 1)
      #expect(report.faceCount == faces && report.eulerCharacteristic == 2 - 2 * genus)
      #expect(mesh.signedVolume > 0)
    }
  }

  // MARK: Pictures

  @Test func aMeshIsDrawnInTheMiddleOfAWhitePicture() throws {
    let workspace = try boxes()
    let outcome = try workspace.succeed(
      "render a.obj --size 80x60 --orthographic --azimuth 0 --elevation 0 -o a.npy")
    #expect(outcome.errors == "a.npy: 80 x 60 pixels\n" && outcome.output.isEmpty)
    let image = try Image.read(workspace.file("a.npy"))
    // From the front, 2 x 1 fills nine tenths of the width.
    #expect(image.channels == 1 && image[30, 40, 0] < 1)
    for (row, column, isMesh) in [
      (30, 6, true), (30, 2, false), (30, 73, true), (30, 77, false), (14, 40, true),
      (10, 40, false), (45, 40, true), (49, 40, false),
    ] {
      #expect((image[row, column, 0] < 1) == isMesh, "\(row), \(column)")
    }
    // Of a box of 4 x 2 x 1, with one axis upwards 72 x 36 pixels are seen, with the other 72 x 18.
    try workspace.writeBox([0, 0, 0], [4, 2, 1], to: "c.obj")
    for (up, isMesh) in [("y", true), ("z", false)] {
      try workspace.succeed(
        "render c.obj --size 80x60 --orthographic --azimuth 0 --elevation 0 --up \(up) -o c.npy")
      let front = try Image.read(workspace.file("c.npy"))
      #expect(front[30, 6, 0] < 1 && front[30, 40, 0] < 1 && front[10, 40, 0] == 1)
      #expect((front[17, 40, 0] < 1) == isMesh && (front[43, 40, 0] < 1) == isMesh)
    }
    // From the side it is 1 or 2 wide; the higher side fills nine tenths of the height.
    try workspace.succeed(
      "render c.obj --size 80x60 --orthographic --azimuth 90 --elevation 0 -o c.npy")
    let side = try Image.read(workspace.file("c.npy"))
    #expect(side[4, 40, 0] < 1 && side[30, 28, 0] < 1 && side[30, 24, 0] == 1)
    try workspace.succeed("render b.ply")
    let picture = try Image.read(workspace.file("b.png"))
    #expect((picture.width, picture.height) == (1024, 768))
    #expect(picture.samples.contains { $0 < 0.9 } && picture.samples[0] == 1)
    try workspace.succeed("render b.ply --bit-depth 16 --size 8x8 -o deep.png")
    #expect(try Image.read(workspace.file("deep.png")).bitDepth == .sixteen)
  }

  // MARK: Refusals

  @Test(arguments: [
    WrongCall("compare a.obj picture.png", 1, "a.obj is a mesh, picture.png is none"),
    WrongCall("compare picture.png a.obj", 1, "a.obj is a mesh, picture.png is none"),
    WrongCall("compare picture.png picture.png --samples 5", 2, "--samples", "not for pictures"),
    WrongCall("compare a.obj b.ply --samples 0", 2, "--samples", "1 to"),
    WrongCall("compare a.obj b.ply --threshold=-1", 2, "--threshold", "at least 0"),
    WrongCall("compare a.obj b.ply --to points", 2, "--to", "surface, samples"),
    WrongCall("compare a.obj flat.obj", 1, "flat.obj", "no area"),
    WrongCall("compare a.obj missing.obj", 1, "missing.obj: there is no such file"),
    WrongCall("render point.obj", 1, "point.obj", "at one point"),
    WrongCall("render a.obj --scale 2", 2, "--scale", "a mesh"),
    WrongCall("render a.obj --rectangle 0,0,1,1", 2, "--rectangle", "a mesh"),
    WrongCall("render a.obj --range 0,2", 2, "--range", "a mesh"),
    WrongCall("render a.obj --axes xy", 2, "--axes", "a mesh"),
    WrongCall("render a.obj --coordinates endpoints", 2, "--coordinates", "a mesh"),
    WrongCall("render a.obj --activation relu", 2, "--activation", "a mesh"),
    WrongCall("render a.obj --first-omega0 3", 2, "--first-omega0", "a mesh"),
    WrongCall("render model.safetensors --azimuth 3", 2, "--azimuth", "only meshes"),
    WrongCall("render model.safetensors --orthographic", 2, "--orthographic", "only meshes"),
    WrongCall("render a.obj --up x", 2, "--up", "y, z"),
    WrongCall("render a.obj --azimuth inf", 2, "--azimuth", "a number"),
    WrongCall("render a.obj --size 1000000x1", 2, "--size", "524288"),
    WrongCall("render a.obj -o a.jpg", 1, "a.jpg", "use .png or .npy"),
  ])
  func whatCannotBeComparedOrDrawnIsNamed(call: WrongCall) throws {
    let workspace = try boxes()
    try workspace.write("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", to: "flat.obj")
    try workspace.write("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", to: "point.obj")
    try expectRefusal(of: call.words, with: call.code, naming: call.parts, in: workspace)
  }
}
