import Compute
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct ModelFileTests {
  private func network(_ activation: String, _ features: Architecture.Features = .init()) -> Network
  {
    var architecture = Architecture(activation: activation)
    architecture.width = 5
    architecture.hiddenLayers = 2
    architecture.features = features
    // As training leaves them: numbers that no short decimal fraction is, and each layer its own.
    architecture.constants = ["omega0": 30.000_002, "sigma0": 0.1, "slope": 1 / 3, "beta": 0.7]
    architecture.firstConstants = [
      "omega0": .leastNonzeroMagnitude, "sigma0": 16_777_215, "beta": Float(1).nextDown,
    ]
    return architecture.makeNetwork(inputs: 3, outputs: 2, seed: 11)
  }

  private func expectSameBits(_ a: Network, _ b: Network) {
    #expect(a.inputs == b.inputs && a.encoding == b.encoding && a.layers.count == b.layers.count)
    for (x, y) in zip(a.layers, b.layers) {
      #expect(x.maps == y.maps)
      #expect(x.activation.map { type(of: $0).name } == y.activation.map { type(of: $0).name })
      #expect(x.activation?.values.map(\.bitPattern) == y.activation?.values.map(\.bitPattern))
    }
  }

  @Test(arguments: ActivationTable.names)
  func savingAndLoadingChangesNothing(activation: String) throws {
    var model = Model(network: network(activation), coordinates: .endpoints, axes: .yx)
    model.properties = [
      "width": .integer(512), "scaling": .array([JSON(Float(0.1)), .null, .bool(true)]),
      "program": .object(["version": .string("0.1 \"β\"")]),
      "tiny": .number(.leastNonzeroMagnitude),
    ]
    model.metadata = ["format": "pt"]
    let copy = try Model.decode(model.encoded, from: "copy")
    expectSameBits(copy.network, model.network)
    #expect(copy.coordinates == .endpoints && copy.axes == .yx)
    #expect(copy.properties == model.properties && copy.metadata == model.metadata)
    #expect(copy.activationSource == .file && copy.ignoredTensors.isEmpty)
    #expect(copy.encoded == model.encoded)
  }

  @Test(
    arguments: [
      .init(), .init(.positional, frequencies: 4), .init(.fourier, frequencies: 6, scale: 3),
      .init(SampleNetwork.grid),
    ] as [Architecture.Features])
  func encodingsSurvive(features: Architecture.Features) throws {
    let model = Model(network: network("sine", features))
    let copy = try Model.decode(model.encoded, from: "copy")
    expectSameBits(copy.network, model.network)
    #expect(copy.coordinates == nil && copy.axes == nil && copy.ignoredTensors.isEmpty)
  }

  @Test func mixedActivationsNonFiniteNumbersAndSingleLayersSurvive() throws {
    let map = LinearMap(
      weight: Matrix(rows: 2, columns: 2, elements: [0, -0.0, .nan, 3]), bias: [1, 2])
    let mixed = try Network(
      inputs: 2,
      layers: [
        Layer(map, activation: Sine(omega0: .infinity)), Layer(map, activation: ReLU()),
        Layer(map, activation: Gaussian(sigma0: -0.0)), Layer(map),
      ])
    for network in [mixed, try Network(inputs: 2, layers: [Layer(map)])] {
      let model = Model(network: network)
      let copy = try Model.decode(model.encoded, from: "copy").network
      #expect(copy.layers.map(\.activation?.values) == network.layers.map(\.activation?.values))
      #expect(Model(network: copy).encoded == model.encoded)
      for (x, y) in zip(copy.layers, network.layers) {
        let (bits, others) = (x.maps[0].weight.elements, y.maps[0].weight.elements)
        #expect(bits.map(\.bitPattern) == others.map(\.bitPattern))
      }
    }
  }

  @Test func aFileIsReplacedAsAWhole() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inr-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.safetensors").path
    try Model(network: network("relu")).write(to: path)
    try Model(network: network("wire2d")).write(to: path)
    expectSameBits(try Model.read(path).network, network("wire2d"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test func optionsMayRepeatButNotContradictTheFile() throws {
    let bytes = Model(network: network("sine")).encoded
    let same = ModelOverrides(
      activation: "sine", constants: ["omega0": 30.000_002, "slope": 7],
      firstConstants: ["omega0": .leastNonzeroMagnitude])
    #expect(try Model.decode(bytes, from: "m", overrides: same).activationSource == .file)
    let other = #expect(throws: ModelFileError.self) {
      try Model.decode(bytes, from: "m", overrides: ModelOverrides(activation: "relu"))
    }
    #expect(
      other?.description
        == "m says that the activation is sine, and relu was asked for; leave out the option")
    #expect(throws: ModelFileError.self) {
      try Model.decode(bytes, from: "m", overrides: ModelOverrides(constants: ["omega0": 30]))
    }
  }

  /// A file of ours whose configuration was edited.
  private func edited(_ change: (inout [String: JSON]) -> Void) throws -> Data {
    let bytes = Model(network: network("sine", .init(.fourier, frequencies: 6, scale: 3))).encoded
    var file = try Safetensors.decode(bytes, from: "m")
    let text = Data(try #require(file.metadata["inr"]).utf8)
    guard case .object(var object) = try JSONDecoder().decode(JSON.self, from: text) else {
      throw CocoaError(.coderInvalidValue)
    }
    change(&object)
    file.metadata["inr"] = String(
      decoding: try JSONEncoder().encode(JSON.object(object)), as: UTF8.self)
    return file.encoded
  }

  @Test(
    arguments: [
      ("format", .null, "positive whole number"), ("format", .integer(2), "newer version"),
      ("activation", .string("tanh"), "no activation called tanh; expected one of relu"),
      ("activation", .integer(3), "neither a name"),
      ("activation", .array([.string("sine")]), "names 1 activations for 3 hidden layers"),
      ("constants", .object(["omega0": .array([.integer(1)])]), "1 values for 3 hidden layers"),
      ("constants", .object(["omega0": .integer(1)]), "not a list of numbers"),
      ("constants", .integer(0), "no JSON object"),
      ("encoding", .object(["name": .string("hash")]), "none, positional, fourier or grid"),
      ("encoding", .object(["name": .string("grid")]), #"lacks "features", "cells""#),
      (
        "encoding",
        .object([
          "name": .string("grid"), "features": .integer(1 << 62),
          "cells": .array([.array([.integer(3)])]), "entries": .array([.integer(4)]),
        ]), "do not fit the tensor encoding.tables"
      ),
      (
        "encoding",
        .object([
          "name": .string("grid"), "features": .integer(1), "cells": .array([.array([.null])]),
          "entries": .array([.integer(4)]),
        ]), "are not whole numbers for each axis"
      ),
      (
        "encoding",
        .object([
          "name": .string("grid"), "features": .integer(1),
          "cells": .array([.array([.integer(3)])]),
          "entries": .array([.integer(4)]),
        ]), "do not fit the tensor encoding.tables"
      ),
      ("encoding", .object(["name": .string("none")]), nil),
      ("encoding", .object(["name": .string("positional")]), "from 0 to 64"),
      (
        "encoding", .object(["name": .string("positional"), "frequencies": .integer(1 << 62)]),
        "from 0 to 64"
      ),
      (
        "encoding", .object(["name": .string("positional"), "frequencies": .integer(3)]),
        "12 features are not what 3 frequencies give"
      ),
      ("coordinates", .string("corners"), "pixel-centres or endpoints"),
      ("axes", .string("zx"), "xy or yx"), ("newKey", .array([.object([:])]), nil),
    ] as [(String, JSON, String?)])
  func aConfigurationIsCheckedBeforeUse(key: String, value: JSON, mention: String?) throws {
    let bytes = try edited { $0[key] = value }
    guard let mention else {
      let model = try Model.decode(bytes, from: "m")
      #expect(model.properties == (key == "newKey" ? [key: value] : [:]))
      return
    }
    let error = #expect(throws: ModelFileError.self) { try Model.decode(bytes, from: "m") }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("m") == true)
  }

  @Test func aMissingLayerOfOurOwnIsNoticed() throws {
    let file = try Safetensors.decode(Model(network: network("sine")).encoded, from: "m")
    let tensors = file.tensors.filter { !$0.name.hasPrefix("layers.1.") }
    let bytes = Safetensors(tensors: tensors, metadata: file.metadata).encoded
    let error = #expect(throws: ModelFileError.self) { try Model.decode(bytes, from: "m") }
    #expect(error?.description.contains("layers.1 is missing") == true)
  }

  @Test(arguments: [
    (String(repeating: "[", count: 80) + String(repeating: "]", count: 80), "more than 64 levels"),
    (
      String(repeating: #"{"a":"#, count: 80) + "0" + String(repeating: "}", count: 80),
      "more than 64 levels"
    ),
    (String(repeating: #"{"a":"#, count: 5000), "not valid JSON"),
    (#"{"format":1,"format":1,"activation":"relu"}"#, #"the key "format" twice"#),
    ("[1]", "is no JSON object"),
  ])
  func metadataThatIsNoPlainObjectIsRefused(text: String, mention: String) throws {
    let tensor = Safetensors.Tensor("layers.0.weight", shape: [1, 1], [1] as [Float])
    let bytes = Safetensors(tensors: [tensor], metadata: ["inr": text]).encoded
    let error = #expect(throws: ModelFileError.self) { try Model.decode(bytes, from: "m") }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }
}
