import Foundation
import Testing

/// `--track`, of all fits.
struct TrackingEndToEndTests {
  private static let options = ["--activation", "relu", "--encoding", "none", "--seed", "3"]

  private struct History {
    let head: [String]
    let lines: [[String: String]]

    init(_ text: String) {
      let rows = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      let head = rows[0]
      self.head = head
      lines = rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
    }

    func values(_ name: String) -> [(step: Int, value: Double)] {
      lines.compactMap { line in
        guard let step = line["step"].flatMap({ Int($0) }),
          let value = line[name].flatMap({ Double($0) })
        else { return nil }
        return (step, value)
      }
    }
  }

  private static func picture(step: Int) -> String { String(format: "step-%06d.png", step) }

  /// The files in the folder of pictures.
  private static func pictures(in workspace: Workspace) -> [String: Data] {
    let folder = "run/regions/"
    let names = workspace.contents.filter { $0.hasPrefix(folder) }
    return Dictionary(
      uniqueKeysWithValues: names.map {
        (String($0.dropFirst(folder.count)), (try? workspace.data($0)) ?? Data())
      })
  }

  @Test func aPicturesHistoryHasWhatWasTracked() throws {
    let workspace = try Workspace(channels: 1)
    let track = ["--track", "complexity,regions,distance,every=16"]
    try workspace.fit(Self.options + track)
    let history = History(try workspace.text("run/history.csv"))
    #expect(
      history.head == ["step", "seconds", "loss", "psnr", "complexity", "regions", "distance"])
    for name in ["complexity", "regions", "distance"] {
      #expect(history.values(name).map(\.step) == [0, 16, 32, 40])
    }
    #expect(history.lines.count == 41)
    let regions = history.values("regions").map(\.value)
    // 24 neurons: at least as many regions as the first layer's lines make in a square that most of
    // them cross, and at most 24²/2 and a bit.
    #expect(regions.allSatisfy { $0 > 20 && $0 < 350 && $0 == $0.rounded() })
    #expect(history.values("distance").allSatisfy { $0.value > 0 && $0.value < 1 })
    #expect(history.values("complexity").allSatisfy { $0.value > 0 && $0.value < 24 })
    #expect(
      Self.pictures(in: workspace).keys.sorted() == [0, 16, 32, 40].map { Self.picture(step: $0) })
    let charts = try workspace.text("run/history.svg")
    #expect(charts.contains("regions") && charts.contains("PSNR of the batches"))
    let training =
      (try workspace.json("run/run.json")["configuration"] as? [String: Any])?["training"]
    let tracking = (training as? [String: Any])?["tracking"] as? [String: Any]
    #expect(tracking?["interval"] as? Int == 16)

    // The model does not know that it was watched.
    let model = try workspace.data("run/model.safetensors")
    try workspace.fit(Self.options)
    #expect(try workspace.data("run/model.safetensors") == model)
    let plain = History(try workspace.text("run/history.csv"))
    #expect(plain.head == ["step", "seconds", "loss", "psnr"] && plain.lines.count == 40)
  }

  @Test(arguments: ["relu", "leaky-relu"])
  func theLastNetworkIsTrackedAsTheRegionsCommandShowsIt(activation: String) throws {
    let workspace = try Workspace(channels: 3)
    let outcome = try workspace.fit(
      "--activation", activation, "--encoding", "none", "--hidden-layers", "2", "--track",
      "regions",
      "--seed", "7")
    // So short a run has no time for all pictures.
    let last = try #require(Self.pictures(in: workspace)[Self.picture(step: 40)])
    #expect((2..<10).contains(Self.pictures(in: workspace).count))
    #expect(outcome.errors.components(separatedBy: "--track: drawing").count == 2)
    // No value is as high, so that no level set is on top.
    let regions = try workspace.run(
      ["regions", "run/model.safetensors", "-o", "last.png", "--color", "pattern", "--size", "400"]
        + ["--level", "1000", "--output-index", "0", "--json"])
    try #require(regions.exitCode == 0, "\(regions.errors)")
    #expect(try workspace.data("last.png") == last)
    let history = History(try workspace.text("run/history.csv"))
    let count = try jsonObject(regions)["regions"] as? Double
    #expect(history.values("regions").last?.value == count)
  }

  @Test func picturesThatCannotBeWrittenEndTheRun() throws {
    let workspace = try Workspace(channels: 1)
    try FileManager.default.createDirectory(
      atPath: workspace.file("run"), withIntermediateDirectories: true)
    try workspace.write("in the way", to: "run/regions")
    let words = Self.options + ["--quiet", "--track", "regions"]
    let options = Workspace.options(words)
    let before = workspace.contents
    let outcome = try workspace.run(["fit", "image", "picture.png"] + options)
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("run/regions: ") && workspace.contents == before)
    #expect(outcome.errors.count(where: \.isNewline) == 1, "\(outcome.errors)")
  }

  @Test(arguments: ["", ",every=150"]) func aResumedRunHasTheSameHistory(every: String) throws {
    let workspace = try Workspace(channels: 1)
    let words =
      Self.options + ["--track", "regions,distance" + every, "--steps", "600", "--batch", "32"]
    try workspace.fit(words)
    let whole = History(try workspace.text("run/history.csv"))
    let pictures = Self.pictures(in: workspace)
    #expect(pictures.count > 1 && pictures[Self.picture(step: 600)] != nil)
    if !every.isEmpty {
      let steps = [0, 150, 300, 450, 600]
      #expect(whole.values("regions").map(\.step) == steps)
      #expect(whole.values("distance").map(\.step) == steps)
      #expect(pictures.keys.sorted() == steps.map { Self.picture(step: $0) })
    }
    // What the run before left behind goes away.
    try workspace.fit(words + ["--time-limit", "0.0001"])
    #expect(Self.pictures(in: workspace)[Self.picture(step: 600)] == nil)
    // As if the run had been killed behind its checkpoint.
    try workspace.write("behind", to: "run/regions/" + Self.picture(step: 7))
    var calls = 0
    while workspace.exists("run/checkpoint.safetensors"), calls < 30 {
      let limit = calls < 3 ? ["--time-limit", "0.0002"] : []
      let outcome = try workspace.run(
        ["fit", "image", "--resume", "run", "--threads", "3"] + limit)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      calls += 1
    }
    #expect(calls > 1)
    let resumed = History(try workspace.text("run/history.csv"))
    for name in ["step", "loss", "regions", "distance"] {
      #expect(resumed.lines.map { $0[name] } == whole.lines.map { $0[name] }, "\(name)")
    }
    #expect(Self.pictures(in: workspace) == pictures)
    try expectRefusal(
      of: ["fit", "image", "--resume", "run", "--track", "regions"], with: 2,
      naming: ["--resume and --track"], in: workspace)
  }

  @Test func solidsAndSlicesAreTrackedToo() throws {
    let workspace = try CTWorkspace.make()
    try ShapeFiles.write(to: workspace)
    let small =
      Self.options + ["--width", "12", "--hidden-layers", "1", "--threads", "2", "-o", "run"]
    let solid = try workspace.run(
      [
        "fit", "shape", "cube.obj", "--track", "regions,distance,every=10", "--steps", "20",
        "--samples",
      ]
        + ["2048", "--batch", "512", "--grid", "8", "--resolution", "8"] + small)
    try #require(solid.exitCode == 0, "\(solid.errors)")
    let shape = History(try workspace.text("run/history.csv"))
    #expect(shape.head == ["step", "seconds", "loss", "iou", "regions", "distance"])
    // Along a segment, 24 neurons: a few pieces, as a mean no whole number.
    let pieces = shape.values("regions")
    #expect(pieces.map(\.step) == [0, 10, 20])
    #expect(pieces.allSatisfy { $0.value > 1 && $0.value < 48 })
    #expect(Self.pictures(in: workspace).isEmpty)

    let slice = try workspace.run(
      ["fit", "ct", "sinogram.npy", "--angles", CTWorkspace.angles, "--track", "regions,every=5"]
        + ["--steps", "10", "--supersample", "1"] + small)
    try #require(slice.exitCode == 0, "\(slice.errors)")
    let ct = History(try workspace.text("run/history.csv"))
    #expect(ct.values("regions").map(\.step) == [0, 5, 10])
    #expect(
      Self.pictures(in: workspace).keys.sorted() == [0, 5, 10].map { Self.picture(step: $0) })
  }

  @Test func whatCannotBeTrackedIsNamed() throws {
    let workspace = try Workspace(channels: 1)
    func refuse(_ words: String..., naming parts: String...) throws {
      try expectRefusal(
        of: ["fit", "image", "picture.png"] + words, with: 2, naming: parts, in: workspace)
    }
    let names = "any of regions, distance, complexity with commas between them"
    try refuse("--track", "regoins", naming: "--track", "\"regoins\"", names)
    for wrong in ["", "regions,", "every=5", "regions,every=0", "every=5,regions"] {
      try refuse("--track=\(wrong)", naming: "--track", names)
    }
    try refuse("--track", "regions,regions", naming: names)
    try refuse(
      "--track", "regions", naming: "--track", "activation sine", "--activation relu or leaky-relu")
    try refuse(
      "--track", "distance", "--activation", "soft-relu", "--encoding", "none",
      naming: "activation soft-relu")
    try refuse(
      "--track", "regions", "--activation", "relu", naming: "encoding fourier", "--encoding none")
    let model = try Workspace(channels: 1)
    try model.fit("--activation", "wire")
    try expectRefusal(
      of: ["fit", "image", "picture.png", "--track", "regions", "--init-from"]
        + [model.file("run/model.safetensors")], with: 2, naming: ["activation wire"],
      in: workspace)
  }
}
