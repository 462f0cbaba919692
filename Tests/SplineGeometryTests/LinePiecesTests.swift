import Compute
import Foundation
import Networks
import SplineGeometry
import Testing

@Suite struct LinePiecesTests {
  /// A segment on which another program found the breakpoints.
  struct GoldenSegment: Decodable {
    let from, to, breakpoints, crossings: [Double]
    let layers: [Int]
    let slopeVariation: Double

    static func of(_ name: String) throws -> [GoldenSegment] {
      let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
      let data = try Data(contentsOf: folder.appending(path: "segments.json"))
      return try #require(JSONDecoder().decode([String: [GoldenSegment]].self, from: data)[name])
    }
  }

  @Test(arguments: [
    "he_2_16_16_16_1", "he_2_32_32_32_1", "he_3_32_32_32_1", "torus_3x64", "iso_3x64_s16_q05",
    "iso_4x32_s2_q02", "deg_l1ball", "deg_polytope", "deg_polytope_noise1e-7",
  ])
  func breakpointsAreThoseOfAnotherProgram(name: String) throws {
    let spline = try GoldenSpline(name).spline
    for segment in try GoldenSegment.of(name) {
      let pieces = try spline.pieces(from: segment.from, to: segment.to)
      #expect(pieces.breakpoints.count == segment.breakpoints.count)
      // Both know a breakpoint to some 10⁻¹³; where a neuron runs nearly along the segment, to less.
      for (found, expected) in zip(pieces.breakpoints, segment.breakpoints) {
        #expect(abs(found - expected) <= 1e-11)
      }
      #expect(
        (0..<pieces.count - 1).map { pieces.neurons(at: $0)[0].layer } == segment.layers)
      let crossings = try pieces.crossings()
      #expect(crossings.count == segment.crossings.count)
      for (found, expected) in zip(crossings, segment.crossings) {
        #expect(abs(found - expected) <= 1e-11)
      }
      let slopes = (0..<pieces.count).map { pieces.map(of: $0).gradients[0] }
      let variation = zip(slopes, slopes.dropFirst()).reduce(0) { $0 + abs($1.1 - $1.0) }
      #expect(abs(variation - segment.slopeVariation) <= 1e-10 * max(1, variation))
    }
  }

  @Test(arguments: [nil, Float(0.2), -1], [1, 2, 3] as [UInt64])
  func piecesAreTheNetwork(slope: Float?, seed: UInt64) throws {
    let spline = try SplineNetwork(
      SampleSpline.random([5, 19, 12, 9, 3], slope: slope, seed: seed))
    var random = SplitMix64(seed: seed)
    let (a, b) = (
      (0..<5).map { _ in 3 * random.nextNormal() }, (0..<5).map { _ in 3 * random.nextNormal() }
    )
    let line = try AffineSlice(through: [a, b])
    let pieces = try spline.pieces(from: a, to: b)
    #expect(pieces.count > 10 && pieces.ends[0] == 0 && pieces.ends[pieces.count] == 1)
    for piece in 0..<pieces.count {
      let (start, end) = (pieces.ends[piece], pieces.ends[piece + 1])
      #expect(start < end)
      let middle = (start + end) / 2
      let point = line.point(at: [middle])
      #expect(pieces.pattern(of: piece) == spline.pattern(at: point))
      let (map, values) = (pieces.map(of: piece), spline.values(at: point))
      // Sums of some dozen products of numbers up to 10, in another order.
      for (found, expected) in zip(map([middle]), values) {
        #expect(abs(found - expected) <= 1e-11)
      }
      guard piece > 0 else { continue }
      // Both maps meet at the breakpoint, where the neuron's pre-activation is 0.
      for (found, expected) in zip(map([start]), pieces.map(of: piece - 1)([start])) {
        #expect(abs(found - expected) <= 1e-11)
      }
      let preactivations = spline.preactivations(at: line.point(at: [start]))
      let neurons = pieces.neurons(at: piece - 1)
      #expect(neurons.count == 1)
      for neuron in neurons { #expect(abs(preactivations[neuron.layer][neuron.unit]) <= 1e-11) }
    }
  }

  @Test func neuronsThatMeetGiveConsistentPieces() throws {
    for seed in 0..<200 as Range<UInt64> {
      // Neurons coincide, or nearly so; the segments go through points where many meet.
      let spline = try SampleSpline.integers(2, seed: seed, noise: seed % 2 == 0 ? 0 : 1e-12)
      var random = SplitMix64(seed: seed)
      let a = [Double(Int.random(in: -3...3, using: &random)), -4]
      let b = [Double(Int.random(in: -3...3, using: &random)), 4]
      let line = try AffineSlice(through: [a, b])
      let pieces = try spline.pieces(from: a, to: b)
      for piece in 0..<pieces.count {
        let (start, end) = (pieces.ends[piece], pieces.ends[piece + 1])
        #expect(start < end, "seed \(seed)")
        let middle = (start + end) / 2
        // Values are whole numbers up to some hundreds.
        let found = pieces.map(of: piece)([middle])[0]
        #expect(abs(found - spline.values(at: line.point(at: [middle]))[0]) <= 1e-10)
        guard piece > 0 else { continue }
        #expect(
          abs(pieces.map(of: piece)([start])[0] - pieces.map(of: piece - 1)([start])[0]) <= 1e-10)
        #expect(!pieces.neurons(at: piece - 1).isEmpty, "seed \(seed)")
      }
    }
  }

  @Test func severalSegmentsAreTheSameForAnyNumberOfThreads() throws {
    let spline = try SplineNetwork(SampleSpline.random([3, 16, 16, 1], seed: 4))
    var random = SplitMix64(seed: 4)
    let lines = try (0..<50).map { _ in
      try AffineSlice(
        through: [
          (0..<3).map { _ in random.nextNormal() }, (0..<3).map { _ in random.nextNormal() },
        ])
    }
    let all = try spline.pieces(of: lines, workers: Workers(count: 3))
    for (line, pieces) in zip(lines, all) {
      let alone = try spline.pieces(of: [line], workers: Workers(count: 1))[0]
      #expect(alone.ends == pieces.ends)
      #expect(alone.map(of: alone.count - 1) == pieces.map(of: pieces.count - 1))
    }
  }

  @Test func aHandMadeNetworkBreaksWhereItShould() throws {
    // |x − 1| + 2 relu(x − 3), then less 2: its zeros are −1 and 3.
    let spline = try SampleSpline.spline([
      ([[1], [-1], [1]], [-1, 1, -3]), ([[1, 1, 2]], [-2]),
    ])
    let pieces = try spline.pieces(in: -5...5)
    #expect(pieces.ends == [-5, 1, 3, 5])
    #expect((0..<3).map { pieces.map(of: $0).gradients[0] } == [-1, 1, 3])
    #expect((0..<3).map { pieces.map(of: $0).constants[0] } == [-1, -3, -9])
    #expect(
      pieces.neurons(at: 0).map { [$0.layer, $0.unit] } == [[0, 0], [0, 1]]
        && pieces.neurons(at: 1).map { [$0.layer, $0.unit] } == [[0, 2]])
    #expect(try pieces.crossings() == [-1, 3])
    // It touches −2 and crosses nothing there.
    #expect(try pieces.crossings(level: -2) == [])
    #expect(try pieces.crossings(level: 3) == [-4, 4])
    // At the end it is at the level, not above it.
    #expect(try pieces.crossings(level: 6) == [])
    #expect(try spline.pieces(in: 1...3).count == 1)
  }

  @Test func aStretchAtTheLevelIsCrossedWhereItEnds() throws {
    // relu(−x) + relu(x − 1)
    let spline = try SampleSpline.spline([([[-1], [1]], [0, -1]), ([[1, 1]], [0])])
    #expect(try spline.pieces(in: -1...2).crossings() == [0, 1])
  }

  @Test func wrongSegmentsAreRefused() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 4, 1], seed: 1))
    #expect(throws: SplineNetworkError.inputCount(found: 2, expected: 1)) {
      try spline.pieces(in: 0...1)
    }
    #expect(throws: SplineNetworkError.inputCount(found: 2, expected: 3)) {
      try spline.pieces(from: [0, 0, 0], to: [1, 1, 1])
    }
    #expect(throws: SplineNetworkError.self) { try spline.pieces(from: [0, 1], to: [0, 1]) }
    #expect(throws: SplineNetworkError.self) { try spline.pieces(from: [0], to: [0, 1]) }
    let pieces = try spline.pieces(from: [0, 0], to: [1, 1])
    #expect(throws: SplineNetworkError.noOutput(found: 1, outputs: 1)) {
      try pieces.crossings(of: .component(1))
    }
    let line = try SplineNetwork(SampleSpline.random([1, 4, 1], seed: 1))
    #expect(throws: SplineNetworkError.self) { try line.pieces(in: 1...1) }
  }

  @Test func aTruncatedNetworkHasTheRegionsOfItsLayers() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 9, 8, 7, 2], seed: 8))
    let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
    let whole = try spline.partition(of: square)
    var counts: [Int] = []
    for layers in 0...3 {
      let truncated = spline.truncated(toHiddenLayers: layers)
      #expect(truncated.hiddenUnits == Array([9, 8, 7].prefix(layers)))
      let point = [0.3, -0.2]
      let next = layers < 3 ? spline.preactivations(at: point)[layers] : spline.values(at: point)
      #expect(truncated.values(at: point) == next)
      let partition = try truncated.partition(of: square)
      let patterns = Set(
        (0..<whole.regionCount).map { region in
          let pattern = whole.pattern(of: region)
          return (0..<truncated.neuronCount).map { pattern[$0] }
        })
      #expect(partition.regionCount == patterns.count)
      counts.append(partition.regionCount)
    }
    #expect(counts[0] == 1 && counts == counts.sorted() && counts[3] == whole.regionCount)
  }
}
