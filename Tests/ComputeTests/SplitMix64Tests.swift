import Compute
import Testing

@Suite struct SplitMix64Tests {
  /// The first five numbers for the seed 1234567 that Rosetta Code, "Pseudo-random numbers/Splitmix64",
  /// asks of an implementation; they agree with the algorithm evaluated by hand in Python 3.11.
  @Test func numbersAreThoseOfTheReferenceCode() {
    var random = SplitMix64(seed: 1_234_567)
    let found = (0..<5).map { _ in random.next() }
    #expect(
      found == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func streamsOfASeedDiffer() {
    let seeds: [UInt64] = [0, 1, 2, .max]
    let streams: [UInt64] = [0, 1, 2, 1_000, 1_001]
    let first = seeds.flatMap { seed in
      streams.map { stream -> UInt64 in
        var random = SplitMix64(seed: seed, stream: stream)
        return random.next()
      }
    }
    #expect(Set(first).count == seeds.count * streams.count)
  }

  @Test func sameSeedGivesTheSameNumbers() {
    var (a, b) = (SplitMix64(seed: 3, stream: 4), SplitMix64(seed: 3, stream: 4))
    #expect((0..<100).map { _ in a.next() } == (0..<100).map { _ in b.next() })
  }
}
