import Compute
import Foundation
import Synchronization
import Testing

struct InterruptFlagTests {
  @Test func aFlagStaysRaisedAndKnowsSinceWhen() throws {
    let flag = InterruptFlag.withoutSignals
    #expect(!flag.isRaised)
    #expect(flag.raise() == nil)
    #expect(flag.isRaised)
    let first = try #require(flag.raise())
    let second = try #require(flag.raise())
    #expect(.zero <= first && first <= second)
    #expect(flag.isRaised)
  }

  @Test func aSignalRaisesTheFlagInsteadOfEndingTheProgram() async throws {
    let seen = Mutex<[Bool]>([])
    let flag = InterruptFlag(signals: [SIGUSR1]) { signal, sinceRaised in
      if signal == SIGUSR1 { seen.withLock { $0.append(sinceRaised == nil) } }
    }
    for expected in 1...2 {
      kill(getpid(), SIGUSR1)
      let deadline = ContinuousClock.now + .seconds(30)
      while seen.withLock({ $0.count }) < expected, .now < deadline {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    #expect(flag.isRaised)
    #expect(seen.withLock { $0 } == [true, false])
  }
}
