import Compute
import Foundation
import Networks
import Testing

/// What earlier and interrupted runs of `inr fit ct` leave, and what `--resume` makes of it.
struct FitCTInterruptionEndToEndTests {
  private static let small = "--width 16 --hidden-layers 1 --batch 128 --supersample 1 -o run"

  /// Ctrl-C before training leaves a checkpoint without a strength; that which there was by then means
  /// nothing, nor does a state that began with it.
  @Test func aSearchThatWasInterruptedBeginsAnew() throws {
    let workspace = try CTWorkspace.make()
    let call = "fit ct sinogram.npy --angles \(CTWorkspace.angles) --threads 1 \(Self.small)"
    func run(_ options: String) throws -> BuiltProgram.Outcome {
      let outcome = try workspace.run((call + options).split(separator: " ").map(String.init))
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      return outcome
    }
    let whole = try run(" --steps 2000")
    let found = try #require(whole.errors.firstRange(of: /total variation of strength .*/))
    let slice = try workspace.data("run/slice.npy")
    _ = try run(" --steps 2000 --time-limit 0.001")
    let path = workspace.file("run/checkpoint.safetensors")
    let file = try Safetensors.read(path)
    var configuration = try jsonObject(Data(try #require(file.metadata["configuration"]).utf8))
    try #require(configuration.removeValue(forKey: "total_variation") != nil)
    var metadata = file.metadata
    metadata["configuration"] = String(
      decoding: try JSONSerialization.data(withJSONObject: configuration), as: UTF8.self)
    try Safetensors(tensors: file.tensors, metadata: metadata).write(to: path)
    let resumed = try workspace.run("fit", "ct", "--resume", "run")
    #expect(resumed.exitCode == 0 && resumed.errors.contains(whole.errors[found]))
    #expect(try workspace.data("run/slice.npy") == slice)
  }

  /// What an earlier stack left in the folder is not taken for a part of the new one.
  @Test func aNewStackIsNotMixedWithAnEarlierOne() throws {
    let workspace = try CTWorkspace.make()
    try CTWorkspace.addStack(to: workspace)
    let call =
      ("fit ct stack.npy --angles \(CTWorkspace.angles) --steps 100000000 --time-limit 0.02 "
      + Self.small).split(separator: " ").map(String.init)
    #expect(try workspace.run(call).exitCode == 0)
    let checkpoint = try workspace.data("run/slice-0000/checkpoint.safetensors")
    let record = try workspace.data("run/slice-0000/run.json")
    let later = "run/slice-0001"
    try FileManager.default.createDirectory(
      atPath: workspace.file(later), withIntermediateDirectories: true)
    let old = [
      "\(later)/checkpoint.safetensors", "\(later)/run.json", "run/checkpoint.safetensors",
    ]
    for (name, data) in zip(old, [checkpoint, record, checkpoint]) {
      try workspace.write(data, to: name)
    }
    try workspace.write("an earlier stack", to: "run/slices.npy")
    #expect(try workspace.run(call).exitCode == 0)
    #expect(old.allSatisfy { !workspace.exists($0) })
    func resumed() throws -> BuiltProgram.Outcome {
      try workspace.run("fit", "ct", "--resume", "run", "--time-limit", "0.01")
    }
    var outcome = try resumed()
    #expect(outcome.exitCode == 0 && outcome.errors.contains("slice 0 of 2"), "\(outcome.errors)")
    // As between two slices.
    try FileManager.default.removeItem(
      atPath: workspace.file("run/slice-0000/checkpoint.safetensors"))
    outcome = try resumed()
    #expect(outcome.exitCode == 0 && outcome.errors.contains("slice 1 of 2"), "\(outcome.errors)")
  }
}
