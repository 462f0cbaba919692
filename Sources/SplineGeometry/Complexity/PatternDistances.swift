import Compute

/// The activation patterns of some points, and in how many neurons they differ.
///
/// Two points are in the same activation region if their patterns are equal. In general the number of
/// neurons in which they differ, their Hamming distance, is at most the number of neurons that change
/// along a path between them; of the first layer's neurons it is that number along a segment.
///
/// - Source: Balestriero and Baraniuk, "A spline theory of deep learning", ICML 2018: two inputs are
///   near in the partition if few neurons tell them apart.
public struct PatternDistances: Sendable {
  public let pointCount: Int
  /// Neurons of each hidden layer.
  public let layerNeurons: [Int]
  /// `[points][words]`; each layer begins a word of its own.
  private let words: [UInt64]
  private let layerWords: [Range<Int>]

  fileprivate init(layerNeurons: [Int], patterns: [[UInt64]]) {
    pointCount = patterns.count
    self.layerNeurons = layerNeurons
    layerWords = Self.layerWords(layerNeurons)
    words = patterns.flatMap { $0 }
  }

  fileprivate static func layerWords(_ layerNeurons: [Int]) -> [Range<Int>] {
    var end = 0
    return layerNeurons.map { count in
      defer { end += (count + 63) / 64 }
      return end..<end + (count + 63) / 64
    }
  }

  private var wordCount: Int { layerWords.last?.upperBound ?? 0 }

  /// Neurons in which two points' patterns differ.
  public func distance(_ first: Int, _ second: Int) -> Int {
    differences(first, second, 0..<wordCount)
  }

  /// The same for each hidden layer.
  public func layerDistances(_ first: Int, _ second: Int) -> [Int] {
    layerWords.map { differences(first, second, $0) }
  }

  private func differences(_ first: Int, _ second: Int, _ range: Range<Int>) -> Int {
    precondition(
      first >= 0 && first < pointCount && second >= 0 && second < pointCount,
      "there are no points \(first) and \(second) among \(pointCount)")
    let words = words.span
    let (a, b) = (first * wordCount, second * wordCount)
    var count = 0
    for k in range { count += (words[a + k] ^ words[b + k]).nonzeroBitCount }
    return count
  }

  /// All distances, `[points, points]` row by row, symmetric.
  ///
  /// - Parameter layer: counts the neurons of this hidden layer alone.
  public func matrix(ofLayer layer: Int? = nil, workers: Workers = Workers()) -> [Int32] {
    let range = layer.map { layerWords[$0] } ?? 0..<wordCount
    return workers.map(pointCount) { _, row in
      (0..<pointCount).map { Int32(differences(row, $0, range)) }
    }.flatMap { $0 }
  }

  /// A point near another one in the partition.
  public struct Neighbour: Sendable, Equatable {
    public let point: Int
    /// Neurons in which the patterns differ.
    public let distance: Int
  }

  /// The nearest other points of each point, at most `count`, the nearest first; of those at the same
  /// distance the first ones.
  public func nearestNeighbours(count: Int, workers: Workers = Workers()) -> [[Neighbour]] {
    precondition(count >= 0, "there are no \(count) neighbours")
    return workers.map(pointCount) { _, point in
      let others = (0..<pointCount).filter { $0 != point }.map {
        Neighbour(point: $0, distance: distance(point, $0))
      }
      return Array(
        others.sorted { ($0.distance, $0.point) < ($1.distance, $1.point) }.prefix(count))
    }
  }

  /// How many different patterns there are: regions that have a point.
  public var distinctCount: Int {
    Set((0..<pointCount).map { words[$0 * wordCount..<($0 + 1) * wordCount] }).count
  }
}

extension SplineNetwork {
  /// The activation patterns of some points, to be compared; linear units are left out.
  public func patternDistances(
    at points: [[Double]], workers: Workers = Workers()
  ) -> PatternDistances {
    let layerNeurons = hiddenUnits
    let starts = PatternDistances.layerWords(layerNeurons)
    let wordCount = starts.last?.upperBound ?? 0
    let patterns = mapNeuronLanes(at: points, derivatives: false, workers: workers) {
      lanes, points in
      var patterns = Array(
        repeating: [UInt64](repeating: 0, count: wordCount), count: points.count)
      lanes.forEachNeuron { layer, number, value in
        let word = starts[layer].lowerBound + number >> 6
        let isOn = value .> 0
        for lane in patterns.indices where isOn[lane] {
          patterns[lane][word] |= 1 << UInt64(number & 63)
        }
      }
      return patterns
    }
    return PatternDistances(layerNeurons: layerNeurons, patterns: patterns)
  }
}

extension NeuronLanes {
  /// Calls `body` with each neuron's layer, its number in the layer (linear units left out), and its
  /// pre-activations.
  mutating func forEachNeuron(_ body: (_ layer: Int, _ number: Int, _ value: Lanes) -> Void) {
    for layer in 0..<hiddenCount {
      evaluate(layer: layer)
      var number = 0
      for unit in 0..<layers[layer].units where layers[layer].isNeuron(unit) {
        body(layer, number, outputs[0][unit])
        number += 1
      }
      activate(layer: layer)
    }
  }
}
