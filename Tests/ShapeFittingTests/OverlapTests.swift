import Compute
import ShapeFitting
import Testing

@Suite struct OverlapTests {
  private func overlap(_ pairs: [(Bool, Bool)]) -> Overlap {
    var overlap = Overlap()
    for (first, second) in pairs { overlap.add(first, second) }
    return overlap
  }

  @Test func itIsIntersectionOverUnion() {
    let pairs =
      [(Bool, Bool)](repeating: (true, true), count: 6)
      + [(Bool, Bool)](repeating: (true, false), count: 3)
      + [(Bool, Bool)](repeating: (false, true), count: 1)
      + [(Bool, Bool)](repeating: (false, false), count: 90)
    #expect(overlap(pairs).iou == 0.6 && overlap(pairs).union == 10)
    #expect(overlap(pairs.reversed()) == overlap(pairs))
    var sum = overlap(Array(pairs[..<40]))
    sum += overlap(Array(pairs[40...]))
    #expect(sum == overlap(pairs))
  }

  @Test func solidsThatAreBothEmptyAreEqual() {
    #expect(Overlap().iou == 1 && Overlap().standardError == 0)
    #expect(overlap([(false, false)]) == Overlap())
    #expect(overlap([(true, false)]).iou == 0 && overlap([(true, false)]).standardError == 0)
    #expect(overlap([(true, true)]).iou == 1 && overlap([(true, true)]).standardError == 0)
  }

  // Repeated draws scatter as the standard error says.
  @Test func theStandardErrorIsHowDrawsScatter() {
    var random = SplitMix64(seed: 1)
    // Six of ten points of the union, which is a third of all points, are in both solids.
    let draws = (0..<400).map { _ in
      overlap(
        (0..<3000).map { _ in
          let number = random.nextIndex(below: 30)
          return (number < 9, number < 6 || number == 9)
        })
    }
    let (mean, deviation) = moments(draws.map(\.iou))
    let expected = draws[0].standardError
    #expect(abs(expected - (0.24 / 1000.0).squareRoot()) < 1e-3)
    #expect(abs(mean - 0.6) < 4 * expected / 400.0.squareRoot())
    // A deviation of 400 numbers is known to 1 / √800 of itself.
    #expect(abs(deviation / expected - 1) < 4 / 800.0.squareRoot())
  }
}
