import Compute
import Networks
import Testing

struct CoordinateGainTests {
  private func network(_ kind: Architecture.Features.Kind, gains: [Double]) -> Network {
    var architecture = Architecture(activation: "sine")
    architecture.width = 6
    architecture.hiddenLayers = 1
    architecture.features = Architecture.Features(kind, frequencies: 4, scale: 2)
    architecture.coordinateGains = gains
    return architecture.makeNetwork(inputs: 2, outputs: 1, seed: 3)
  }

  /// Gains of powers of two round nothing, so that the values agree to the last bit but for the
  /// order of sums.
  @Test(arguments: [Architecture.Features.Kind.none, .fourier])
  func aNetworkWithGainsIsTheOtherAtStretchedPoints(kind: Architecture.Features.Kind) {
    var random = SplitMix64(seed: 11)
    let points = (0..<20).map { _ in random.nextUniform(bound: 1) }
    let stretched = points.enumerated().map { $0 % 2 == 0 ? 2 * $1 : 0.5 * $1 }
    let given = network(kind, gains: [2, 0.5]).values(
      at: Matrix(rows: 10, columns: 2, elements: points))
    let expected = network(kind, gains: []).values(
      at: Matrix(rows: 10, columns: 2, elements: stretched))
    for (one, other) in zip(given.elements, expected.elements) { #expect(abs(one - other) < 1e-5) }
    let plain = network(kind, gains: []).values(
      at: Matrix(rows: 10, columns: 2, elements: points))
    #expect(plain.elements != given.elements)
  }
}
