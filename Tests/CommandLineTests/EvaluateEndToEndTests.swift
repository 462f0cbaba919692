import Compute
import Foundation
import Imaging
import Networks
import TestSupport
import Testing

/// What `inr evaluate` and `inr info` say of models, ours and others'.
struct EvaluateEndToEndTests {
  private func evaluate(
    _ points: Matrix, _ words: [String], in workspace: Workspace
  ) throws -> NumpyArray {
    try NumpyArray(shape: [points.rows, points.columns], elements: points.elements)
      .write(to: workspace.file("points.npy"))
    let outcome = try workspace.run(["evaluate"] + words)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    return try NumpyArray.read(workspace.file("out.npy"))
  }

  @Test func valuesAreThoseOfTheRendering() throws {
    let workspace = try Workspace(channels: 3)
    try workspace.fit("--activation", "wire")
    func centre(_ position: Int, of count: Int) -> Float {
      Float(Double(2 * position + 1) / Double(count) - 1)
    }
    var points = Matrix(rows: 23 * 19, columns: 2)
    for i in 0..<points.rows {
      points[i, 0] = centre(i % 23, of: 23)
      points[i, 1] = centre(i / 23, of: 19)
    }
    let values = try evaluate(
      points, ["run/model.safetensors", "points.npy", "-o", "out.npy"], in: workspace)
    let rendered = try workspace.run(
      "render", "run/model.safetensors", "--size", "23x19", "-o", "out.npy")
    #expect(rendered.exitCode == 0)
    let image = try NumpyArray.read(workspace.file("out.npy"))
    #expect(values.shape == [23 * 19, 3] && image.shape == [19, 23, 3])
    #expect(values.elements == image.elements)
  }

  @Test(arguments: [
    "--activation sine --omega0 4", "--activation gauss --sigma0 2",
    "--activation wire --omega0 4 --sigma0 2",
  ])
  func theJacobianIsTheCentralDifference(options: String) throws {
    let workspace = try Workspace(channels: 2)
    try workspace.fit(
      options.split(separator: " ").map(String.init) + ["--learning-rate", "1e-2"])
    let points = Matrix(rows: 3, columns: 2, elements: [0.1, -0.3, 0.77, 0.2, -0.9, 0.5])
    let model = "run/model.safetensors"
    let jacobian = try evaluate(
      points, [model, "points.npy", "--jacobian", "out.npy"], in: workspace)
    #expect(jacobian.shape == [3, 2, 2])
    let step: Float = 1 / 512
    var differences = [Double](repeating: 0, count: 12)
    for axis in 0..<2 {
      var shifted = [points, points]
      for row in 0..<3 {
        shifted[0][row, axis] += step
        shifted[1][row, axis] -= step
      }
      let values = try shifted.map {
        try evaluate($0, [model, "points.npy", "-o", "out.npy"], in: workspace).elements
      }
      for i in 0..<6 {
        differences[2 * i + axis] = Double(values[0][i] - values[1][i]) / Double(2 * step)
      }
    }
    #expect(differences.map(abs).max() ?? 0 > 0.1)
    // The step's square times the third derivative, of frequencies up to 20: (20/512)²/6 = 3e-4;
    // rounding adds about 4 · 2⁻²⁴ · 512 = 1e-4, divided by a slope of at least 0.1.
    #expect(relativeDeviation(jacobian.elements, from: differences) < 2e-3)
  }

  @Test func noPointsHaveNoValues() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit()
    let values = try evaluate(
      Matrix(rows: 0, columns: 2),
      ["run/model.safetensors", "points.npy", "-o", "out.npy", "--jacobian", "j.npy"],
      in: workspace)
    #expect(values.shape == [0, 1])
    #expect(try NumpyArray.read(workspace.file("j.npy")).shape == [0, 1, 2])
  }

  @Test(arguments: [
    WrongCall("model points.npy", 2, "--output or --jacobian is missing"),
    WrongCall("model", 2, "COORDINATES.npy is missing"),
    WrongCall("model points.npy -o a.npy --jacobian a.npy", 2, "--output and --jacobian"),
    WrongCall("missing points.npy -o a.npy", 1, "missing: there is no such file"),
    WrongCall("model missing.npy -o a.npy", 1, "missing.npy: there is no such file"),
    WrongCall("model picture.png -o a.npy", 1, "picture.png is not a .npy file"),
    WrongCall("model empty -o a.npy", 1, "empty is not a .npy file", "an empty file"),
    WrongCall("model run -o a.npy", 1, "run is a folder"),
    WrongCall("model line.npy -o a.npy", 1, "line.npy", "shape [4]", "expected [rows, 2]"),
    WrongCall("model solid.npy -o a.npy", 1, "solid.npy", "shape [2, 3]", "expected [rows, 2]"),
    WrongCall("model cut.npy -o a.npy", 1, "cut.npy does not hold what its header says"),
    WrongCall("model points.npy -o missing/a.npy", 1, "missing/a.npy", "no folder missing"),
    WrongCall("model points.npy -o run", 1, "run is a folder"),
  ])
  func whatCannotBeEvaluatedIsNamed(call: WrongCall) throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit()
    try workspace.write(try workspace.data("run/model.safetensors"), to: "model")
    try workspace.write("", to: "empty")
    for (name, shape) in [("points", [2, 2]), ("line", [4]), ("solid", [2, 3])] {
      let elements = [Float](repeating: 0, count: shape.reduce(1, *))
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file("\(name).npy"))
    }
    try workspace.write(try workspace.data("points.npy").dropLast(3), to: "cut.npy")
    try expectRefusal(
      of: ["evaluate"] + call.words, with: call.code, naming: call.parts, in: workspace)
  }

  // MARK: Other programs' models

  @Test(arguments: [
    ("siren_notebook", "--activation sine --omega0 3 --first-omega0 4", "sine"),
    ("finer", "--activation finer --omega0 3 --first-omega0 4", "finer"),
    ("siren_modules", "--activation sine", "sine"),
    ("gauss", "--activation gauss --sigma0 2", "gauss"),
    ("wire", "", "wire"), ("wire2d", "", "wire2d"),
    ("gabor_real", "--omega0 3 --sigma0 2", "gabor"), ("relu_sequential", "", "relu"),
    ("relu_parallel", "", "relu"), ("relu_numbered", "", "relu"), ("relu_named", "", "relu"),
    ("relu_half", "", "relu"), ("relu_bfloat16", "", "relu"), ("relu_double", "", "relu"),
  ])
  func modelsSavedByPyTorchAreReadAsTheyWereMeant(
    name: String, options: String, activation: String
  ) throws {
    let workspace = try Workspace()
    let folder = GoldenNetwork.folder.appending(path: "state_dicts").path
    let values = try Safetensors.read(folder + "/values.safetensors")
    let input = try #require(values["\(name).input"])
    let points = Matrix(
      rows: input.shape[0], columns: input.shape[1], elements: try #require(input.floats))
    let words = ["\(folder)/\(name).safetensors"]
    let more = options.split(separator: " ").map(String.init)

    let found = try evaluate(points, words + ["points.npy", "-o", "out.npy"] + more, in: workspace)
    let expected = try #require(values["\(name).output"])
    #expect(found.shape == expected.shape)
    // Float32 against float64 in networks of at most 11 layers.
    let exact = try #require(expected.doubles)
    #expect(relativeDeviation(found.elements, from: exact) < 1e-5)

    let told = try workspace.run(["info"] + words + more)
    #expect(told.exitCode == 0 && told.output.hasPrefix("network     \(activation) "))
    let isAssumed = activation == "relu"
    #expect(told.errors.contains("taken for a ReLU network") == isAssumed)
    let drawn = try workspace.run(["render"] + words + more + ["--size", "5x4", "-o", "out.png"])
    let isPicture = points.columns == 2
    #expect((drawn.exitCode == 0) == isPicture, "\(drawn.errors)")
  }

  @Test func infoTellsLayersSizesAndConstants() throws {
    let workspace = try Workspace(channels: 3)
    try workspace.fit("--first-omega0", "25", "--encoding", "positional", "--frequencies", "2")
    let text = try workspace.run("info", "run/model.safetensors")
    #expect(text.exitCode == 0 && text.errors.isEmpty)
    for line in [
      "network     sine 10-12-12-3 behind a positional encoding\n", "parameters  327\n",
      "input       2 coordinates, encoding positional\n",
      "layer 0     10 → 12, real, sine omega0 25.0\n", "layer 2     12 → 3, real, linear\n",
      "width       16\n",
    ] {
      #expect(text.output.contains(line), "\(text.output)")
    }
    let json = try jsonObject(try workspace.run("info", "run/model.safetensors", "--json"))
    #expect(json["parameters"] as? Int == 327 && json["encoding"] as? String == "positional")
    #expect((json["layers"] as? [Any])?.count == 3)
  }
}
