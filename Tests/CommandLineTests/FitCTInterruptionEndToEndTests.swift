import Compute
import Foundation
import Testing

/// What earlier and interrupted runs of `inr fit ct` leave, and what `--resume` makes of it.
struct FitCTInterruptionEndToEndTests {
  private static let small = "--width 16 --hidden-layers 1 --batch 128 --supersample 1 -o run"

  /// Ctrl-C before training: the strength that there is by then means nothing.
  @Test func aSearchThatIsInterruptedBeginsAnew() throws {
    let workspace = try Workspace()
    let outcome = try workspace.run(
      "ct", "phantom", "--size", "96", "-o", "slice.npy", "--sinogram", "sinogram.npy",
      "--angles", "0:180:40")
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let call = "fit ct sinogram.npy --angles 0:180:40 --steps 20 --threads 1 \(Self.small)"
    let whole = try workspace.run(call.split(separator: " ").map(String.init))
    try #require(whole.exitCode == 0, "\(whole.errors)")
    let found = try #require(whole.errors.firstRange(of: /total variation of strength .*/))
    let slice = try workspace.data("run/slice.npy")
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    // The search takes seconds; the signal is sent as soon as the program listens.
    let stopped = try BuiltProgram.shell(
      """
      $inr \(call) & p=$!
      for i in $(seq 1000); do
        grep -Eq '^SigIgn:.*[4-7c-f]...$' /proc/$p/status && break; sleep 0.005
      done
      sleep 0.1; kill -TERM $p; wait $p
      """, in: workspace.path)
    #expect(stopped.exitCode == 0, "\(stopped.errors)")
    #expect(
      stopped.errors.contains(
        "interrupted before the strength of the total variation was known; "
          + "to go on: inr fit ct --resume run\n"), "\(stopped.errors)")
    #expect(!workspace.exists("run/model.safetensors"))
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
