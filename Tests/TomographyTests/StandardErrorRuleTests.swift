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
