import Compute
import Meshes
import ShapeFitting
import Testing

@Suite struct VolumeOverlapTests {
  private func overlap(_ pairs: [(Bool, Bool)]) -> VolumeOverlap {
    VolumeOverlap(pairs.map(\.0), pairs.map(\.1))
  }

  @Test func itIsIntersectionOverUnion() {
    let pairs =
      [(Bool, Bool)](repeating: (true, true), count: 6)
      + [(Bool, Bool)](repeating: (true, false), count: 3)
      + [(Bool, Bool)](repeating: (false, true), count: 1)
      + [(Bool, Bool)](repeating: (false, false), count: 90)
    #expect(overlap(pairs).iou == 0.6 && overlap(pairs).unionCount == 10)
    #expect(overlap(pairs.reversed()) == overlap(pairs))
    var sum = overlap(Array(pairs[..<40]))
    sum += overlap(Array(pairs[40...]))
    #expect(sum == overlap(pairs))
  }

  @Test func withoutPointsInEitherThereIsNone() {
    #expect(VolumeOverlap().iou == nil && VolumeOverlap().standardError == nil)
    #expect(overlap([(false, false)]) == VolumeOverlap())
    #expect(overlap([(true, false)]).iou == 0 && overlap([(true, false)]).standardError == 0)
    #expect(overlap([(true, true)]).iou == 1 && overlap([(true, true)]).standardError == 0)
  }

  // Two cubes of side 1 that have half of each in common: a third of the 1.5 that they fill, which is
  // all of the box around them.
  @Test func ofMeshesItIsThatOfTheirVolumes() throws {
    let (one, many) = (Workers(count: 1), Workers(count: 4))
    let first = try TriangleTree(
      SampleShape.cuboid(Box(lower: .zero, upper: [1, 1, 1])), workers: one)
    let second = try TriangleTree(
      SampleShape.cuboid(Box(lower: [0.5, 0, 0], upper: [1.5, 1, 1])), workers: one)
    func overlap(_ count: Int, seed: UInt64 = 5, _ workers: Workers = many) -> VolumeOverlap {
      VolumeOverlap(first, second, pointCount: count, seed: seed, workers: workers)
    }
    let found = overlap(5000)
    #expect(found.unionCount == 5000)
    #expect(abs(try #require(found.iou) - 1.0 / 3) < 4 * (try #require(found.standardError)))
    #expect(overlap(5000, one) == found && overlap(5000, seed: 6) != found)
    // A million points are counted at once; those after them are others than the first ones.
    let (million, more) = (overlap(1 << 20), overlap((1 << 20) + 4096))
    #expect(more.unionCount == (1 << 20) + 4096)
    let added = more.intersectionCount - million.intersectionCount
    #expect(added != overlap(4096).intersectionCount && (1200..<1530).contains(added))
  }

  // Repeated draws scatter as the standard error says.
  @Test func theStandardErrorIsHowDrawsScatter() throws {
    var random = SplitMix64(seed: 1)
    // Six of ten points of the union, which is a third of all points, are in both solids.
    let draws = (0..<400).map { _ in
      overlap(
        (0..<3000).map { _ in
          let number = random.nextIndex(below: 30)
          return (number < 9, number < 6 || number == 9)
        })
    }
    let (mean, deviation) = moments(draws.compactMap(\.iou))
    let expected = try #require(draws[0].standardError)
    #expect(abs(expected - (0.24 / 1000.0).squareRoot()) < 1e-3)
    #expect(abs(mean - 0.6) < 4 * expected / 400.0.squareRoot())
    // A deviation of 400 numbers is known to 1 / √800 of itself.
    #expect(abs(deviation / expected - 1) < 4 / 800.0.squareRoot())
  }
}
