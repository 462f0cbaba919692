import Compute
import Synchronization
import Testing

@Suite struct WorkersTests {
  @Test(arguments: [1, 2, 3, 4, 9], [0, 1, 3, 100])
  func eachItemIsDoneOnceByAWorkerThatDoesNothingElse(threads: Int, items: Int) {
    let calls = Mutex([Int](repeating: 0, count: items))
    let busy = Mutex(Set<Int>())
    let overlaps = Mutex(0)
    Workers(count: threads).forEach(items) { worker, item in
      if !busy.withLock({ $0.insert(worker).inserted }) || !(0..<threads).contains(worker) {
        overlaps.withLock { $0 += 1 }
      }
      calls.withLock { $0[item] += 1 }
      _ = busy.withLock { $0.remove(worker) }
    }
    #expect(calls.withLock { $0 } == [Int](repeating: 1, count: items))
    #expect(overlaps.withLock { $0 } == 0)
  }

  @Test(arguments: [1, 2, 3, 4], [0, 1, 5, 1000])
  func resultsComeInTheOrderOfTheItems(threads: Int, items: Int) {
    let results = Workers(count: threads).map(items) { _, item in item * item }
    #expect(results == (0..<items).map { $0 * $0 })
  }

  @Test func defaultIsOneThreadAProcessor() {
    #expect(Workers().count == Workers.processorCount)
    #expect(Workers.processorCount >= 1)
  }
}
