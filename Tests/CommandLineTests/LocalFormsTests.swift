import Compute
import Networks
import TestSupport
import Testing
import inr

@Suite struct LocalFormsTests {
  private static let names = ["relu", "leaky-relu"]

  private static func network(_ name: String, _ seed: UInt64) -> Network {
    SampleNetwork.make(name, inputs: 3, outputs: 1, width: 9, hiddenLayers: 2, seed: seed)
  }

  /// Of all neurons, layer after layer.
  private static func preactivations(_ network: Network, at point: [Double]) -> [Double] {
    var (all, values): ([Double], [Double]) = ([], point)
    for layer in network.layers.dropLast() {
      let map = layer.maps[0]
      let z = (0..<map.outputs).map { unit in
        let products = zip(map.weight.row(unit), values).map { $0 * $1 }
        return Double(map.bias[unit]) + products.reduce(0, +)
      }
      all += z
      let slope = (layer.activation as? LeakyReLU).map { Double($0.slope) } ?? 0
      values = z.map { $0 > 0 ? $0 : slope * $0 }
    }
    return all
  }

  private static func pattern(_ network: Network, at point: [Double]) -> [Bool] {
    preactivations(network, at: point).map { $0 > 0 }
  }

  /// The gradients of the pre-activations; exact up to rounding, as the network is affine there.
  private static func gradients(_ network: Network, at point: [Double]) -> [[Double]] {
    let columns = point.indices.map { axis in
      let sides = [1e-6, -1e-6].map { step in
        var moved = point
        moved[axis] += step
        return preactivations(network, at: moved)
      }
      return zip(sides[0], sides[1]).map { ($0 - $1) / 2e-6 }
    }
    return columns[0].indices.map { neuron in columns.map { $0[neuron] } }
  }

  private static func norm(_ v: [Double]) -> Double {
    v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func points(_ count: Int, seed: UInt64) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<3).map { _ in 2 * random.nextUnit() - 1 } }
  }

  @Test(arguments: names, [1, 2, 3] as [UInt64])
  func theDistanceIsThatToTheNearestChangeOfThePattern(name: String, seed: UInt64) {
    let network = Self.network(name, seed)
    let points = Self.points(6, seed: seed + 10)
    let found = LocalForms(network).neighbourhoods(of: points[...], radius: 0.05)
    var random = SplitMix64(seed: seed + 20)
    for (point, found) in zip(points, found) {
      let own = Self.pattern(network, at: point)
      func patternAt(_ direction: [Double], _ distance: Double) -> [Bool] {
        let factor = distance / Self.norm(direction)
        return Self.pattern(network, at: zip(point, direction).map { $0 + factor * $1 })
      }
      #expect(found.distance > 0 && found.distance < 1)
      for _ in 0..<300 {
        let direction = (0..<3).map { _ in random.nextNormal() }
        #expect(patternAt(direction, 0.9999 * found.distance) == own)
      }
      // The way to the nearest hyperplane crosses it.
      let forms = zip(
        Self.preactivations(network, at: point), Self.gradients(network, at: point))
      let distances = forms.map { abs($0) / max(Self.norm($1), 1e-300) }
      let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      let (z, a) = Array(forms)[nearest]
      #expect(patternAt(a.map { z > 0 ? -$0 : $0 }, 1.0001 * found.distance) != own)
      let crossings = forms.count { z, a in abs(z) < 0.05 * (a.map(abs).max() ?? 0) }
      #expect(found.crossings == crossings)
    }
    #expect(found.contains { $0.crossings > 0 })
  }

  @Test(arguments: names, [1, 2, 3, 4] as [UInt64])
  func piecesOfASegmentAreItsPatterns(name: String, seed: UInt64) {
    let network = Self.network(name, seed)
    let ends = Self.points(2, seed: seed + 30).map { $0.map { 3 * $0 } }
    // No piece of these segments is shorter than a step.
    let steps = 50_000
    var count = 1
    var last = Self.pattern(network, at: ends[0])
    for step in 1...steps {
      let share = Double(step) / Double(steps)
      let next = Self.pattern(
        network, at: zip(ends[0], ends[1]).map { $0 + share * ($1 - $0) })
      if next != last { count += 1 }
      last = next
    }
    #expect(count > 5)
    #expect(LocalForms(network).pieceCount(from: ends[0], to: ends[1]) == count)
    #expect(LocalForms(network).pieceCount(from: ends[1], to: ends[0]) == count)
  }

  @Test func whatDependsOnNothingHasNoBoundary() throws {
    let map = LinearMap(
      weight: Matrix(rows: 2, columns: 2, elements: [0, 0, 0, 0]), bias: [1, -1])
    let last = LinearMap(weight: Matrix(rows: 1, columns: 2, elements: [1, 1]), bias: [0])
    let network = try Network(
      inputs: 2, layers: [Layer(map, activation: ReLU()), Layer(last)])
    let found = LocalForms(network).neighbourhoods(of: [[0.5, 0.5]][...], radius: 1)
    #expect(found[0].distance == .infinity && found[0].crossings == 0)
    #expect(LocalForms(network).pieceCount(from: [0, 0], to: [1, 1]) == 1)
  }
}
