import Compute
import Testing
import Training

@Suite struct BatchSamplerTests {
  /// Every third number, so that positions and numbers cannot be taken for one another.
  private let samples = (0..<100).map { Int32(3 * $0) }

  @Test(arguments: [1, 7, 50, 99])
  func noSampleComesTwiceInAnEpoch(batch: Int) {
    var sampler = BatchSampler(samples: samples, batch: batch, seed: 1)
    let steps = sampler.stepsPerEpoch
    #expect(steps == 100 / batch)
    for epoch in 0..<3 {
      var seen: [Int32] = []
      for step in 0..<steps {
        let drawn = sampler.samples(ofStep: epoch * steps + step)
        #expect(drawn.count == batch)
        seen += drawn
      }
      #expect(Set(seen).count == seen.count)
      #expect(Set(seen).isSubset(of: samples))
    }
  }

  @Test func epochsAndSeedsDiffer() {
    func epoch(_ number: Int, seed: UInt64) -> [Int32] {
      var sampler = BatchSampler(samples: samples, batch: 50, seed: seed)
      return (0..<2).flatMap { sampler.samples(ofStep: 2 * number + $0) }
    }
    let orders = (0..<20).flatMap { seed in (0..<5).map { epoch($0, seed: UInt64(seed)) } }
    #expect(Set(orders).count == 100)
    #expect(orders.allSatisfy { $0.sorted() == samples })
  }

  @Test func aStepsBatchDoesNotDependOnTheStepsBefore() {
    var inOrder = BatchSampler(samples: samples, batch: 30, seed: 4)
    let batches = (0..<20).map { Array(inOrder.samples(ofStep: $0)) }
    var random = SplitMix64(seed: 5)
    var anyOrder = BatchSampler(samples: samples, batch: 30, seed: 4)
    for step in random.permutation(of: 20) {
      #expect(Array(anyOrder.samples(ofStep: Int(step))) == batches[Int(step)])
    }
  }

  @Test(arguments: [100, 101, 100_000])
  func aBatchOfAllIsTheSamplesAsTheyStand(batch: Int) {
    var sampler = BatchSampler(samples: samples, batch: batch, seed: 1)
    #expect(sampler.batch == 100 && sampler.stepsPerEpoch == 1)
    #expect(Array(sampler.samples(ofStep: 7)) == samples)
  }
}
