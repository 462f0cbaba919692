import Compute
import Testing
import Tomography

@Suite struct StandardErrorRuleTests {
  /// Squared errors of predictions `truth + bias`, of values with noise of standard deviation 1.
  private func squaredErrors(biases: [Double], count: Int, seed: UInt64) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    let noise = (0..<count).map { _ in Double(random.nextNormal()) }
    return biases.map { bias in
      noise.enumerated().map { i, value in
        // As often above as below.
        let error = value + (i % 2 == 0 ? bias : -bias)
        return error * error
      }
    }
  }

  @Test func manyValuesTellWhatFewCannot() {
    // A bias of β costs β², with a standard error of 2 β / √n: it is seen from n = 4 / β² on.
    let biases = [1, 0.3, 0]
    for seed in UInt64(0)..<20 {
      let many = squaredErrors(biases: biases, count: 4000, seed: seed)
      #expect(StandardErrorRule.first(of: many) == 2)
    }
    let few = (UInt64(0)..<20).map {
      StandardErrorRule.first(of: squaredErrors(biases: biases, count: 8, seed: $0)) ?? -1
    }
    #expect(few.count { $0 < 2 } > 8 && few.count { $0 == 0 } < 10, "\(few)")
  }

  @Test func noiseThatAllModelsShareIsNoExcuse() {
    // The mean squares are 2 and 2.02 with a standard error of 0.45, but the second is worse each time.
    let noise = [1.0, 3, 2, 0.5, 3.5]
    #expect(StandardErrorRule.first(of: [noise.map { $0 + 0.02 }, noise]) == 1)
  }

  @Test func moreStandardErrorsAreMoreLenient() {
    // Differences of mean 1 and standard deviation √7.5: 1.46 standard errors of 16 values.
    let better = [Double](repeating: 1, count: 16)
    let worse = better.indices.map {
      better[$0] + 1 + 7.03125.squareRoot() * ($0 % 2 == 0 ? 1 : -1)
    }
    #expect(StandardErrorRule.first(of: [worse, better]) == 1)
    #expect(StandardErrorRule.first(of: [worse, better], tolerance: 1.35) == 1)
    #expect(StandardErrorRule.first(of: [worse, better], tolerance: 1.5) == 0)
  }

  @Test func aDescentEndsAtTheFirstRest() {
    // Of 4000 values, each change of the bias is seen.
    let biases = [1, 0.6, 0.3, 0.3, 0.1]
    for seed in UInt64(0)..<20 {
      let errors = squaredErrors(biases: biases, count: 4000, seed: seed)
      #expect(StandardErrorRule.descent(along: errors) == 2)
      #expect(StandardErrorRule.first(of: errors) == 4)
    }
    #expect(StandardErrorRule.descent(along: [[3, 3], [2, 2], [1, 1]]) == 2)
    #expect(StandardErrorRule.descent(along: [[1, 1], [2, 2]]) == 0)
    #expect(StandardErrorRule.descent(along: []) == nil)
  }

  @Test func ofEqualsTheFirstIsTaken() {
    #expect(StandardErrorRule.first(of: [[1, 2], [1, 2]]) == 0)
    #expect(StandardErrorRule.first(of: [[2, 2], [1, 2], [1, 2]]) == 0)
    #expect(StandardErrorRule.first(of: [[3, 3], [1, 2], [1, 2]]) == 1)
  }

  @Test func oneValueOrNoneIsNoError() {
    #expect(StandardErrorRule.first(of: []) == nil)
    #expect(StandardErrorRule.first(of: [[]]) == 0)
    #expect(StandardErrorRule.first(of: [[2], [1]]) == 1)
  }
}
