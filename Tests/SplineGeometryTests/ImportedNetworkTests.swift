import Compute
import Foundation
import Meshes
import Networks
import SplineGeometry
import Testing

/// Networks of `Fixtures/imports`, made by other programs.
enum SampleImport {
  static func path(_ file: String) throws -> String {
    try #require(Bundle.module.resourceURL).appending(path: "Fixtures/imports/\(file)").path
  }

  static func read(
    _ file: String, _ overrides: ModelOverrides = .init(), skipFactor: Double = 1
  ) throws -> (network: SplineNetwork, remarks: [ImportedNetwork.Remark]) {
    let file = try NetworkFile.read(path(file), overrides: overrides, skipFactor: skipFactor)
    return (try file.spline(), file.remarks)
  }

  /// Points, and the values that the other program computed there.
  static func values(_ name: String) throws -> (points: [[Double]], values: [[Double]]) {
    let file = try Safetensors.read(path("values.safetensors"))
    func rows(_ kind: String) throws -> [[Double]] {
      let tensor = try #require(file["\(name).\(kind)"])
      let (width, numbers) = (tensor.shape[1], try #require(tensor.doubles))
      return stride(from: 0, to: numbers.count, by: width).map { Array(numbers[$0..<$0 + width]) }
    }
    return (try rows("input"), try rows("output"))
  }
}

@Suite struct ImportedNetworkTests {
  private func expectValues(
    _ name: String, of network: SplineNetwork, within tolerance: Double,
    _ change: (Double) -> Double = { $0 }
  ) throws {
    let golden = try SampleImport.values(name)
    #expect(golden.points.count >= 5 && Set(golden.values).count >= 5)
    for (point, expected) in zip(golden.points, golden.values) {
      let found = network.values(at: point)
      try #require(found.count == expected.count)
      for (a, b) in zip(found, expected) {
        #expect(abs(change(a) - b) <= tolerance * max(1, abs(b)), "\(name)")
      }
    }
  }

  /// Sums of at most 17 `Float`s near 1 in four layers.
  @Test(arguments: [
    ("plain_old", [16, 12]), ("plain_new", [16, 12]), ("external", [16, 12]),
    ("leaky_old", [9, 9]), ("unbiased_old", [8, 8]), ("unbiased_new", [8, 8]),
    ("residual_old", [12, 9, 12, 9, 12, 9, 12]), ("residual_new", [12, 9, 12, 9, 12, 9, 12]),
    ("norm_old", [9, 9]), ("norm_new", [9, 9]), ("code_expanded_old", [9]),
    ("code_expanded_new", [9]), ("code_repeated_old", [9]), ("code_repeated_new", [9]),
    ("code_fixed_old", [9]), ("code_fixed_new", [9]), ("weight_norm_old", [10, 7, 10]),
  ])
  func exportsOfPyTorchComputeWhatOnnxruntimeComputes(name: String, units: [Int]) throws {
    let found = try SampleImport.read("\(name).onnx")
    #expect(found.network.hiddenUnits == units && found.remarks.isEmpty)
    try expectValues(name, of: found.network, within: 2e-6)
  }

  @Test(arguments: ["deepsdf_old", "deepsdf_new"])
  func aLastTanhIsLeftOutWithARemark(name: String) throws {
    let found = try SampleImport.read("\(name).onnx")
    #expect(found.network.hiddenUnits == [14, 11, 14])
    #expect(found.remarks == [.leftOut(function: "Tanh")])
    #expect("\(found.remarks[0])".contains("level sets stay"))
    try expectValues(name, of: found.network, within: 2e-6) { tanh($0) }
  }

  /// In `Double`, up to some hundred roundings.
  @Test(arguments: ["gemm_forms", "gemm_forms_lists", "arithmetic", "shapes", "single"])
  func allFormsOfOperatorsComputeWhatOnnxruntimeComputes(name: String) throws {
    let found = try SampleImport.read("\(name).onnx")
    #expect(found.remarks.isEmpty)
    try expectValues(name, of: found.network, within: 1e-13)
  }

  @Test(arguments: [
    ("norm", [9, 9]), ("norm_named", [9, 8]), ("igr", [14, 11, 14]),
    ("occupancy", [10, 10, 10, 7, 7]),
    ("deepsdf", [18, 11, 18]), ("deepsdf_parametrized", [18, 11, 18]),
  ])
  func stateDictsComputeWhatPyTorchComputes(name: String, units: [Int]) throws {
    let found = try SampleImport.read(
      "\(name).safetensors", skipFactor: name == "igr" ? 0.5.squareRoot() : 1)
    #expect(found.network.hiddenUnits == units)
    #expect(found.remarks.contains(.assumedReLU))
    // Weights are Float, sums Double on both sides, but weight norms are computed anew.
    try expectValues(name, of: found.network, within: name.hasPrefix("deepsdf") ? 1e-6 : 1e-13)
  }

  @Test func remarksNameWhatShapesAndNamesTold() throws {
    let skip = try SampleImport.read("igr.safetensors")
    #expect(skip.remarks.contains(.skipConnections(layers: ["lin2"], factor: 1)))
    let blocks = try SampleImport.read("occupancy.safetensors")
    #expect(blocks.remarks.contains(.residualBlocks(["block0", "block1"])))
    let told = try SampleImport.read("igr.safetensors", ModelOverrides(activation: "relu"))
    #expect(!told.remarks.contains(.assumedReLU))
  }

  @Test func anExportIsTheNetworkOfItsStateDictBitForBit() throws {
    let plain = try SampleImport.read("plain.safetensors")
    #expect(plain.remarks == [.assumedReLU])
    let box = SampleSpline.box(1)
    let expected = try plain.network.regionSummary(in: .box(box))
    let level = plain.network.values(at: [0.1, 0.2, -0.1])[0]
    let surface = try plain.network.levelSurface(level: level, in: box).mesh
    #expect(expected.regionCount > 100 && surface.faceCount > 10)
    for name in ["plain_old", "plain_new", "external"] {
      let network = try SampleImport.read("\(name).onnx").network
      #expect(try network.regionSummary(in: .box(box)) == expected)
      #expect(try network.levelSurface(level: level, in: box).mesh == surface)
    }
  }

  @Test func aLatentCodeIsEvaluatingWithTheCodeInFront() throws {
    let code = [0.3, -0.7, 0.1, 0.9]
    let whole = try SampleImport.read("deepsdf.safetensors").network
    let part = try whole.fixingFirstInputs(to: code)
    #expect(whole.inputs == 7 && part.inputs == 3)
    #expect(part.hiddenUnits == whole.hiddenUnits)
    for point in try SampleImport.values("deepsdf").points.map({ Array($0.suffix(3)) }) {
      let (a, b) = (part.values(at: point)[0], whole.values(at: code + point)[0])
      #expect(abs(a - b) <= 1e-14)
    }
    let all = try SampleImport.read("plain_old.onnx").network
    let plain = try all.fixingFirstInputs(to: [0.5])
    #expect(abs(plain.values(at: [0.1, 0.2])[0] - all.values(at: [0.5, 0.1, 0.2])[0]) <= 1e-14)
    #expect(throws: SplineNetworkError.latentCode(found: 3, inputs: 3)) {
      try all.fixingFirstInputs(to: [1, 2, 3])
    }
  }

  @Test(arguments: [
    ("deepsdf.safetensors", [0.2, -0.1, 0.4, 0.3]), ("residual_old.onnx", []),
    ("occupancy.safetensors", []),
  ])
  func surfacesOfNetworksThatSkipLayersAreExactAndClosed(file: String, latent: [Double]) throws {
    let network = try SampleImport.read(file).network.fixingFirstInputs(to: latent)
    let level = network.values(at: [0.1, 0.2, -0.1])[0]
    let surface = try network.levelSurface(level: level, in: SampleSpline.box(2))
    #expect(surface.mesh.faceCount > 30 && surface.report.isWatertight)
    for p in surface.mesh.positions {
      #expect(abs(network.values(at: [p.x, p.y, p.z])[0] - level) <= 1e-12)
    }
    for region in try network.regions(in: .box(SampleSpline.box(1))).prefix(200) {
      #expect(region.pattern.neuronCount == network.neuronCount)
      let center = region.vertices.reduce(.zero, +) / Double(region.vertices.count)
      #expect(network.pattern(at: [center.x, center.y, center.z]) == region.pattern)
    }
  }

  private func problem(of file: String) -> ONNXProblem? {
    do {
      _ = try SampleImport.read(file)
      return nil
    } catch { return (error as? ONNXError)?.problem }
  }

  @Test func otherGraphsAreRefusedByNamingTheNode() throws {
    for (file, name, node) in [
      ("refused_sin", "Sin", "Sin_a"), ("refused_product", "Mul", "Mul_y"),
      ("refused_tanh", "Tanh", "Tanh_a"),
    ] {
      guard case .unsupportedOperator(name, node: node, let reason) = problem(of: "\(file).onnx")
      else {
        Issue.record("\(file): \(String(describing: problem(of: "\(file).onnx")))")
        continue
      }
      #expect(reason.contains("not piecewise affine"))
    }
    #expect(
      problem(of: "refused_missing.onnx") == .missing(name: "nowhere", node: "MatMul_y"))
    #expect(problem(of: "refused_two_inputs.onnx") == .inputs(["code", "x"]))
    #expect(problem(of: "refused_width.onnx") == .inputShape(name: "x", found: "[?, ?]"))
    #expect(
      problem(of: "refused_batch_axis.onnx")
        == .unsupportedForm(
          "Concat", node: "Concat_y", found: "the axis 0",
          expected: "the last one, that of the features"))
  }

  @Test func brokenFilesAreRefusedAndNeverCrash() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inr-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "broken.onnx")
    func read(_ bytes: [UInt8]) throws { try Data(bytes).write(to: file) }
    func error() -> String? {
      do {
        _ = try NetworkFile.read(file.path)
        return nil
      } catch { return "\(error)" }
    }
    #expect(error()?.contains("there is no such file") == true)
    try read([])
    #expect(error()?.contains("not an ONNX file: found an empty file") == true)
    try read(Array("{\"json\": 1}".utf8))
    #expect(error()?.contains("not an ONNX file") == true)
    for name in ["arithmetic", "shapes", "deepsdf_new", "gemm_forms_lists"] {
      let whole = Array(
        try Data(contentsOf: URL(fileURLWithPath: SampleImport.path("\(name).onnx"))))
      for length in stride(from: 1, to: whole.count - 1, by: 1 + whole.count / 60) {
        try read(Array(whole.prefix(length)))
        #expect(error() != nil, "\(name) to byte \(length)")
      }
      var random = SplitMix64(seed: 11)
      for _ in 0..<100 {
        var changed = whole
        changed[Int.random(in: 0..<whole.count, using: &random)] = .random(
          in: 0...255, using: &random)
        try read(changed)
        _ = error()
      }
    }
  }

  @Test func externalDataThatIsMissingOrOutsideIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inr-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "external.onnx")
    let whole = try Data(contentsOf: URL(fileURLWithPath: SampleImport.path("external.onnx")))
    try whole.write(to: file)
    do {
      _ = try NetworkFile.read(file.path)
      Issue.record("it was read without its data")
    } catch { #expect("\(error)".contains("external.onnx.data")) }
    try Data([1, 2, 3]).write(to: folder.appending(path: "external.onnx.data"))
    do {
      _ = try NetworkFile.read(file.path)
      Issue.record("it was read with too few data")
    } catch { #expect("\(error)".contains("which has 3")) }
    // A name of the same length that leads out of the folder.
    let (name, outside) = (Array("external.onnx.data".utf8), Array("../ernal.onnx.data".utf8))
    try Data(Array(whole).replacing(name, with: outside)).write(to: file)
    do {
      _ = try NetworkFile.read(file.path)
      Issue.record("it was read from outside")
    } catch { #expect("\(error)".contains("expected a file beside the model")) }
  }
}
