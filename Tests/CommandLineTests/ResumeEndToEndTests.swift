import Compute
import Foundation
import Imaging
import Networks
import Testing

/// Runs that end before their time, and what becomes of them.
struct ResumeEndToEndTests {
  /// Long enough to be interrupted: some tenths of a second.
  private static let longFit = Workspace.options([
    "fit", "image", "picture.png", "--steps", "30000", "--batch", "32", "--checkpoint-every",
    "0.01", "--threads", "1", "--seed", "5",
  ])

  private func finishedRun() throws -> (workspace: Workspace, model: Data) {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(Self.longFit)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return (workspace, try workspace.data("run/model.safetensors"))
  }

  /// Starts a run and does something to its process `$p` when its first checkpoint is there.
  private func start(_ call: String, andThen action: String, in workspace: Workspace) throws
    -> BuiltProgram.Outcome
  {
    try BuiltProgram.shell(
      """
      $inr \(call) & p=$!
      for i in $(seq 1000); do [ -e run/checkpoint.safetensors ] && break; sleep 0.01; done
      \(action); wait $p
      """, in: workspace.path)
  }

  @Test(arguments: [2, 3, 4]) func theModelIsTheSameForAnyNumberOfThreads(count: Int) throws {
    let workspace = try Workspace(channels: 3)
    let options = ["--steps", "200", "--batch", "150", "--activation", "wire"]
    try workspace.fit(options + ["--threads", "1"])
    let model = try workspace.data("run/model.safetensors")
    try workspace.fit(options + ["--threads", "\(count)"])
    #expect(try workspace.data("run/model.safetensors") == model)
  }

  @Test func aRunThatIsKilledAgainAndAgainEndsInTheSameBytes() throws {
    let (workspace, model) = try finishedRun()
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    var random = SplitMix64(seed: 11)
    var kills = 0
    // The first call starts the run; it and each later one are killed a little after the run
    // is on its way.
    for attempt in 0..<6 where attempt == 0 || workspace.exists("run/checkpoint.safetensors") {
      let call =
        attempt == 0
        ? Self.longFit.joined(separator: " ")
        : "fit image --resume run --checkpoint-every 0.01 --threads \(1 + attempt % 4)"
      let pause = "0.0\(10 + random.next() % 80)"
      let outcome = try start(call, andThen: "sleep \(pause); kill -9 $p", in: workspace)
      if outcome.exitCode == 137 { kills += 1 }
    }
    #expect(kills >= 2)
    // What a program that is killed while it writes leaves behind; no process has this number.
    try workspace.write("half", to: "run/.inr-999999999-0.partial")
    if workspace.exists("run/checkpoint.safetensors") {
      let outcome = try workspace.run("fit", "image", "--resume", "run", "--threads", "2")
      #expect(outcome.exitCode == 0 && outcome.errors.contains("going on after step "))
      #expect(!workspace.exists("run/.inr-999999999-0.partial"))
    }
    #expect(try workspace.data("run/model.safetensors") == model)
    #expect(!workspace.exists("run/checkpoint.safetensors"))
  }

  @Test(arguments: ["INT", "TERM"])
  func anInterruptedRunKeepsItsModelAndGoesOnToTheSameBytes(signal: String) throws {
    let (workspace, model) = try finishedRun()
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    let outcome = try start(
      Self.longFit.joined(separator: " "), andThen: "kill -\(signal) $p", in: workspace)
    #expect(outcome.exitCode == 0 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("stopping after this step; interrupt once more to exit"))
    #expect(outcome.errors.contains("to go on: inr fit image --resume run\n"))
    let record = try workspace.json("run/run.json")
    let metrics = try #require(record["metrics"] as? [String: Any])
    #expect(metrics["stop"] as? String == "interrupted")
    #expect(try #require(metrics["steps"] as? Int) < 30_000)
    #expect(try workspace.run("render", "run/model.safetensors").exitCode == 0)

    let resumed = try workspace.run("fit", "image", "--resume", "run", "--json", "-q")
    #expect(resumed.exitCode == 0 && resumed.errors.isEmpty)
    #expect(try jsonObject(resumed)["steps"] as? Int == 30_000)
    #expect(try workspace.data("run/model.safetensors") == model)
  }

  @Test func whatCannotBeResumedIsNamed() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit()
    try FileManager.default.createDirectory(
      atPath: workspace.file("empty"), withIntermediateDirectories: true)
    func refuse(_ words: String..., code: Int32, naming parts: String...) throws {
      try expectRefusal(of: ["fit", "image"] + words, with: code, naming: parts, in: workspace)
    }
    try refuse("--resume", "run", code: 1, naming: "run:", "finished")
    try refuse("--resume", "empty", code: 1, naming: "empty:", "no checkpoint.safetensors")
    try refuse("--resume", "missing", code: 1, naming: "missing:", "no checkpoint.safetensors")
    try refuse("--resume", "picture.png", code: 1, naming: "picture.png:", "no checkpoint")
    try refuse("--resume", "run", "--steps", "9", code: 2, naming: "--resume and --steps")
    try refuse("--resume", "run", "-o", "other", code: 2, naming: "--resume and --output")
    try refuse("picture.png", "--resume", "run", code: 2, naming: #""picture.png""#, "--resume")
  }

  @Test func aCheckpointThatIsNoneOrAnothersIsNamed() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit("--time-limit", "0.01", "--steps", "100000000")
    let checkpoint = try workspace.data("run/checkpoint.safetensors")
    let path = "run/checkpoint.safetensors"
    func refuse(_ data: Data, naming parts: String...) throws {
      try workspace.write(data, to: path)
      try expectRefusal(
        of: ["fit", "image", "--resume", "run"], with: 1, naming: [path] + parts, in: workspace)
    }
    try refuse(Data(), naming: "found an empty file")
    try refuse(checkpoint.dropLast(9), naming: "does not hold what its header says")
    try refuse(try workspace.data("run/model.safetensors"), naming: "expected a checkpoint")
    try workspace.write(checkpoint, to: path)
    for kind in ["ct", "shape"] {
      try expectRefusal(
        of: ["fit", kind, "--resume", "run"], with: 1,
        naming: [path, "another kind of run", "inr fit \(kind)", "the command that began it"],
        in: workspace)
    }
    // The picture is another one now, and the network would have more outputs.
    try workspace.write(checkpoint, to: path)
    try Workspace.picture(channels: 3).write(to: workspace.file("picture.png"))
    try refuse(checkpoint, naming: "parameters")
    try FileManager.default.removeItem(atPath: workspace.file("picture.png"))
    try expectRefusal(
      of: ["fit", "image", "--resume", "run"], with: 1,
      naming: ["picture.png: there is no such file"], in: workspace)
  }

  // MARK: Divergence

  @Test(arguments: ["sine", "wire", "relu"], [1, 200])
  func aRunThatLosesItsWayNamesTheStepAndKeepsAModel(activation: String, steps: Int) throws {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(
      ["fit", "image", "picture.png"]
        + Workspace.options([
          "--activation", activation, "--learning-rate", "1e30", "--steps", "\(steps)", "--json",
        ]))
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n")
    let problem = try #require(lines.last)
    #expect(problem.contains(#/^inr: the loss became (nan|inf) at step [2-9]; /#))
    #expect(problem.contains("try a lower --learning-rate (now 1e+30)"))
    #expect(problem.contains("--omega0") == (activation != "relu"))
    #expect(lines.filter { $0.hasPrefix("inr:") }.count == 1)
    let network = try workspace.model().network
    for map in network.layers.flatMap(\.maps) {
      let numbers = map.weight.elements + map.bias + (map.imaginary?.weight.elements ?? [])
      #expect(numbers.allSatisfy { $0.isFinite })
    }
    #expect(try workspace.run("render", "run/model.safetensors").exitCode == 0)
    #expect(!workspace.exists("run/run.json"))
  }
}
