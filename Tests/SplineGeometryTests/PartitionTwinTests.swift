import Compute
import Networks
import SplineGeometry
import Testing

/// Partitions against all sign patterns of tiny networks.
@Suite struct PartitionTwinTests {
  /// The regions of a ReLU network of two coordinates: of each pattern, what is left of a square when
  /// it is cut by the line of each neuron.
  private struct Twin {
    private(set) var areas: [[Bool]: Double] = [:]

    init(_ maps: [(weights: [[Float]], biases: [Float])], reach r: Double) {
      let count = maps.dropLast().reduce(0) { $0 + $1.biases.count }
      for number in 0..<(1 << count) {
        let pattern = (0..<count).map { number >> $0 & 1 == 1 }
        var polygon: [SIMD2<Double>] = [[-r, -r], [r, -r], [r, r], [-r, r]]
        for (form, isOn) in zip(Self.forms(maps, pattern), pattern) {
          polygon = Self.clip(polygon, isOn ? form : -form)
        }
        let area = Self.area(polygon)
        if area > 1e-12 { areas[pattern] = area }
      }
    }

    /// The neurons' pre-activations where the pattern holds.
    private static func forms(
      _ maps: [(weights: [[Float]], biases: [Float])], _ pattern: [Bool]
    ) -> [SIMD3<Double>] {
      var inputs: [SIMD3<Double>] = [[1, 0, 0], [0, 1, 0]]
      var forms: [SIMD3<Double>] = []
      for map in maps.dropLast() {
        let values = zip(map.weights, map.biases).map { row, bias in
          zip(row, inputs).reduce(SIMD3(0, 0, Double(bias))) { $0 + Double($1.0) * $1.1 }
        }
        inputs = zip(values, pattern[forms.count...]).map { $1 ? $0 : .zero }
        forms += values
      }
      return forms
    }

    private static func clip(_ points: [SIMD2<Double>], _ form: SIMD3<Double>) -> [SIMD2<Double>] {
      points.indices.flatMap { k in
        let (a, b) = (points[k], points[(k + 1) % points.count])
        let (u, v) = ((form * SIMD3(a, 1)).sum(), (form * SIMD3(b, 1)).sum())
        let kept = u >= 0 ? [a] : []
        return u * v < 0 ? kept + [a + u / (u - v) * (b - a)] : kept
      }
    }

    private static func area(_ points: [SIMD2<Double>]) -> Double {
      points.indices.reduce(0) { sum, k in
        let (a, b) = (points[k], points[(k + 1) % points.count])
        return sum + (a.x * b.y - a.y * b.x) / 2
      }
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func regionsAreThoseOfAllPatterns(seed: UInt64) throws {
    let sizes = seed % 2 == 0 ? [2, 5, 4, 3, 1] : [2, 7, 5, 1]
    let network = try SampleSpline.random(sizes, seed: seed)
    let maps = network.layers.map { layer in
      let map = layer.maps[0]
      return (
        weights: (0..<map.outputs).map { row in
          (0..<map.inputs).map { map.weight[row, $0] }
        }, biases: (0..<map.outputs).map { map.bias[$0] }
      )
    }
    let twin = Twin(maps, reach: 2)
    let partition = try SplineNetwork(network).partition(of: .rectangle(x: -2...2, y: -2...2))
    #expect(partition.regionCount == twin.areas.count && partition.regionCount > 10)
    for region in 0..<partition.regionCount {
      let pattern = partition.pattern(of: region)
      let area = twin.areas[(0..<pattern.neuronCount).map { pattern[$0] }]
      // Cut by the same lines in another order.
      #expect(abs(partition.area(of: region) - (area ?? 0)) <= 1e-12)
    }
  }
}
