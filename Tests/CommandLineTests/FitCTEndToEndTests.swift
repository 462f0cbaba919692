import Compute
import Foundation
import Imaging
import Networks
import Testing
import Tomography

/// `inr fit ct`, run as users run it.
struct FitCTEndToEndTests {
  private static let angles = ["--angles", CTWorkspace.angles]
  /// Short, and with a network that is small. Slices as small as these would get more points a pixel.
  private static let small = [
    "--width", "16", "--hidden-layers", "1", "--learning-rate", "3e-3", "--batch", "128",
    "--threads", "2",
  ]

  /// A fit that must succeed, to the folder `run`.
  @discardableResult
  private func fit(
    _ call: String, in workspace: Workspace, length: String = "--epochs 3",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> BuiltProgram.Outcome {
    let words = "fit ct \(call) \(length) -o run".split(separator: " ").map(String.init)
    let points = words.contains("--supersample") ? [] : ["--supersample", "1"]
    let outcome = try workspace.run(words + Self.angles + Self.small + points)
    try #require(outcome.exitCode == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  /// The architecture of the run in the folder `run`.
  private func architecture(in workspace: Workspace) throws -> [String: Any] {
    let configuration = try workspace.json("run/run.json")["configuration"] as? [String: Any]
    let fitted = try #require(configuration?["fit"] as? [String: Any])
    return try #require(fitted["architecture"] as? [String: Any])
  }

  /// Rates and sizes of its own, the tables in the model, and a run that goes on where it ended.
  @Test func aGridIsAnEncoding() throws {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy --encoding grid --grid-levels 3", in: workspace)
    let architecture = try architecture(in: workspace)
    #expect(architecture["activation"] as? String == "relu")
    let grid = (architecture["features"] as? [String: Any])?["grid"] as? [String: Any]
    #expect(grid?["levels"] as? Int == 3 && grid?["finest"] as? [Int] == [32])
    let model = try workspace.run(["info", "run/model.safetensors", "--json"])
    #expect(model.output.contains(#""encoding" : "grid""#), "\(model.output)")
  }

  /// Units are too few for the highest frequencies, and rates higher.
  @Test func theSizeOfTheNetworkCounts() throws {
    let workspace = try CTWorkspace.make()
    func constants(width: String) throws -> (frequency: Double, rate: Double) {
      let words = "fit ct sinogram.npy --steps 1 --supersample 4 -o run --width".split(
        separator: " ")
      let outcome = try workspace.run(words.map(String.init) + [width] + Self.angles)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      let configuration = try workspace.json("run/run.json")["configuration"] as? [String: Any]
      let fitted = try #require(configuration?["fit"] as? [String: Any])
      let training = fitted["training"] as? [String: Any]
      let first = try architecture(in: workspace)["first_constants"] as? [String: Double]
      return (try #require(first?["omega0"]), try #require(training?["learning_rate"] as? Double))
    }
    let (usual, narrow) = try (constants(width: "256"), constants(width: "32"))
    #expect(narrow.frequency < 0.6 * usual.frequency)
    #expect(abs(narrow.rate / usual.rate - 4) < 1e-9)
  }

  /// Data with few photons are learned by a grid, unless something is asked for that only a
  /// network of coordinates has.
  @Test(arguments: [
    ("--photons 1e4", "grid", "relu"), ("", "none", "sine"), ("--photons 1e6", "none", "sine"),
    ("--photons 1e4 --activation sine", "none", "sine"),
    ("--photons 1e4 --encoding none", "none", "sine"),
    ("--photons 1e4 --first-omega0 20", "none", "sine"),
    ("--photons 1e4 --train-constants", "none", "sine"),
    ("--photons 1e4 --optimizer kfac", "none", "sine"),
    ("--photons 1e4 --method direct", "none", "sine"),
    ("--photons 1e4 --activation relu", "fourier", "relu"),
    ("--photons 1e4 --encoding grid --activation sine", "grid", "sine"),
  ])
  func noiseDecidesBetweenGridAndSine(options: String, encoding: String, activation: String) throws
  {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy \(options)", in: workspace, length: "--steps 2")
    let architecture = try architecture(in: workspace)
    #expect(architecture["activation"] as? String == activation)
    #expect((architecture["features"] as? [String: Any])?["kind"] as? String == encoding)
  }

  /// A model brings its own encoding.
  @Test func aModelThatAFitStartsFromStaysWhatItIs() throws {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy", in: workspace, length: "--steps 2")
    try FileManager.default.moveItem(
      atPath: workspace.file("run/model.safetensors"), toPath: workspace.file("sine.safetensors"))
    let outcome = try workspace.run(
      ["fit", "ct", "sinogram.npy", "--init-from", "sine.safetensors", "--photons", "1e4"]
        + Self.angles + ["--steps", "2", "-o", "other"])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let model = try workspace.run(["info", "other/model.safetensors", "--json"])
    #expect(model.output.contains(#""activation" : "sine""#), "\(model.output)")
  }

  // MARK: Results

  @Test func theFolderHasAllResults() throws {
    let workspace = try CTWorkspace.make()
    let outcome = try fit(
      "sinogram.npy --reference slice.npy --hold-out 0.1 --reproject 40 --json", in: workspace)
    for name in [
      "model.safetensors", "slice.npy", "slice.png", "comparison.png", "residual.png",
      "history.csv", "history.svg", "run.json", "reprojected.npy",
    ] {
      #expect(workspace.exists("run/" + name), "\(name)")
    }
    #expect(!workspace.exists("run/checkpoint.safetensors"))
    #expect(try workspace.array("run/slice.npy").shape == [32, 32])
    #expect(try workspace.array("run/reprojected.npy").shape == [32, 32])
    #expect(try Image.read(workspace.file("run/residual.png")).height == 24)

    let record = try workspace.json("run/run.json")
    #expect(record["task"] as? String == "fit ct" && record["version"] is String)
    let configuration = try #require(record["configuration"] as? [String: Any])
    let fitted = try #require(configuration["fit"] as? [String: Any])
    #expect(fitted["method"] as? String == "split" && fitted["hold_out"] as? Double == 0.1)
    let rungs = try #require(configuration["variation_search"] as? [[String: Any]])
    #expect(rungs.count > 1 && rungs[0]["strength"] as? Double == 256)
    #expect((configuration["picture_window"] as? [String: Any])?["black"] is Double)

    let metrics = try #require(record["metrics"] as? [String: Any])
    let printed = try jsonObject(outcome)
    for key in [
      "psnr", "ssim", "rmse", "peak", "data_range", "residual", "residual_held_out",
      "total_variation", "seconds", "steps", "passes", "rows_per_second", "parameters",
    ] {
      let value = try #require(metrics[key] as? Double, "\(key)")
      #expect(printed[key] as? Double == value, "\(key)")
    }
    #expect(metrics["stop"] as? String == "finished" && metrics["steps"] as? Int == 24)
    #expect(metrics["passes"] as? Double == 3 && metrics["peak"] as? Double == 1)
    // FBP of this sinogram has 18 dB.
    #expect(try #require(metrics["psnr"] as? Double) > 15)
  }

  @Test func theReferenceIsOnlyMeasured() throws {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy --hold-out 0.1", in: workspace)
    let model = try workspace.data("run/model.safetensors")
    #expect((try workspace.json("run/run.json")["metrics"] as? [String: Any])?["psnr"] == nil)
    try fit("sinogram.npy --hold-out 0.1 --reference slice.npy", in: workspace)
    #expect(try workspace.data("run/model.safetensors") == model)
    try fit("sinogram.npy --hold-out 0.1 --reference run/slice.npy --peak 2", in: workspace)
    #expect(try workspace.data("run/model.safetensors") == model)
    let metrics = try #require(
      try workspace.json("run/run.json")["metrics"] as? [String: Any])
    #expect(metrics["psnr"] as? Double == 999 && metrics["peak"] as? Double == 2)
  }

  @Test func theModelIsTheSlice() throws {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy --pixel-size 0.5 --bin-width 0.5", in: workspace)
    let slice = try workspace.array("run/slice.npy")
    let rendered = try workspace.run("render", "run/model.safetensors", "-o", "out.npy")
    try #require(rendered.exitCode == 0, "\(rendered.errors)")
    var values = try workspace.array("out.npy")
    #expect(values.shape == [32, 32])
    values = NumpyArray(shape: [32, 32], elements: values.elements.map { max(0, $0) })
    #expect(slice.elements.max() ?? 0 > 0.5)
    #expect(largestDifference(values, slice) < 1e-5)

    let info = try workspace.run("info", "run/model.safetensors", "--json")
    #expect(info.exitCode == 0 && info.output.contains("pixel_size"), "\(info.errors)")
    // The pixel in row 12, column 20.
    try NumpyArray(shape: [1, 2], elements: [41.0 / 32 - 1, 25.0 / 32 - 1])
      .write(to: workspace.file("points.npy"))
    let evaluated = try workspace.run(
      "evaluate", "run/model.safetensors", "points.npy", "-o", "value.npy")
    #expect(evaluated.exitCode == 0, "\(evaluated.errors)")
    let value = try #require(try workspace.array("value.npy").elements.first)
    #expect(abs(max(0, value) - slice.elements[12 * 32 + 20]) < 1e-5)
  }

  @Test(arguments: [
    "--method direct", "--method direct --loss projection --tv 0.01 --init fbp",
    "--method direct --filter shepp-logan --anneal --huber 1 --hold-out 0.2 --hold-out-views",
    "--tv 0.5 --similarity 0.04 --anchor 0.3 --allow-negative", "--noise-level 0.5 --circle",
    "--photons 1e4 --attenuation 0.1 --supersample 2", "--weights weights.npy --views 1::2",
    "--activation wire --fan 200,300 --size 24x20", "--center auto",
  ])
  func optionsGoTogether(options: String) throws {
    let workspace = try CTWorkspace.make()
    try NumpyArray(shape: [24, 32], elements: (0..<768).map { Float(1 + $0 % 3) })
      .write(to: workspace.file("weights.npy"))
    try fit("sinogram.npy " + options, in: workspace, length: "--steps 4")
    let slice = try workspace.array("run/slice.npy")
    #expect(slice.shape == (options.contains("24x20") ? [20, 24] : [32, 32]))
    #expect(slice.elements.allSatisfy(\.isFinite) && slice.elements.contains { $0 != 0 })
  }

  // MARK: Stacks

  /// The sinogram, twice of it, and 0.9 of it.
  private func addStack(to workspace: Workspace) throws {
    let one = try workspace.array("sinogram.npy")
    let factors: [Float] = [1, 2, 0.9]
    try NumpyArray(
      shape: [3, 24, 32], elements: factors.flatMap { factor in one.elements.map { factor * $0 } }
    ).write(to: workspace.file("stack.npy"))
  }

  private static let folders = ["slice-0000", "slice-0001", "slice-0002"]

  @Test(arguments: ["", " --photons 1e4"]) func aStackIsFittedSliceBySlice(noise: String) throws {
    let workspace = try CTWorkspace.make()
    try addStack(to: workspace)
    try fit("stack.npy --slice 0" + noise, in: workspace)
    let alone = try workspace.array("run/slice.npy").elements
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    try fit("stack.npy" + noise, in: workspace)
    let slices = try workspace.array("run/slices.npy")
    #expect(slices.shape == [3, 32, 32])
    let parts = try Self.folders.map { try workspace.array("run/\($0)/slice.npy").elements }
    #expect(slices.elements == parts.flatMap(\.self) && parts[0] == alone)
    // The second slice starts from the first one's network: nearer to the truth than that was after
    // as many passes. The third slice is like the first.
    let truth = try workspace.array("slice.npy").elements
    func error(_ slice: [Float], _ scale: Float) -> Float {
      zip(slice, truth).reduce(0) { $0 + ($1.0 / scale - $1.1) * ($1.0 / scale - $1.1) }
    }
    let errors = [error(parts[0], 1), error(parts[1], 2), error(parts[2], 0.9)]
    #expect(errors[1] < errors[0] && errors[2] < errors[0], "\(errors)")
    // A stack of references goes with it.
    try fit("stack.npy --reference run/slices.npy", in: workspace, length: "--steps 2")
    let record = try workspace.json("run/slice-0002/run.json")
    #expect((record["metrics"] as? [String: Any])?["psnr"] is Double)
  }

  @Test func aStackThatIsKilledGoesOnWhereItWas() throws {
    let workspace = try CTWorkspace.make()
    try addStack(to: workspace)
    let length = "--epochs 30 --checkpoint-every 0.01"
    try fit("stack.npy", in: workspace, length: length)
    let slices = try workspace.array("run/slices.npy")
    let models = try Self.folders.map { try workspace.data("run/\($0)/model.safetensors") }
    func expectTheSame() throws {
      #expect(try workspace.array("run/slices.npy") == slices)
      for (folder, model) in zip(Self.folders, models) {
        #expect(try workspace.data("run/\(folder)/model.safetensors") == model)
      }
    }
    // Killed in the second slice.
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    let words =
      ["fit", "ct", "stack.npy", "-o", "run"] + length.split(separator: " ").map(String.init)
    let call = (words + Self.angles + Self.small + ["--supersample", "1"]).joined(separator: " ")
    let killed = try BuiltProgram.shell(
      """
      $inr \(call) & p=$!
      for i in $(seq 2000); do [ -e run/slice-0001/checkpoint.safetensors ] && break; sleep 0.005; done
      sleep 0.02; kill -9 $p; wait $p
      """, in: workspace.path)
    #expect(killed.exitCode == 137 && !workspace.exists("run/slices.npy"))
    #expect(workspace.exists("run/slice-0001/checkpoint.safetensors"))
    var resumed = try workspace.run("fit", "ct", "--resume", "run", "--threads", "1")
    #expect(resumed.exitCode == 0 && resumed.errors.contains("slice 1 of 3"), "\(resumed.errors)")
    try expectTheSame()

    // Killed between two slices, while the next one's prior was searched for.
    try FileManager.default.removeItem(atPath: workspace.file("run/slices.npy"))
    try FileManager.default.removeItem(atPath: workspace.file("run/slice-0002"))
    resumed = try workspace.run("fit", "ct", "--resume", "run")
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("slice 2 of 3") && !resumed.errors.contains("slice 1 of 3"))
    try expectTheSame()

    // And just before its end.
    try FileManager.default.removeItem(atPath: workspace.file("run/slices.npy"))
    #expect(try workspace.run("fit", "ct", "--resume", "run").exitCode == 0)
    try expectTheSame()
    try expectRefusal(
      of: ["fit", "ct", "--resume", "run"], with: 1, naming: ["run: this run is finished"],
      in: workspace)
  }

  @Test func aTimeLimitEndsTheStack() throws {
    let workspace = try CTWorkspace.make()
    try addStack(to: workspace)
    let outcome = try fit(
      "stack.npy --time-limit 0.05", in: workspace, length: "--steps 100000000")
    #expect(outcome.errors.contains("to go on with the stack: inr fit ct --resume run\n"))
    #expect(workspace.exists("run/slice-0000/checkpoint.safetensors"))
    #expect(!workspace.exists("run/slice-0001") && !workspace.exists("run/slices.npy"))
  }

  // MARK: Resuming

  @Test(arguments: ["", " --method direct", " --photons 1e4"])
  func aRunThatIsStoppedEndsInTheSameBytes(
    method: String
  )
    throws
  {
    let workspace = try CTWorkspace.make()
    let steps = method.contains("direct") ? 150 : 3000
    let length = "--steps \(steps)"
    let call = "sinogram.npy --hold-out 0.1" + method
    try fit(call, in: workspace, length: length)
    let model = try workspace.data("run/model.safetensors")
    let slice = try workspace.array("run/slice.npy")
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    let stopped = try fit(call + " --time-limit 0.03", in: workspace, length: length)
    #expect(stopped.errors.contains("to go on: inr fit ct --resume run\n"))
    let metrics = try #require(try workspace.json("run/run.json")["metrics"] as? [String: Any])
    #expect(metrics["stop"] as? String == "time-limit")
    #expect(try #require(metrics["steps"] as? Int) < steps)
    let again = try workspace.run("fit", "ct", "--resume", "run", "--time-limit", "0.03")
    #expect(again.exitCode == 0 && again.errors.contains("going on after step "))
    if workspace.exists("run/checkpoint.safetensors") {
      let last = try workspace.run(
        "fit", "ct", "--resume", "run", "--threads", "4", "--reference", "slice.npy", "--json")
      #expect(try jsonObject(last)["steps"] as? Int == steps)
      #expect(try jsonObject(last)["psnr"] is Double)
    }
    #expect(try workspace.data("run/model.safetensors") == model)
    #expect(try workspace.array("run/slice.npy") == slice)
  }

  // MARK: What cannot be fitted

  private func badWorkspace() throws -> Workspace {
    let workspace = try CTWorkspace.make()
    try addStack(to: workspace)
    func write(_ name: String, _ shape: [Int], _ value: Float, _ changed: Float? = nil) throws {
      var elements = [Float](repeating: value, count: shape.reduce(1, *))
      if let changed { elements[37] = changed }
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    try write("nan.npy", [24, 32], 1, .nan)
    try write("zero.npy", [24, 32], 0)
    try write("negative.npy", [24, 32], 1, -3)
    try write("huge.npy", [24, 32], 3e38)
    try write("short.npy", [10, 32], 1)
    try write("long.npy", [48, 32], 1)
    try write("narrow.npy", [24, 31], 1)
    try write("ones.npy", [24, 32], 1)
    try write("flat.npy", [32, 32], 0)
    try write("tiny.npy", [8, 8], 1)
    return workspace
  }

  private static let call = "sinogram.npy --angles 0:180:24"

  @Test(arguments: [
    WrongCall(
      "\(call) --method direct --optimizer kfac", 1, "K-FAC needs a loss of single points"),
    WrongCall(
      "\(call) --size 1x2 --circle --convention astra --tv 0.5", 1,
      "the mask lets no pixel differ from zero"),
    WrongCall("\(call) --loss filtered", 2, "--loss: only --method direct has a loss"),
    WrongCall("\(call) --method split --anneal", 2, "--anneal: only --method direct"),
    WrongCall("\(call) --huber 1", 2, "--huber: only --method direct"),
    WrongCall("\(call) --init fbp", 2, "--init: only --method direct"),
    WrongCall("\(call) --filter hann", 2, "--filter: only --method direct"),
    WrongCall("\(call) --method direct --similarity 0.1", 2, "--similarity: only --method split"),
    WrongCall("\(call) --method direct --anchor 0.1", 2, "--anchor: only --method split"),
    WrongCall("\(call) --method direct --tv auto", 2, "--tv auto: only --method split", "number"),
    WrongCall("\(call) --method direct --noise-level 1", 2, "--noise-level: only --method split"),
    WrongCall("\(call) --method direct --loss projection --anneal", 2, "--anneal: only --loss"),
    WrongCall(
      "\(call) --method direct --loss projection --filter hann", 2, "--filter: only --loss"),
    WrongCall("\(call) --tv 1 --noise-level 0.1", 2, "--noise-level and --tv exclude each other"),
    WrongCall("\(call) --photons 1e4 --weights ones.npy", 2, "--photons and --weights exclude"),
    WrongCall("\(call) --attenuation 0.1", 2, "--attenuation has no effect without --photons"),
    WrongCall("\(call) --hold-out-views", 2, "--hold-out-views has no effect without --hold-out"),
    WrongCall("\(call) --peak 1", 2, "--peak has no effect without --reference"),
    WrongCall("\(call) --hold-out 1", 2, "--hold-out"),
    WrongCall("\(call) --target-psnr 30", 2, "--target-psnr"),
    WrongCall("\(call) --supersample 9", 2, "--supersample"),
    WrongCall("--angles 0:180:24", 2, "SINOGRAM.npy"),
    WrongCall("sinogram.npy", 2, "--angles is missing"),
    WrongCall("sinogram.npy --angles 0:180:25", 1, "found 25 angles for 24 views"),
    WrongCall("\(call) --reference tiny.npy", 1, "tiny.npy has the shape [8, 8]", "[32, 32]"),
    WrongCall("\(call) --reference flat.npy", 1, "flat.npy has the same value everywhere"),
    WrongCall("\(call) --weights short.npy", 1, "short.npy: found weights of 10 x 32", "24 x 32"),
    WrongCall("\(call) --weights long.npy", 1, "long.npy: found weights of 48 x 32"),
    WrongCall("\(call) --weights short.npy --views 0::3", 1, "short.npy: found weights of 10 x"),
    WrongCall("\(call) --weights narrow.npy", 1, "narrow.npy: found weights of 24 x 31"),
    WrongCall("\(call) --weights negative.npy", 1, "view 1, bin 5 has the weight -3"),
    WrongCall("\(call) --weights nan.npy", 1, "nan.npy: view 1, bin 5 is nan"),
    WrongCall("\(call) --weights zero.npy", 1, "all rays have the weight 0"),
    WrongCall("\(call) --views :1 --hold-out 0.5 --hold-out-views", 1, "--hold-out 0.5 leaves no"),
    WrongCall("nan.npy --angles 0:180:24", 1, "nan.npy: view 1, bin 5 is nan"),
    WrongCall("zero.npy --angles 0:180:24", 1, "largest value is 0.0; expected line integrals"),
    WrongCall("huge.npy --angles 0:180:24", 1, "too large for sums in single precision"),
    WrongCall("missing.npy --angles 0:180:24", 1, "missing.npy: there is no such file"),
    WrongCall("stack.npy --angles 0:180:24 --slice 3", 1, "found no slice 3, expected 0 to 2"),
    WrongCall("--resume nothing", 1, "nothing: found no checkpoint.safetensors"),
    WrongCall("--resume nothing --tv 1", 2, "--resume and --tv"),
    WrongCall("sinogram.npy --resume nothing", 2, #""sinogram.npy""#, "--resume"),
    WrongCall("--resume nothing --peak 1", 2, "--peak has no effect without --reference"),
  ])
  func wrongCallsAreNamed(call: WrongCall) throws {
    let threads = call.words.contains("--resume") ? [] : ["--steps", "3", "-o", "run"]
    try expectRefusal(
      of: ["fit", "ct"] + call.words + threads + ["-q"], with: call.code, naming: call.parts,
      in: try badWorkspace())
  }

  @Test func aCheckpointOfAnotherSinogramIsNamed() throws {
    let workspace = try CTWorkspace.make()
    try fit("sinogram.npy --time-limit 0.01", in: workspace, length: "--steps 100000000")
    let path = workspace.file("run/checkpoint.safetensors")
    var file = try Safetensors.read(path)
    file = Safetensors(
      tensors: file.tensors.map { tensor in
        tensor.name == "targets"
          ? Safetensors.Tensor("targets", shape: [3], [1, 2, 3] as [Float]) : tensor
      }, metadata: file.metadata)
    try file.write(to: path)
    try expectRefusal(
      of: ["fit", "ct", "--resume", "run", "-q"], with: 1,
      naming: ["run/checkpoint.safetensors", "damaged"], in: workspace)
  }
}
