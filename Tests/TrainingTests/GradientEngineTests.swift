import Compute
import Networks
import TestSupport
import Testing
import Training

@Suite struct GradientEngineTests {
  /// Single precision's 6e-8 over sums of some hundred terms in three layers.
  static let tolerance = 5e-5

  @Test(arguments: SampleNetwork.activations, SampleNetwork.features)
  func lossAndGradientAreTheTwins(activation: String, features: Architecture.Features) {
    let network = SampleNetwork.make(activation, hiddenLayers: 2, features: features)
    let data = MatrixData.random(100, outputs: 3, seed: 51)
    expectTwinsGradient(of: network, data)
  }

  /// Tiles hold 64 or 128 samples and whole vectors of 16, groups some tiles; what fills up the last
  /// vector must not count, and no sample may be lost between groups.
  @Test(arguments: SampleNetwork.families, [1, 15, 17, 64, 65, 100, 500, 513, 700, 3_000])
  func everySampleCountsOnceWhateverTheBatch(activation: String, batch: Int) {
    let network = SampleNetwork.make(activation, outputs: 1, width: 5)
    expectTwinsGradient(of: network, MatrixData.random(batch, outputs: 1, seed: 52), threads: 2)
  }

  /// Factors of eight bits are off by 2⁻⁸ at most and by 0.15 % in the root mean square, products of two
  /// by 0.2 %, and three layers each way by a few of these. A complex product is a difference of larger ones.
  @Test(arguments: SampleNetwork.activations)
  func roundedFactorsTurnTheGradientLittle(activation: String) {
    let network = SampleNetwork.make(activation, width: 40, hiddenLayers: 2)
    let data = MatrixData.random(700, outputs: 3, seed: 57)
    let (loss, rounded) = engineGradient(of: network, data, rounding: .bfloat16)
    let (exactLoss, exact) = engineGradient(of: network, data)
    #expect(loss != exactLoss && abs(loss - exactLoss) <= 0.01 * exactLoss)
    let found = rounded.parameters.flatMap(\.values)
    let expected = exact.parameters.flatMap(\.values)
    let difference = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let size = expected.reduce(0) { $0 + $1 * $1 }
    let bound = network.layers[1].field == .complex ? 0.04 : 0.015
    #expect(difference.squareRoot() <= bound * size.squareRoot())
  }

  private func expectTwinsGradient(
    of network: Network, _ data: MatrixData, threads: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (loss, gradient) = engineGradient(of: network, data, threads: threads)
    let twin = ReferenceNetwork(network)
    let (points, targets) = (data.coordinates, data.targets)
    let expected = twin.lossGradient(at: points, targets: targets)
    #expect(
      relativeDeviation([loss], from: [twin.loss(at: points, targets: targets)]) <= 1e-5,
      sourceLocation: sourceLocation)
    for (found, expected) in zip(gradient.parameters, expected.parameters) {
      let deviation = relativeDeviation(found.values, from: expected.values)
      #expect(deviation <= Self.tolerance, "\(found.name)", sourceLocation: sourceLocation)
    }
  }

  @Test func aBatchIsTheSamplesThatItNumbers() {
    let network = SampleNetwork.make("wire")
    let data = MatrixData.random(400, outputs: 3, seed: 53)
    var random = SplitMix64(seed: 54)
    let batch = Array(random.permutation(of: 400).prefix(150))
    let (loss, gradient) = engineGradient(of: network, data, batch: batch)
    let (alone, expected) = engineGradient(of: network, data.picking(batch))
    #expect(loss == alone)
    #expect(gradient == expected)
  }

  @Test(arguments: SampleNetwork.activations)
  func repeatingASampleChangesNothing(activation: String) {
    let network = SampleNetwork.make(activation)
    let data = MatrixData.random(8, outputs: 3, seed: 55)
    let (loss, gradient) = engineGradient(of: network, data)
    let (again, repeated) = engineGradient(
      of: network, data, batch: (0..<25).flatMap { _ in data.samples })
    #expect(abs(loss - again) <= 1e-6 * loss)
    for (a, b) in zip(repeated.parameters, gradient.parameters) {
      #expect(relativeDeviation(a.values, from: b.values) <= 1e-5, "\(a.name)")
    }
  }

  @Test(arguments: SampleNetwork.activations)
  func freezingTheFirstLayerChangesNoOtherGradient(activation: String) {
    let network = SampleNetwork.make(activation, hiddenLayers: 2)
    let data = MatrixData.random(300, outputs: 3, seed: 56)
    let whole = engineGradient(of: network, data).gradient
    let frozen = engineGradient(of: network, data, firstTrainedLayer: 1).gradient
    #expect(Array(frozen.layers.dropFirst()) == Array(whole.layers.dropFirst()))
    let first = frozen.parameters.filter { $0.name.hasPrefix("layers.0.") }
    #expect(first.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  // MARK: Through an operator

  @Test(arguments: SampleNetwork.families, [1, 17, 200, 700])
  func theIdentityAsAnOperatorIsPointwiseFitting(activation: String, batch: Int) {
    let network = SampleNetwork.make(activation)
    let data = MatrixData.random(900, outputs: 3, seed: 57)
    let measurements = Array(data.samples.prefix(batch))
    let pointwise = engineGradient(of: network, data, batch: measurements)
    let through = engineGradient(
      of: network, .throughOperator(BoxMeans(data: data, size: 1)), batch: measurements)
    // The same sums, but the residuals were formed elsewhere.
    #expect(abs(through.loss - pointwise.loss) <= 1e-6 * pointwise.loss)
    for (a, b) in zip(through.gradient.parameters, pointwise.gradient.parameters) {
      #expect(relativeDeviation(a.values, from: b.values) <= 1e-6, "\(a.name)")
    }
  }

  @Test(arguments: SampleNetwork.families)
  func gradientsThroughMeansAreTheTwins(activation: String) {
    let network = SampleNetwork.make(activation)
    let size = 4
    let data = MatrixData.random(300, outputs: 3, seed: 58)
    let boxes = BoxMeans(data: data, size: size)
    let measurements: [Int32] = [3, 0, 41, 17, 60]
    let found = engineGradient(of: network, .throughOperator(boxes), batch: measurements)

    // The twin: mean over a box of `size` points, compared with the target of that box.
    let twin = ReferenceNetwork(network)
    let points = data.picking(boxes.rows(seenBy: measurements[...])).coordinates
    let values = twin.values(at: points)
    var (loss, slopes) = (0.0, [Double](repeating: 0, count: values.count))
    let count = Double(measurements.count * 3)
    for (m, measurement) in measurements.enumerated() {
      for channel in 0..<3 {
        let places = (0..<size).map { (m * size + $0) * 3 + channel }
        let mean = places.reduce(0) { $0 + values[$1] } / Double(size)
        let residual = mean - Double(data.targets[Int(measurement), channel])
        loss += residual * residual / count
        for place in places { slopes[place] = 2 * residual / (Double(size) * count) }
      }
    }
    let expected = twin.gradient(at: points) { _, row in Array(slopes[3 * row..<3 * row + 3]) }
    #expect(relativeDeviation([found.loss], from: [loss]) <= 1e-5)
    for (a, b) in zip(found.gradient.parameters, expected.parameters) {
      #expect(relativeDeviation(a.values, from: b.values) <= Self.tolerance, "\(a.name)")
    }
  }
}
