import Compute
import Foundation
import Networks
import TestSupport
import Testing

/// What `inr measure` prints and writes.
struct MeasureEndToEndTests {
  private func record(_ json: [String: Any], _ path: String...) throws -> [String: Any] {
    try path.reduce(json) { try #require($0[$1] as? [String: Any], "\($1)") }
  }

  private func number(_ record: [String: Any], _ key: String) throws -> Double {
    try #require(record[key] as? Double, "\(key)")
  }

  @Test func aDiamondIsMeasuredByHand() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    let outcome = try workspace.succeed(
      "measure model.safetensors --only norms,regions,lipschitz,level --samples 50 --json")
    let json = try jsonObject(outcome)
    #expect(Set(json.keys) == ["norms", "regions", "lipschitz", "level"])
    let counts = try record(json, "regions", "counts")
    #expect(counts["activation_regions"] as? Int == 4 && counts["linear_regions"] as? Int == 4)
    #expect(try number(counts, "boundary_measure") == 4)
    #expect(try number(record(json, "regions"), "regions_per_measure") == 1)
    // 4² / 2! for four neurons.
    #expect(try number(record(json, "regions"), "predicted_regions_per_measure") == 8)
    let constant = try record(json, "lipschitz", "constant")
    #expect(try abs(number(constant, "value") - 2.0.squareRoot()) <= 1e-15)
    // ‖(1, 1, 1, 1)‖ √2: both columns of the hidden weights have the length √2.
    let norms = try record(json, "norms")
    #expect(try abs(number(norms, "spectral_product") - 8.0.squareRoot()) <= 1e-14)
    #expect(try number(record(norms, "norms"), "path_norm_l1") == 4)
    #expect(outcome.errors.contains("measuring regions ..."))
  }

  @Test func theAffineMapAtAPointIsPrinted() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    let outcome = try workspace.succeed("measure model.safetensors --at 0.3,-0.2 --json -o out")
    let map = try record(jsonObject(outcome), "affine-map")
    #expect(map["a"] as? [[Double]] == [[1, -1]] && map["b"] as? [Double] == [-0.5])
    #expect(try abs((#require(map["value"] as? [Double]))[0]) <= 1e-15)
    #expect(map["pattern"] as? [String] == ["1001"])
    #expect(try abs(number(map, "boundary_distance") - 0.2) <= 1e-15)
    #expect(try NumpyArray.read(workspace.file("out/A.npy")).elements == [1, -1])
  }

  @Test func rowsOfTheMapAreDrawnAsFilters() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([12, 6, 2], seed: 8)
    try NumpyArray(shape: [2, 12], elements: (0..<24).map { Float($0) / 24 })
      .write(to: workspace.file("x.npy"))
    let call = "measure model.safetensors --points x.npy --at-point"
    let outcome = try workspace.succeed("\(call) 1 --filter-size 4x3 -o out --json")
    let map = try record(jsonObject(outcome), "affine-map")
    #expect((map["a"] as? [[Double]])?.map(\.count) == [12, 12])
    #expect((map["at"] as? [Double])?.last == Double(Float(23) / 24))
    #expect(workspace.exists("out/filters.png"))
    try expectRefusal(
      of: "\(call) 2".split(separator: " ").map(String.init), with: 2,
      naming: ["--at-point", "one of the 2 points"], in: workspace)
  }

  @Test func everythingIsMeasuredByDefault() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([2, 8, 7, 3], seed: 2)
    let outcome = try workspace.succeed(
      "measure model.safetensors --samples 60 --segments 20 --bounds 0,2,-1,0 -o out --json")
    let json = try jsonObject(outcome)
    let expected: Set = [
      "norms", "regions", "lines", "distance", "complexity", "condition", "lipschitz",
      "sensitivity", "ntk", "surface", "entropy",
    ]
    #expect(Set(json.keys) == expected)
    #expect(try jsonObject(workspace.data("out/measures.json")).count == expected.count)
    #expect(try abs(number(record(json, "regions", "counts"), "measure") - 2) <= 1e-12)
    let arrays: [(String, [Int])] = [
      ("boundary-distance", [60]), ("complexity-sampled", [60]), ("tangent-sensitivity", [60]),
      ("kernel", [60, 60]), ("kernel-spectrum", [60]), ("samples-surface", [60, 3]),
      ("latents-domain", [60, 2]), ("complexity", [200, 400]), ("entropy", [200, 400]),
    ]
    for (name, shape) in arrays {
      #expect(try NumpyArray.read(workspace.file("out/\(name).npy")).shape == shape, "\(name)")
    }
    for picture in ["complexity.png", "entropy.png", "samples.png", "kernel-spectrum.svg"] {
      #expect(workspace.exists("out/\(picture)"), "\(picture)")
    }
    let people = try workspace.succeed(
      "measure model.safetensors --only distance,surface --samples 60 --bounds 0,2,-1,0")
    #expect(people.output.contains("Distance to the nearest boundary of a region, at 60 points"))
    #expect(people.output.contains("area of the domain"))
  }

  @Test func whatWasMeasuredIsPrintedWhenThereAreTooManyRegions() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([2, 9, 8, 1], seed: 3)
    let call = "measure model.safetensors --only regions,complexity --max-regions 10 --json"
    let outcome = try workspace.run(call.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 1 && outcome.errors.contains("those of the first 10"))
    let json = try jsonObject(outcome)
    let counts = try record(json, "regions", "counts")
    #expect(counts["activation_regions"] as? Int == 10 && counts["is_complete"] as? Bool == false)
    #expect(try record(json, "complexity")["exact"] == nil)
  }

  @Test func pointsTargetsAndErrorsComeFromFiles() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    // Targets one below the values: every residual is 1, so the squared norm is (2 f)² on average,
    // f without its bias being 0.3, 0.5 and 0.7, by Euler's theorem θ · ∂f/∂θ = 2 (f + 0.5) − 0.5.
    try NumpyArray(shape: [3, 2], elements: [0.1, 0.2, -0.3, 0.2, 0.3, -0.4])
      .write(to: workspace.file("x.npy"))
    try NumpyArray(shape: [3, 1], elements: [-1.2, -1, -0.8]).write(to: workspace.file("y.npy"))
    try NumpyArray(shape: [3], elements: [1, 2, 3]).write(to: workspace.file("e.npy"))
    let outcome = try workspace.succeed(
      "measure model.safetensors --only fisher-rao,distance,patterns --points x.npy "
        + "--targets y.npy --errors e.npy --json -o out")
    let json = try jsonObject(outcome)
    let squares = [0.3, 0.5, 0.7].map { (2 * $0 - 0.5) * (2 * $0 - 0.5) }
    let norm = (squares.reduce(0, +) / 3).squareRoot()
    // The targets are single precision.
    #expect(try abs(number(record(json, "fisher-rao"), "norm") - norm) <= 1e-6)
    // The distances are 0.1, 0.2 and 0.3.
    let distance = try record(json, "distance")
    #expect(try abs(number(distance, "correlation_with_errors") - 1) <= 1e-6)
    #expect(try record(json, "patterns")["different_patterns"] as? Int == 3)
    #expect(
      try NumpyArray.read(workspace.file("out/pattern-distances.npy")).elements == [
        0, 2, 2, 2, 0, 4, 2, 4, 0,
      ])
  }

  @Test func moreCoordinatesAreMeasuredInABoxOrAPlane() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([3, 6, 5, 1], seed: 4, to: "solid.safetensors")
    let box = try jsonObject(
      workspace.succeed(
        "measure solid.safetensors --only regions,level --bounds 0,1,0,2,-1,1 --json --samples 9"))
    #expect(try abs(number(record(box, "regions", "counts"), "measure") - 4) <= 1e-12)
    try workspace.writeRandom([5, 6, 5, 2], seed: 5, to: "five.safetensors")
    let plane = try jsonObject(
      workspace.succeed(
        "measure five.safetensors --only regions,sensitivity --json --samples 9 "
          + "--plane 0,0,0,0,0;1,0,0,0,0;0,0,1,0,0"))
    #expect(try abs(number(record(plane, "regions", "counts"), "measure") - 4) <= 1e-12)
    let outcome = try workspace.succeed(
      "measure five.safetensors --samples 20 --segments 9 --json")
    let all = try jsonObject(outcome)
    #expect(all["regions"] == nil && all["lines"] != nil && all["ntk"] != nil)
    #expect(
      outcome.errors.contains("no regions: the network has 5 coordinates; --plane or --through"))
    #expect(try record(all, "lipschitz")["sample"] != nil)
  }

  @Test(arguments: [
    ("--only regions --plane 0,0;1,1;2,2", 2, "two directions that are not 0"),
    ("--only regions,regions", 2, "each once"), ("--bounds 0,1", 2, "4 numbers"),
    ("--bounds 1,0,0,1", 2, "ascending"), ("--at 1", 2, "a point of 2 coordinates"),
    ("--at 1,2 --filter-size 3x3", 2, "the network's 2 coordinates"),
    ("--only fisher-rao", 1, "it needs --points and --targets"),
    ("--only surface", 1, "fewer than its 2 coordinates"), ("--targets a.npy", 2, "--points"),
    ("--points bad.npy", 1, "found an array [4], expected the points as [points, 2]"),
  ])
  func badCallsAreRefused(words: String, code: Int32, text: String) throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    try NumpyArray(shape: [4], elements: [1, 2, 3, 4]).write(to: workspace.file("bad.npy"))
    let call = "measure model.safetensors \(words)".split(separator: " ").map(String.init)
    try expectRefusal(of: call, with: code, naming: [text], in: workspace)
  }

  @Test func softNetworksHaveTheEntropyOfTheirOwnBeta() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond(activation: SoftReLU([0.75]))
    try NumpyArray(shape: [1, 2], elements: [0.5, 0]).write(to: workspace.file("x.npy"))
    let json = try jsonObject(
      workspace.succeed("measure model.safetensors --only entropy --points x.npy --json -o out"))
    // η = 3: two neurons at ±½, and two that are undecided.
    let p = 1 / (1 + exp(-1.5))
    let bits = 2 - 2 * (p * log2(p) + (1 - p) * log2(1 - p))
    #expect(try abs(number(record(json, "entropy", "total"), "median") - bits) <= 1e-6)
    #expect(workspace.exists("out/entropy.png"))
    try expectRefusal(
      of: ["measure", "model.safetensors"], with: 1, naming: ["soft-relu", "--only entropy"],
      in: workspace)
  }

  @Test func networksWithoutRegionsAreRefusedByName() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond(activation: Sine(omega0: 30))
    try expectRefusal(
      of: ["measure", "model.safetensors"], with: 1,
      naming: ["layer 0 has the activation sine", "inr evaluate"], in: workspace)
  }
}
