import Dispatch
import Foundation
import Synchronization

/// A fixed number of threads that share out numbered items of work.
///
/// Which worker takes which item depends on timing; results that do not depend on the worker are
/// therefore the same for any number of threads, as long as each item writes only to its own place.
public struct Workers: Sendable {
  public let count: Int

  /// The processors of this machine.
  public static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// - Parameter count: threads, counting the caller's; by default one per processor.
  public init(count: Int = Workers.processorCount) {
    precondition(count >= 1, "\(count) threads cannot do any work")
    self.count = count
  }

  /// Calls `body(worker, item)` once for each item; returns when all are done.
  ///
  /// - Parameters:
  ///   - barrier: items from this one on begin when all before it are done.
  ///   - body: `worker` is in `0..<count`, and no two calls with the same worker overlap.
  public func forEach(
    _ itemCount: Int, barrier: Int = 0, _ body: @Sendable (_ worker: Int, _ item: Int) -> Void
  ) {
    let active = min(count, itemCount)
    guard active > 1 else {
      for item in 0..<max(itemCount, 0) { body(0, item) }
      return
    }
    let next = Atomic(0)
    let before = Atomic(0)
    let work: @Sendable (Int) -> Void = { worker in
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard item < itemCount else { return }
        // Items are taken in their order, so all that is waited for is at work.
        while item >= barrier, before.load(ordering: .acquiring) < barrier { sched_yield() }
        body(worker, item)
        if item < barrier { before.add(1, ordering: .releasing) }
      }
    }
    if !ThreadTeam.shared.run(active, work) {
      DispatchQueue.concurrentPerform(iterations: active, execute: work)
    }
  }

  /// Calls `body(worker, item)` once for each item; returns the results in the items' order.
  public func map<Result: Sendable>(
    _ itemCount: Int, _ body: @Sendable (_ worker: Int, _ item: Int) -> Result
  ) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: itemCount))
    forEach(itemCount) { worker, item in
      let result = body(worker, item)
      results.withLock { $0[item] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
