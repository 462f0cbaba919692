import Foundation
import Synchronization

/// Threads that stay awake for a moment after their work, since the next is likely to come at once.
///
/// A training step of 512 samples takes about a millisecond in two parallel parts; waking threads
/// that sleep would take a quarter of that.
final class ThreadTeam: @unchecked Sendable {
  static let shared = ThreadTeam()

  /// Held while a job is under way: the team does one at a time.
  private let ownership = Mutex(())
  /// Counts the jobs in its upper bits; the lower ones say how many threads take part in the last.
  private let ticket = Atomic(0)
  private static let countBits = 16
  /// The job of the current ticket. Only its takers read it, and all of them have finished before
  /// the next is put here.
  private var job: (@Sendable (_ worker: Int) -> Void)?
  /// Takers, but for the caller, that have not finished.
  private let unfinished = Atomic(0)
  private let awakening = NSCondition()
  private var threadCount = 0

  /// How long a thread looks out for work before it sleeps.
  private static let patience = Duration.microseconds(200)

  /// Calls `body` for the workers `0..<count`, each on a thread of its own; 0 is the caller's.
  ///
  /// - Returns: false, without having called it, if the team is at work for another caller.
  func run(_ count: Int, _ body: @Sendable (_ worker: Int) -> Void) -> Bool {
    let done: Void? = ownership.withLockIfAvailable { _ in
      withoutActuallyEscaping(body) { lead($0, count: count) }
    }
    return done != nil
  }

  /// Does a job together with the team.
  private func lead(_ body: @escaping @Sendable (_ worker: Int) -> Void, count: Int) {
    startThreads(count - 1)
    job = body
    unfinished.store(count - 1, ordering: .relaxed)
    post(takers: count)
    body(0)
    while unfinished.load(ordering: .acquiring) > 0 { sched_yield() }
    job = nil
  }

  private func post(takers: Int) {
    let number = (ticket.load(ordering: .relaxed) >> Self.countBits) + 1
    awakening.lock()
    ticket.store(number << Self.countBits | takers, ordering: .releasing)
    awakening.broadcast()
    awakening.unlock()
  }

  private func startThreads(_ count: Int) {
    while threadCount < count {
      threadCount += 1
      let (worker, first) = (threadCount, ticket.load(ordering: .relaxed))
      let thread = Thread { self.work(as: worker, after: first) }
      thread.name = "tiles \(worker)"
      thread.start()
    }
  }

  private func work(as worker: Int, after first: Int) {
    var last = first
    while true {
      last = nextTicket(after: last)
      guard worker < last & (1 << Self.countBits - 1) else { continue }
      job?(worker)
      unfinished.subtract(1, ordering: .releasing)
    }
  }

  /// Waits for a ticket, first awake and then asleep.
  private func nextTicket(after last: Int) -> Int {
    let start = ContinuousClock.now
    repeat {
      for _ in 0..<16 {
        let next = ticket.load(ordering: .acquiring)
        if next != last { return next }
        sched_yield()
      }
    } while ContinuousClock.now - start < Self.patience
    awakening.lock()
    defer { awakening.unlock() }
    while ticket.load(ordering: .acquiring) == last { awakening.wait() }
    return ticket.load(ordering: .acquiring)
  }
}
