import Compute
import Foundation
import Networks
import TestSupport
import Testing

/// What `inr info` and `inr evaluate` say of networks that are no chain of layers in their files.
struct ImportedModelEndToEndTests {
  private static let folder = GoldenNetwork.folder.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "SplineGeometryTests/Fixtures/imports").path

  private func golden(_ name: String, _ kind: String) throws -> NumpyArray {
    let file = try Safetensors.read(Self.folder + "/values.safetensors")
    let tensor = try #require(file["\(name).\(kind)"])
    return NumpyArray(shape: tensor.shape, elements: try #require(tensor.floats))
  }

  @Test(arguments: [
    ("residual_new.onnx", ""), ("arithmetic.onnx", ""), ("norm.safetensors", ""),
    ("igr.safetensors", "--skip-factor 0.70710678118654752"), ("deepsdf.safetensors", ""),
  ])
  func valuesAreThoseOfTheOtherProgram(file: String, options: String) throws {
    let workspace = try Workspace()
    let name = String(file.prefix { $0 != "." })
    try golden(name, "input").write(to: workspace.file("points.npy"))
    let outcome = try workspace.run(
      ["evaluate", "\(Self.folder)/\(file)", "points.npy", "-o", "values.npy"]
        + options.split(separator: " ").map(String.init))
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let (found, expected) = (
      try NumpyArray.read(workspace.file("values.npy")), try golden(name, "output")
    )
    #expect(found.elements.count == expected.elements.count && !found.elements.isEmpty)
    for (a, b) in zip(found.elements, expected.elements) {
      // Points, values and what is compared with are rounded to Float.
      #expect(abs(a - b) <= 3e-6 * max(1, abs(b)))
    }
  }

  @Test func aLatentCodeTakesThePlaceOfTheFirstInputs() throws {
    let workspace = try Workspace()
    let model = "\(Self.folder)/deepsdf.safetensors"
    let whole = try golden("deepsdf", "input")
    try whole.write(to: workspace.file("whole.npy"))
    let (code, part) = (Array(whole.elements[0..<4]), Array(whole.elements[4..<7]))
    try NumpyArray(shape: [1, 3], elements: part).write(to: workspace.file("part.npy"))
    try NumpyArray(shape: [4], elements: code).write(to: workspace.file("code.npy"))
    for latent in ["code.npy", code.map { "\($0)" }.joined(separator: ",")] {
      let outcome = try workspace.run(
        "evaluate", model, "part.npy", "--latent=\(latent)", "-o", "part-values.npy", "--jacobian",
        "slopes.npy")
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      _ = try workspace.run("evaluate", model, "whole.npy", "-o", "values.npy")
      let found = try NumpyArray.read(workspace.file("part-values.npy")).elements[0]
      let expected = try NumpyArray.read(workspace.file("values.npy")).elements[0]
      #expect(abs(found - expected) <= 1e-6)
      #expect(try NumpyArray.read(workspace.file("slopes.npy")).shape == [1, 1, 3])
    }
  }

  @Test func infoTellsLayersAndWhatWasAssumed() throws {
    let workspace = try Workspace()
    let text = try workspace.run("info", "\(Self.folder)/deepsdf_new.onnx")
    #expect(text.exitCode == 0, "\(text.errors)")
    for line in [
      "network     piecewise affine 3-14-11-14-1\n", "neurons     39\n", "parameters  446\n",
      "input       3 coordinates, output 1 value\n",
      "layer 0     14 neurons, relu, 3 values carried through\n", "layer 2     14 neurons, relu\n",
    ] {
      #expect(text.output.contains(line), "\(text.output)")
    }
    #expect(text.errors.contains("ends with Tanh, which is left out"))
    let json = try workspace.run("info", "\(Self.folder)/occupancy.safetensors", "--json")
    let object = try jsonObject(json)
    #expect(object["neurons"] as? Int == 44 && (object["layers"] as? [Any])?.count == 5)
    #expect(json.errors.contains("names no activation") && json.errors.contains("residual blocks"))
  }

  @Test(arguments: [
    WrongCall("info FOLDER/refused_sin.onnx", 1, "refused_sin.onnx", "Sin_a is a Sin"),
    WrongCall("info FOLDER/refused_two_inputs.onnx", 1, "the inputs code, x"),
    WrongCall("info FOLDER/values.safetensors", 1, "holds no network"),
    WrongCall("info missing.onnx", 1, "missing.onnx", "there is no such file"),
    WrongCall(
      "evaluate FOLDER/norm.safetensors p.npy -o v.npy --skip-factor 0.5", 1, "--skip-factor"),
    WrongCall("evaluate FOLDER/norm.safetensors p.npy -o v.npy --latent 1,2,3", 1, "--latent"),
    WrongCall("evaluate FOLDER/norm.safetensors p.npy -o v.npy --latent 1,x", 2, "--latent"),
    WrongCall("evaluate FOLDER/norm.safetensors p.npy -o v.npy --latent no.npy", 1, "no.npy"),
  ])
  func whatCannotBeReadIsNamed(call: WrongCall) throws {
    let workspace = try Workspace()
    try NumpyArray(shape: [1, 3], elements: [0, 0, 0]).write(to: workspace.file("p.npy"))
    try expectRefusal(
      of: call.words.map { $0.replacing("FOLDER", with: Self.folder) }, with: call.code,
      naming: call.parts, in: workspace)
  }
}
