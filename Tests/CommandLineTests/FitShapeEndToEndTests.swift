import Compute
import Foundation
import Imaging
import Meshes
import Networks
import ShapeFitting
import Testing

/// `inr fit shape`, run as users run it.
struct FitShapeEndToEndTests {
  /// A cuboid from (10, 20, 30) to (14, 22, 31), as `cube.obj`, and as full voxels of `volume.npy`.
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try ShapeFiles.write(to: workspace)
    return workspace
  }

  /// Short, and with a network that is small. What decides the result is not left to defaults.
  private static let small = [
    ["--target", "occupancy"], ["--loss", "squared"], ["--near-share", "0.5"],
    ["--near-spread", "0.02"], ["--activation", "sine"], ["--width", "16"],
    ["--hidden-layers", "1"], ["--omega0", "12"], ["--first-layer-rate", "1"],
    ["--learning-rate", "5e-3"], ["--batch", "512"], ["--samples", "4096"], ["--epochs", "4"],
    ["--grid", "16"], ["--resolution", "16"], ["--threads", "2"], ["-o", "run"],
  ]

  /// Options of a small fit that others take the place of.
  private static let replaced = [
    "--activation": ["--omega0"], "--samples": ["--batch"], "--steps": ["--epochs"],
    "--init-from": ["--activation", "--width", "--hidden-layers", "--omega0"],
  ]

  private func words(_ shape: String, _ more: [String]) -> [String] {
    let without = Set(
      more + more.flatMap { Self.replaced[$0] ?? [] } + (shape.hasSuffix(".npy") ? ["--grid"] : []))
    return ["fit", "shape", shape] + more
      + Self.small.filter { !without.contains($0[0]) }.joined()
  }

  /// A fit that must succeed, to the folder `run`.
  @discardableResult
  private func fit(
    _ shape: String, _ options: String = "", in workspace: Workspace,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> BuiltProgram.Outcome {
    let outcome = try workspace.run(
      words(shape, options.split(separator: " ").map(String.init)))
    try #require(outcome.exitCode == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  @Test func aGridIsAnEncodingWithoutEikonalTerm() throws {
    let workspace = try workspace()
    try fit("cube.obj", "--encoding grid --activation relu --grid-finest 8,4,4", in: workspace)
    let model = try workspace.run(["info", "run/model.safetensors", "--json"])
    #expect(model.output.contains(#""encoding" : "grid""#), "\(model.output)")
    let outcome = try workspace.run(
      words("cube.obj", ["--target", "sdf", "--encoding", "grid", "--eikonal", "0.1"]))
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("behind a grid encoding slopes jump"), "\(outcome.errors)")
  }

  // MARK: Results

  @Test func theFolderHasAllResults() throws {
    let workspace = try workspace()
    let outcome = try fit(
      "cube.obj", "--target sdf --loss absolute --epochs 20 --json", in: workspace)
    #expect(
      workspace.contents.filter { $0.hasPrefix("run/") }.sorted() == [
        "run/history.csv", "run/history.svg", "run/mesh.obj", "run/model.safetensors",
        "run/preview.png", "run/run.json",
      ])
    let history = try workspace.text("run/history.csv").split(separator: "\n")
    #expect(history[0] == "step,seconds,loss,iou" && history[1].hasPrefix("0,0.000,"))
    #expect(history[2].hasSuffix(","))
    let last = history[history.count - 1].split(separator: ",")
    #expect(try #require(Double(last[3])) > 0.8 && outcome.errors.contains("  IoU 0."))
    let charts = try workspace.text("run/history.svg")
    #expect(charts.contains("IoU on random points") && charts.contains("loss of the batches"))
    #expect(try Image.read(workspace.file("run/preview.png")).width > 100)

    let record = try workspace.json("run/run.json")
    #expect(record["task"] as? String == "fit shape" && record["version"] is String)
    let configuration = try #require(record["configuration"] as? [String: Any])
    #expect(configuration["target"] as? String == "sdf")
    #expect(configuration["shape"] as? String == workspace.file("cube.obj"))
    let metrics = try #require(record["metrics"] as? [String: Any])
    let printed = try jsonObject(outcome)
    for key in [
      "iou", "iou_random", "iou_standard_error", "random_points", "chamfer_l1", "hausdorff",
      "normal_consistency", "f_score", "f_score_threshold", "steps", "seconds", "rows_per_second",
    ] {
      let value = try #require(metrics[key] as? Double, "\(key)")
      #expect(printed[key] as? Double == value, "\(key)")
    }
    #expect(printed["grid"] as? [Int] == [16, 9, 6] && printed["stop"] as? String == "finished")
    #expect(printed["steps"] as? Int == 160)
    // What so small a network reaches in 160 steps is above 0.9. Samples of the small grid are nearly
    // all near the surface.
    #expect(try #require(printed["iou_random"] as? Double) > 0.85)
    #expect(try #require(printed["iou"] as? Double) > 0.7)
    #expect(outcome.errors.contains("8 vertices, 6 faces"))

    // Where the input was, not where the network has it.
    let mesh = try Mesh.read(workspace.file("run/mesh.obj"))
    let bounds = try #require(mesh.bounds)
    #expect(mesh.report().isSolid && abs(mesh.signedVolume / 8 - 1) < 0.1)
    for (found, truth) in [
      (bounds.lower, ShapeFiles.box.lower), (bounds.upper, ShapeFiles.box.upper),
    ] {
      let difference = found - truth
      #expect((difference * difference).sum().squareRoot() < 0.2, "\(bounds)")
    }
  }

  @Test(arguments: [("cube.obj", "sdf", "absolute"), ("volume.npy", "occupancy", "cross-entropy")])
  func theKindOfTheShapeSaysWhatIsFitted(shape: String, target: String, loss: String) throws {
    let workspace = try workspace()
    let call = [
      "--steps", "1", "--width", "8", "--samples", "64", "--resolution", "8", "-o", "run",
    ]
    let outcome = try workspace.run(["fit", "shape", shape] + call)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let record = try workspace.json("run/run.json")
    let configuration = try #require(record["configuration"] as? [String: Any])
    #expect(configuration["target"] as? String == target)
    #expect(configuration["loss"] as? String == loss)
    #expect(configuration["near_share"] as? Double == (target == "sdf" ? 0.8 : 0.5))
    let training = try #require(configuration["training"] as? [String: Any])
    // So narrow a network takes steps four times as large as one of 256 units.
    let rate = try #require(training["learning_rate"] as? Double)
    #expect(abs(rate / (target == "sdf" ? 5e-4 : 2.5e-4) - 4) < 1e-9)
  }

  @Test func theModelSaysWhereItsSurfaceIs() throws {
    let workspace = try workspace()
    try fit("cube.obj", "--target sdf --loss squared --margin 0.25 --epochs 1", in: workspace)
    let field = try #require(try ShapeField(workspace.model(), path: "m"))
    #expect(field.target == .sdf && field.level == 0)
    // The box is 6, 4, 3 around (12, 21, 30.5).
    let corner = field.transformation.applied(to: [15, 23, 32]) - [1, 2.0 / 3, 0.5]
    #expect(abs(corner.x) + abs(corner.y) + abs(corner.z) < 1e-9)
    #expect(abs(field.box.upper.y - 2.0 / 3) < 1e-9)
    let info = try workspace.run("info", "run/model.safetensors", "--json")
    #expect(info.exitCode == 0 && info.output.contains("\"sdf\""), "\(info.errors)")
  }

  @Test(arguments: [
    "cube.obj --loss cross-entropy", "cube.ply --target sdf --loss absolute --eikonal 0.1",
    "cube.stl --bounds 9,12,19,23,29,32", "cube.obj --near-share 0 --activation relu",
    "cube.obj --samples 100 --steps 3", "volume.npy", "volume.npy --target sdf --loss absolute",
    "volume.npy --threshold 1 --near-spread 1e30", "packed.npy --packed 6,7,9",
    "rows.npy --packed 6,7,9",
  ])
  func optionsGoTogether(call: String) throws {
    let workspace = try workspace()
    var parts = call.split(separator: " ").map(String.init)
    let shape = parts.removeFirst()
    let outcome = try workspace.run(words(shape, parts + ["--quiet", "--json"]))
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let metrics = try jsonObject(outcome)
    #expect((0...1).contains(try #require(metrics["iou"] as? Double)))
    if shape.hasSuffix(".npy") {
      #expect(metrics["grid"] as? [Int] == [9, 7, 6] && metrics["chamfer_l1"] == nil)
    }
    #expect(workspace.exists("run/model.safetensors") && workspace.exists("run/run.json"))
  }

  // The three files have the same voxels.
  @Test func packedBitsAreTheSameVolume() throws {
    let workspace = try workspace()
    try fit("volume.npy", "--threshold 1", in: workspace)
    let model = try workspace.data("run/model.safetensors")
    for name in ["packed.npy", "rows.npy"] {
      try fit(name, "--packed 6,7,9", in: workspace)
      #expect(try workspace.data("run/model.safetensors") == model)
    }
  }

  // Five hundred million voxels would take minutes.
  @Test func theGridIsLeftOutIfSomeoneInterrupts() throws {
    let workspace = try workspace()
    let call = words("cube.obj", ["--grid", "2048", "--resolution", "8", "--steps", "2"])
    let outcome = try BuiltProgram.shell(
      """
      $inr \(call.joined(separator: " ")) & p=$!
      for i in $(seq 1000); do [ -e run/preview.png ] && break; sleep 0.01; done
      kill -INT $p; wait $p
      """, in: workspace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let metrics = try #require(try workspace.json("run/run.json")["metrics"] as? [String: Any])
    #expect(metrics["iou"] == nil && metrics["iou_random"] is Double)
    #expect(
      metrics["stop"] as? String == "finished" && metrics["grid"] as? [Int] == [2048, 1195, 768])
    #expect(!workspace.exists("run/checkpoint.safetensors"))
  }

  @Test func aSolidThatWasLostIsSaid() throws {
    let workspace = try workspace()
    // Faces that point inwards wind around nothing, so the network learns that all is outside.
    let outcome = try fit("flipped.obj", "--epochs 40 --omega0 2", in: workspace)
    #expect(outcome.errors.contains("no surface: the field has "), "\(outcome.errors)")
    #expect(outcome.errors.contains("never reaches its level 0.5"))
    #expect(!workspace.exists("run/mesh.obj") && !workspace.exists("run/preview.png"))
    #expect(workspace.exists("run/model.safetensors") && workspace.exists("run/run.json"))
  }

  @Test func aSurfaceOfAnEarlierRunDoesNotStay() throws {
    let workspace = try workspace()
    try fit("cube.obj", "--epochs 1", in: workspace)
    #expect(workspace.exists("run/mesh.obj"))
    try fit("flipped.obj", "--epochs 40 --omega0 2", in: workspace)
    #expect(!workspace.exists("run/mesh.obj") && !workspace.exists("run/preview.png"))
  }

  // MARK: Repetition

  /// Long enough to be interrupted: some tenths of a second.
  private var longFit: [String] {
    words(
      "cube.obj",
      "--epochs 400 --batch 256 --samples 512 --seed 3 --checkpoint-every 0.01 --threads 1"
        .split(separator: " ").map(String.init))
  }

  @Test(arguments: ["INT", "KILL"])
  func aRunThatWasStoppedGoesOnToTheSameBytes(signal: String) throws {
    let workspace = try workspace()
    let whole = try workspace.run(longFit)
    try #require(whole.exitCode == 0, "\(whole.errors)")
    let (model, mesh) = (
      try workspace.data("run/model.safetensors"), try workspace.data("run/mesh.obj")
    )
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    let outcome = try BuiltProgram.shell(
      """
      $inr \(longFit.joined(separator: " ")) & p=$!
      for i in $(seq 1000); do [ -e run/checkpoint.safetensors ] && break; sleep 0.01; done
      sleep 0.03; kill -\(signal) $p; wait $p
      """, in: workspace.path)
    #expect(outcome.exitCode == (signal == "INT" ? 0 : 137))
    #expect(workspace.exists("run/checkpoint.safetensors"))
    if signal == "INT" {
      #expect(outcome.errors.contains("to go on: inr fit shape --resume run\n"))
      let metrics = try #require(try workspace.json("run/run.json")["metrics"] as? [String: Any])
      #expect(metrics["stop"] as? String == "interrupted")
      #expect(try #require(metrics["steps"] as? Int) < 800)
    }
    let resumed = try workspace.run(
      "fit", "shape", "--resume", "run", "--json", "-q", "--threads", "3")
    #expect(resumed.exitCode == 0 && resumed.errors.isEmpty, "\(resumed.errors)")
    #expect(try jsonObject(resumed)["steps"] as? Int == 800)
    #expect(try workspace.data("run/model.safetensors") == model)
    #expect(try workspace.data("run/mesh.obj") == mesh)
    #expect(!workspace.exists("run/checkpoint.safetensors"))
  }

  // So small a step moves no point over the surface but those that lie on it, to rounding.
  @Test func aRunMayBeginWithAModel() throws {
    let workspace = try workspace()
    let first = try fit("cube.obj", "--epochs 20 --json", in: workspace)
    let start = try #require(try jsonObject(first)["iou_random"] as? Double)
    let outcome = try workspace.run(
      words(
        "cube.obj",
        [
          "--init-from", "run/model.safetensors", "-o", "second", "--json", "--steps", "1",
          "--learning-rate", "1e-7",
        ]))
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let end = try #require(try jsonObject(outcome)["iou_random"] as? Double)
    #expect(start > 0.8 && abs(end - start) < 1e-3)
  }
}

/// Shapes as files.
enum ShapeFiles {
  static let box = Box(lower: [10, 20, 30], upper: [14, 22, 31])

  /// The box with its faces outwards.
  static var cuboid: Mesh {
    let positions = (0..<8).map { i -> SIMD3<Double> in
      let corner = SIMD3(Double(i & 1), Double(i >> 1 & 1), Double(i >> 2))
      return box.lower + box.size * corner
    }
    return Mesh(positions: positions, faces: faces)
  }

  private static let faces: [[Int32]] = [
    [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
  ]

  /// Whether voxels of a volume [6, 7, 9] are full.
  static var voxels: [Bool] {
    (0..<378).map { i in
      (2...6).contains(i % 9) && (1...4).contains(i / 9 % 7) && (2...3).contains(i / 63)
    }
  }

  /// What numpy.packbits makes of bits.
  static func packed(_ bits: ArraySlice<Bool>) -> [Float] {
    var bytes = [Float](repeating: 0, count: (bits.count + 7) / 8)
    for (i, bit) in bits.enumerated() where bit { bytes[i / 8] += Float(128 >> (i % 8)) }
    return bytes
  }

  static func write(to workspace: Workspace) throws {
    for ending in ["obj", "ply", "stl"] {
      try cuboid.write(to: workspace.file("cube." + ending))
    }
    try Mesh(positions: cuboid.positions, faces: faces.map { $0.reversed() })
      .write(to: workspace.file("flipped.obj"))
    func write(_ name: String, _ shape: [Int], _ elements: [Float]) throws {
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    try write("volume.npy", [6, 7, 9], voxels.map { $0 ? 1.5 : 0 })
    let flat = packed(voxels[...])
    try write("packed.npy", [flat.count], flat)
    let rows = stride(from: 0, to: 378, by: 9).flatMap { packed(voxels[$0..<$0 + 9]) }
    try write("rows.npy", [6, 7, 2], rows)
  }
}
