import Compute
import Foundation
import Networks
import Testing

/// What wrong shapes get: one line that says what was found, what was expected and what to do, and no
/// folder.
struct FitShapeBadInputEndToEndTests {
  private func workspace() throws -> Workspace {
    let workspace = try Workspace(channels: 1)
    try ShapeFiles.write(to: workspace)
    try workspace.write("", to: "empty.obj")
    try workspace.write("hello\n", to: "text.xyz")
    try workspace.write("v 0 0 0\nv 1 0 0\nv 0 1 0\n", to: "points.obj")
    try workspace.write("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n", to: "corner.obj")
    try workspace.write("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", to: "line.obj")
    try workspace.write("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", to: "point.obj")
    try workspace.write(try workspace.data("cube.stl").dropLast(7), to: "cut.stl")
    try workspace.write(try workspace.data("volume.npy").dropLast(7), to: "cut.npy")
    func write(_ name: String, _ shape: [Int], _ elements: [Float]) throws {
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    try write("picture.npy", [4, 4], (0..<16).map(Float.init))
    try write("zeros.npy", [2, 2, 2], [Float](repeating: 0, count: 8))
    try write("nan.npy", [2, 2, 2], [0, 1, 0, 1, 0, .nan, 0, 1])
    try write("halves.npy", [1], [0.5])
    let network = Architecture(activation: "sine").makeNetwork(inputs: 2, outputs: 1, seed: 0)
    try Model(network: network).write(to: workspace.file("flat.safetensors"))
    return workspace
  }

  @Test func filesThatAreNoShapesAreNamed() throws {
    let workspace = try workspace()
    for call in [
      WrongCall("missing.obj", 1, "missing.obj: there is no such file"),
      WrongCall("missing.npy", 1, "missing.npy: there is no such file"),
      WrongCall("empty.obj", 1, "empty.obj is empty"),
      WrongCall("text.xyz", 1, "text.xyz is no mesh", "expected OBJ, PLY or STL"),
      WrongCall("picture.png", 1, "picture.png is no mesh", "OBJ, PLY or STL"),
      WrongCall("points.obj", 1, "points.obj holds 3 vertices and no faces"),
      WrongCall("corner.obj", 1, "corner.obj, line 4: a face uses vertex 4"),
      WrongCall("line.obj", 1, "line.obj: the mesh has", "no area"),
      WrongCall("point.obj", 1, "point.obj: all vertices are in one place"),
      WrongCall("cut.stl", 1, "cut.stl"),
      WrongCall("cut.npy", 1, "cut.npy does not hold what its header says"),
      WrongCall("picture.npy", 1, "picture.npy: found an array of shape [4, 4]", "[depth, "),
      WrongCall("zeros.npy", 1, "zeros.npy: no voxel is full", "above 0.5", "--threshold"),
      WrongCall("volume.npy --threshold 1.5", 1, "volume.npy: no voxel is full", "above 1.5"),
      WrongCall("volume.npy --threshold=-1", 1, "volume.npy: all voxels are full", "above -1"),
      WrongCall("nan.npy", 1, "nan.npy: element [1, 0, 1] is not a number"),
      WrongCall("packed.npy", 1, "packed.npy: found an array of shape [48]", "--packed D,H,W"),
      WrongCall("packed.npy --packed 6,7,8", 1, "shape [48], but a packed volume of [6, 7, 8]"),
      WrongCall("packed.npy --packed 65536,65536,65536", 1, "shape [48]", "35184372088832"),
      WrongCall("halves.npy --packed 2,2,2", 1, "halves.npy: found the element 0.5", "bytes"),
    ] {
      try expectRefusal(
        of: ["fit", "shape"] + call.words, with: call.code, naming: call.parts, in: workspace)
    }
  }

  @Test func optionsThatDoNotFitAreNamed() throws {
    let workspace = try workspace()
    for call in [
      WrongCall("", 2, "SHAPE"),
      WrongCall("volume.npy --bounds 0,1,0,1,0,1", 2, "--bounds", "a volume is fitted as a whole"),
      WrongCall("volume.npy --margin 0.2", 2, "--margin", "a volume is fitted as a whole"),
      WrongCall("volume.npy --grid 64", 2, "--grid", "on its own voxels"),
      WrongCall("cube.obj --threshold 1", 2, "--threshold", "only a volume (.npy) has voxels"),
      WrongCall("cube.obj --packed 2,2,2", 2, "--packed", "only a volume (.npy) has voxels"),
      WrongCall("volume.npy --packed 2,2", 2, "--packed"),
      WrongCall("volume.npy --packed 2,2,2.5", 2, "--packed", "three whole numbers"),
      WrongCall("volume.npy --packed 2,2,70000", 2, "--packed"),
      WrongCall("cube.obj --bounds 0,1,0,1", 2, "--bounds"),
      WrongCall("cube.obj --bounds nan,1,0,1,0,1", 2, "--bounds"),
      WrongCall("cube.obj --bounds 0,1,0,1,0,1 --margin 1", 2, "--bounds", "--margin"),
      WrongCall("cube.obj --margin=-1", 2, "--margin"),
      WrongCall("cube.obj --target occupancy --eikonal 1", 2, "--eikonal", "--target sdf"),
      WrongCall("cube.obj --target volume", 2, "--target", "occupancy", "sdf"),
      WrongCall("cube.obj --near-share 1.5", 2, "--near-share"),
      WrongCall("cube.obj --near-spread 0", 2, "--near-spread"),
      WrongCall("cube.obj --samples 0", 2, "--samples"),
      WrongCall("cube.obj --grid 1", 2, "--grid"),
      WrongCall("cube.obj --target-psnr 30", 2, "--target-psnr"),
      WrongCall("cube.obj --hold-out 0.5", 2, "--hold-out"),
      WrongCall(
        "cube.obj --target occupancy --loss absolute", 2, "--loss", "absolute",
        "cross-entropy or squared", "--target occupancy"),
      WrongCall(
        "cube.obj --loss cross-entropy", 2, "--loss", "absolute or squared", "--target sdf"),
      WrongCall(
        "cube.obj --optimizer kfac --loss squared --eikonal 0.1", 1,
        "an eikonal term is one of slopes",
        "adam or soap"),
      WrongCall(
        "cube.obj --optimizer kfac --loss absolute --eikonal 0", 1, "AbsoluteError has none"),
      WrongCall("cube.obj --bounds 1,0,0,1,0,1", 1, "the bounds 1,0,0,1,0,1 have no volume"),
      WrongCall("cube.obj --bounds 0,1,0,1,0,1", 1, "cube.obj: the bounds", "10,14,20,22,30,31"),
      WrongCall(
        "cube.obj --bounds 11,12,20.5,21,30.2,30.8", 1, "cube.obj: the box holds nothing of the"),
      WrongCall("cube.obj --init-from flat.safetensors", 1, "takes 2 coordinates", "3 and 1"),
      WrongCall("cube.obj --width 65536 --hidden-layers 9", 1, "MB of memory", "are free"),
      WrongCall("cube.obj --resume run", 2, "cube.obj", "--resume"),
      WrongCall("--resume run", 1, "run: found no checkpoint.safetensors"),
    ] {
      try expectRefusal(
        of: ["fit", "shape"] + call.words, with: call.code, naming: call.parts, in: workspace)
    }
  }
}
