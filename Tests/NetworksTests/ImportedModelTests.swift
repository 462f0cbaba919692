import Compute
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct ImportedModelTests {
  private func read(
    _ name: String, _ overrides: ModelOverrides = ModelOverrides()
  ) throws -> Model {
    let path = GoldenNetwork.folder.appending(path: "\(name).safetensors").path
    return try Model.read(path, overrides: overrides)
  }

  private static let publicConstants = ModelOverrides(
    constants: ["omega0": 3, "sigma0": 2], firstConstants: ["omega0": 4])
  private static func named(_ activation: String) -> ModelOverrides {
    var overrides = publicConstants
    overrides.activation = activation
    return overrides
  }

  @Test(
    arguments: [
      ("siren_notebook", named("sine"), "sine", .option),
      ("finer", named("finer"), "finer", .option),
      ("siren_modules", ModelOverrides(activation: "siren"), "sine", .option),
      ("gauss", named("gaussian"), "gauss", .option),
      ("wire", ModelOverrides(), "wire", .inferred),
      ("wire2d", ModelOverrides(), "wire2d", .inferred),
      ("wire", named("wire"), "wire", .option),
      (
        "gabor_real", ModelOverrides(constants: ["omega0": 3, "sigma0": 2]), "gabor", .inferred
      ),
      ("relu_sequential", ModelOverrides(), "relu", .assumed),
      ("relu_sequential", ModelOverrides(activation: "ReLU"), "relu", .option),
      ("relu_parallel", ModelOverrides(), "relu", .assumed),
      ("relu_numbered", ModelOverrides(), "relu", .assumed),
      ("relu_named", ModelOverrides(), "relu", .assumed),
      ("relu_half", ModelOverrides(), "relu", .assumed),
      ("relu_bfloat16", ModelOverrides(), "relu", .assumed),
      ("relu_double", ModelOverrides(), "relu", .assumed),
    ] as [(String, ModelOverrides, String, ActivationSource)])
  func stateDictsComputeWhatPyTorchComputed(
    name: String, overrides: ModelOverrides, activation: String, source: ActivationSource
  ) throws {
    let model = try read("state_dicts/\(name)", overrides)
    #expect(model.network.activationName == activation)
    #expect(model.activationSource == source)
    #expect(model.ignoredTensors.isEmpty)
    #expect(model.coordinates == nil && model.axes == nil)

    let folder = GoldenNetwork.folder.appending(path: "state_dicts")
    let golden = try Safetensors.read(folder.appending(path: "values.safetensors").path)
    let input = try #require(golden["\(name).input"])
    let expected = try #require(golden["\(name).output"]?.doubles)
    let points = Matrix(
      rows: input.shape[0], columns: input.shape[1], elements: try #require(input.floats))
    let values = model.network.values(at: points).elements
    // Float32 against float64 in networks of at most 11 layers.
    #expect(relativeDeviation(values, from: expected) < 1e-5)
  }

  @Test(arguments: GoldenNetwork.names)
  func goldenFilesAreRead(name: String) throws {
    let (model, golden) = (try read(name), try GoldenNetwork(name))
    #expect(model.activationSource == .file)
    #expect(model.network.layers.map(\.maps) == golden.network.layers.map(\.maps))
    #expect(
      model.network.layers.map(\.activation?.values)
        == golden.network.layers.map(\.activation?.values))
    #expect(model.network.activationName == golden.network.activationName)
    #expect(model.ignoredTensors.contains("grad.layers.0.weight"))
    #expect(model.ignoredTensors.contains("input"))
    #expect(model.metadata["activation"] == nil && model.metadata["adam_lr"] == "0.001")
  }

  /// A hand-made network, |x| + |y| + |z| − 1, whose layers are called `layer.0` and `layer.1`.
  @Test func theOctahedronIsTheDistanceInTheL1Norm() throws {
    let network = try read("deg_l1ball").network
    let points = Matrix(rows: 2, columns: 3, elements: [0.25, -0.5, 1, 0, 0, 0])
    #expect(network.values(at: points).elements == [0.75, -1])
  }

  @Test func whatAnImportBecameIsWrittenOurWay() throws {
    let model = try read("state_dicts/wire2d")
    let copy = try Model.decode(model.encoded, from: "copy")
    #expect(copy.activationSource == .file)
    #expect(copy.network.layers.map(\.maps) == model.network.layers.map(\.maps))
    #expect(copy.network.layers[0].activation?.values == [4, 2])
    #expect(copy.network.layers[1].activation?.values == [3, 2])
  }

  @Test func constantsOfTheFileAreNotOverruled() throws {
    #expect(throws: ModelFileError.self) {
      try read("state_dicts/wire", ModelOverrides(constants: ["omega0": 6]))
    }
  }

  // MARK: Networks drawn by hand

  private func ones(_ name: String, _ shape: Int...) -> Safetensors.Tensor {
    Safetensors.Tensor(name, shape: shape, [Float](repeating: 1, count: shape.reduce(1, *)))
  }

  private func decode(
    _ tensors: [Safetensors.Tensor], _ overrides: ModelOverrides = ModelOverrides(),
    metadata: [String: String] = [:]
  ) throws -> Model {
    let file = Safetensors(tensors: tensors, metadata: metadata)
    return try Model.decode(file.encoded, from: "m.safetensors", overrides: overrides)
  }

  @Test(arguments: [
    ["weight"], ["0.weight", "2.weight", "10.weight"], ["layer.0.weight", "layer.1.weight"],
    ["fcs.0.weight", "fcs.9.weight", "fcs.11.weight"], ["model.0.weight", "model.2.weight"],
    ["lin9.weight", "lin10.weight"], ["a.1.fc1.weight", "a.1.fc2.weight", "a.2.fc1.weight"],
    ["net.0.linear.weight", "net.1.weight"], ["b.0.0.weight", "b.1.weight", "b.2.3.weight"],
    ["_orig_mod.net.0.weight", "_orig_mod.net.2.weight"],
  ])
  func namesGiveTheOrder(names: [String]) throws {
    // Each layer has one unit more than the one before it.
    let tensors = names.enumerated().map { ones($1, $0 + 3, $0 + 2) }
    let network = try decode(tensors.reversed()).network
    #expect(network.layers.map(\.units) == names.indices.map { $0 + 3 })
    #expect(network.layers[0].maps[0].bias == [0, 0, 0])
    // Square layers fit in any order: only the numbers tell it.
    guard names.allSatisfy({ !$0.hasPrefix("b.") }) else { return }
    let square = names.enumerated().map {
      Safetensors.Tensor($1, shape: [1, 1], [Float($0)])
    }
    let ordered = try decode(square.reversed()).network.layers.map { $0.maps[0].weight.elements[0] }
    #expect(ordered == names.indices.map { Float($0) })
  }

  @Test func layersThatCouldStandInTwoOrdersAreRefused() throws {
    let tensors = [ones("first.weight", 4, 4), ones("second.weight", 4, 4)]
    let error = #expect(throws: ModelFileError.self) { try decode(tensors) }
    #expect(
      error
        == .ambiguousChain(
          path: "m.safetensors", groups: ["first", "second"],
          tensors: ["first.weight [4, 4]", "second.weight [4, 4]"]))
    let chosen = try decode(tensors, ModelOverrides(prefix: "first"))
    #expect(chosen.network.layers.count == 1 && chosen.ignoredTensors == ["second.weight"])
  }

  @Test func whatIsNoChainOfLinearLayersIsRefused() throws {
    let cases: [([Safetensors.Tensor], String)] = [
      ([], "expected tensors named like net.0.weight and net.0.bias, found none"),
      ([ones("input", 3, 2)], "found input [3, 2]"),
      (
        [ones("0.weight", 3, 2), ones("2.weight", 1, 4)],
        "0 gives 3 numbers and 2 takes 4; found 0.weight [3, 2], 2.weight [1, 4]"
      ),
      ([ones("a.0.weight", 3, 2), ones("b.0.weight", 1, 4)], "no order of a.0, b.0 makes"),
      ([ones("0.weight", 3, 2), ones("1.weight", 3)], "1.weight is F32 of shape [3]"),
      (
        [ones("0.weight", 3, 2, 1, 1)], "expected floating-point numbers of shape [outputs, inputs]"
      ),
      ([ones("0.weight", 3, 0)], "F32 of shape [3, 0]"),
      ([Safetensors.Tensor("0.weight", shape: [1, 1], [1] as [Int64])], "I64"),
      ([ones("0.weight", 3, 2), ones("0.bias", 2)], "0.bias is F32 of shape [2]; expected 3"),
      ([ones("lin0.weight_g", 3, 1), ones("lin0.bias", 3)], "take weight normalisation off"),
      ([ones("0.weight", 3, 2), ones("0.linear.weight", 3, 2)], "a second tensor of its kind"),
      ([ones("0.scale_orth.weight", 3, 2)], "without a first one"),
      ([ones("0.linear.weight", 3, 2), ones("0.scale_orth.weight", 2, 3)], "differ in shape"),
      (
        [ones("0.linear.weight", 3, 2), ones("0.omega_0", 2), ones("1.weight", 1, 3)],
        "0.omega_0 is F32 of shape [2]; expected one real number"
      ),
      (
        [ones("0.linear.weight", 3, 2), ones("0.omega_0", 1), ones("1.weight", 1, 3)],
        "does not name its activation, but has its omega0"
      ),
      (
        [Safetensors.Tensor("0.weight", shape: [1, 1], real: [1], imaginary: [1])],
        "is no linear network: the weights of layer 0 are complex"
      ),
      (
        [ones("0.weight", 1, 1), .init("0.bias", shape: [1], real: [1], imaginary: [1])],
        "expected real numbers, as the weights beside it"
      ),
    ]
    for (tensors, mention) in cases {
      let error = #expect(throws: ModelFileError.self) { try decode(tensors) }
      let text = error?.description ?? "nothing"
      #expect(text.contains(mention), "\(text)")
      #expect(text.hasPrefix("m.safetensors") && !text.contains("\n"))
    }
  }

  @Test func unknownActivationsAreListed() throws {
    let tensors = [ones("0.weight", 3, 2), ones("1.weight", 1, 3)]
    let error = #expect(throws: ModelFileError.self) {
      try decode(tensors, ModelOverrides(activation: "tanh"))
    }
    #expect(
      error?.description == "there is no activation called tanh; expected one of "
        + ActivationTable.names.joined(separator: ", "))
    let other = #expect(throws: ModelFileError.self) {
      try decode(tensors, metadata: ["activation": "tanh"])
    }
    #expect(other?.description.hasPrefix("m.safetensors: there is no activation") == true)
    let sine = ["activation": "sine", "omega0": "fast"]
    let third = #expect(throws: ModelFileError.self) { try decode(tensors, metadata: sine) }
    #expect(third?.description.contains(#""omega0" is "fast", not a number"#) == true)
  }
}
