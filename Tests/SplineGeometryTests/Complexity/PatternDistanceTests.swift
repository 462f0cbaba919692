import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct PatternDistanceTests {
  private func points(_ dimension: Int, _ count: Int) -> [[Double]] {
    var random = SplitMix64(seed: 4)
    return (0..<count).map { _ in (0..<dimension).map { _ in random.nextNormal() } }
  }

  /// Layers of a word, of more than one, and of neither.
  @Test(arguments: [nil, Float(0.25)])
  func distancesCountTheNeuronsInWhichPatternsDiffer(slope: Float?) throws {
    let spline = try SplineNetwork(SampleSpline.random([3, 64, 70, 9, 2], slope: slope, seed: 1))
    let points = points(3, 50)
    let found = spline.patternDistances(at: points, workers: Workers(count: 2))
    let matrix = found.matrix(workers: Workers(count: 3))
    #expect(found.layerNeurons == [64, 70, 9])
    for (i, a) in points.enumerated() {
      for (j, b) in points.enumerated() {
        let layers = zip(spline.preactivations(at: a), spline.preactivations(at: b)).map {
          zip($0, $1).count { ($0 > 0) != ($1 > 0) }
        }
        #expect(found.layerDistances(i, j) == layers)
        #expect(found.distance(i, j) == layers.reduce(0, +))
        #expect(matrix[i * 50 + j] == Int32(layers.reduce(0, +)))
      }
    }
    let middle = found.matrix(ofLayer: 1)
    #expect(middle[7] == Int32(found.layerDistances(0, 7)[1]))
  }

  @Test func neighboursAreTheNearestOthers() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 6, 5, 1], seed: 3))
    // Some points twice.
    let points = points(2, 40) + points(2, 5)
    let found = spline.patternDistances(at: points)
    let neighbours = found.nearestNeighbours(count: 4, workers: Workers(count: 2))
    for (point, nearest) in neighbours.enumerated() {
      var all = (0..<45).filter { $0 != point }.map { (found.distance(point, $0), $0) }
      all.sort(by: <)
      #expect(nearest.map(\.point) == all.prefix(4).map(\.1))
      #expect(nearest.map(\.distance) == all.prefix(4).map(\.0))
    }
    #expect(neighbours[44].first?.distance == 0)
    #expect(found.distinctCount == Set(points.map { spline.pattern(at: $0) }).count)
    #expect(found.nearestNeighbours(count: 100)[0].count == 44)
  }

  @Test func networksWithoutNeuronsHaveOnePattern() throws {
    let spline = try SampleSpline.spline([([[1, 2]], [0])])
    let found = spline.patternDistances(at: points(2, 3))
    #expect(found.distance(0, 2) == 0 && found.distinctCount == 1)
    #expect(found.matrix() == [Int32](repeating: 0, count: 9))
  }
}
