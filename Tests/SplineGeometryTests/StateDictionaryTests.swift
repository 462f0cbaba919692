import Compute
import Foundation
import Networks
import SplineGeometry
import Testing

/// State dictionaries made by hand, whose names and shapes say how the layers are connected.
@Suite struct StateDictionaryTests {
  /// Shapes by name; elements are drawn, variances positive.
  private func file(
    _ shapes: KeyValuePairs<String, [Int]>, metadata: [String: String] = [:]
  ) throws -> String {
    var random = SplitMix64(seed: 12)
    let tensors = shapes.map { name, shape in
      Safetensors.Tensor(
        name, shape: shape,
        (0..<shape.reduce(1, *)).map { _ in
          let number = Float(random.nextNormal())
          return name.hasSuffix("var") ? 0.1 + abs(number) : number
        })
    }
    let path = FileManager.default.temporaryDirectory.path + "/inr-\(UUID()).safetensors"
    try Safetensors(tensors: tensors, metadata: metadata).write(to: path)
    return path
  }

  private func read(
    _ shapes: KeyValuePairs<String, [Int]>, metadata: [String: String] = [:],
    _ overrides: ModelOverrides = ModelOverrides()
  ) throws -> NetworkFile {
    let path = try file(shapes, metadata: metadata)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try NetworkFile.read(path, overrides: overrides)
  }

  private func refusal(_ shapes: KeyValuePairs<String, [Int]>) -> String {
    do {
      _ = try read(shapes)
      return "none"
    } catch { return "\(error)" }
  }

  @Test func aNormalizationIsItsFormula() throws {
    let path = try file([
      "net.0.weight": [4, 3], "net.0.bias": [4], "net.1.weight": [4], "net.1.bias": [4],
      "net.1.running_mean": [4], "net.1.running_var": [4], "net.1.num_batches_tracked": [1],
      "net.3.weight": [1, 4],
    ])
    defer { try? FileManager.default.removeItem(atPath: path) }
    let network = try NetworkFile.read(path).spline()
    let tensors = try Safetensors.read(path)
    func numbers(_ name: String) throws -> [Double] { try #require(tensors[name]?.doubles) }
    let (weight, bias) = (try numbers("net.0.weight"), try numbers("net.0.bias"))
    let (mean, variance) = (try numbers("net.1.running_mean"), try numbers("net.1.running_var"))
    let (gain, offset) = (try numbers("net.1.weight"), try numbers("net.1.bias"))
    let last = try numbers("net.3.weight")
    let point = [0.3, -0.2, 0.7]
    var expected = 0.0
    for j in 0..<4 {
      let z = (0..<3).reduce(bias[j]) { $0 + weight[3 * j + $1] * point[$1] }
      let normed = (z - mean[j]) / (variance[j] + 1e-5).squareRoot() * gain[j] + offset[j]
      expected += last[j] * max(normed, 0)
    }
    #expect(abs(network.values(at: point)[0] - expected) <= 1e-14 * max(1, abs(expected)))
  }

  @Test func namesWithoutNumbersStandInTheOnlyOrderInWhichTheInputsFitTwice() throws {
    guard
      case .imported(let found) = try read([
        "output.weight": [1, 8], "input.weight": [9, 3], "middle.weight": [6, 9],
        "behind.weight": [8, 9],
      ])
    else {
      Issue.record("it was taken for a chain")
      return
    }
    #expect(found.network.hiddenUnits == [9, 6, 8])
    #expect(found.remarks.contains(.skipConnections(layers: ["behind"], factor: 1)))
  }

  @Test func slopesComeFromOptionsOrMetadata() throws {
    let shapes: KeyValuePairs = ["0.weight": [5, 2], "1.weight": [4, 7], "2.weight": [1, 4]]
    let skip = [0.25, 0.5].map { Double($0) }
    let told = try read(shapes, metadata: ["activation": "leaky_relu", "slope": "0.25"])
    #expect(try told.spline().hiddenSlopes == [[skip[0]], [skip[0]]])
    #expect(!told.remarks.contains(.assumedReLU))
    let given = ModelOverrides(activation: "leaky-relu", constants: ["slope": 0.5])
    #expect(try read(shapes, given).spline().hiddenSlopes == [[skip[1]], [skip[1]]])
    #expect(throws: SplineNetworkError.notPiecewiseAffine(layer: 0, activation: "sine")) {
      try read(shapes, ModelOverrides(activation: "sine"))
    }
  }

  @Test func aChainStaysAModelWithAnyActivation() throws {
    let shapes: KeyValuePairs = ["0.weight": [5, 2], "1.weight": [4, 5], "2.weight": [1, 4]]
    guard case .model(let model) = try read(shapes, ModelOverrides(activation: "sine")) else {
      Issue.record("it was not taken for a chain")
      return
    }
    #expect(model.network.activationName == "sine")
    #expect(throws: SplineNetworkError.notPiecewiseAffine(layer: 0, activation: "sine")) {
      try NetworkFile.model(model).spline()
    }
  }

  @Test func whatCannotBeConnectedIsNamed() {
    // The third layer takes four more than the second gives, but there are three inputs.
    #expect(
      refusal(["0.weight": [5, 3], "1.weight": [4, 5], "2.weight": [1, 8]])
        .contains("1 gives 4 numbers and 2 takes 8"))
    #expect(
      refusal([
        "fc1.weight": [5, 3], "fc2.weight": [1, 5], "bn1.running_mean": [4], "bn1.running_var": [4],
      ]).contains("batch normalisation bn1 of 4 numbers"))
    // A layer normalisation has no statistics.
    #expect(
      refusal([
        "0.weight": [5, 3], "1.weight": [5], "1.bias": [5], "2.weight_v": [1, 5],
        "2.weight_g": [1, 1],
      ]).contains("1.weight is F32 of shape [5]; expected"))
    #expect(
      refusal(["0.weight_v": [5, 3], "0.bias": [5], "1.weight": [1, 5]]).contains("weight"))
    #expect(refusal(["0.running_mean": [5], "0.running_var": [5]]).contains("holds no network"))
  }
}
