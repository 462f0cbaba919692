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

  @Test(arguments: [1, 2, 3, 4], [0, 1, 5, 40])
  func itemsBehindABarrierBeginWhenAllBeforeItAreDone(threads: Int, barrier: Int) {
    for _ in 0..<20 {
      let done = Atomic(0)
      let tooEarly = Atomic(0)
      Workers(count: threads).forEach(barrier + 10, barrier: barrier) { _, item in
        if item >= barrier {
          if done.load(ordering: .acquiring) < barrier { tooEarly.add(1, ordering: .relaxed) }
        } else {
          // Long enough for the others to come to the barrier.
          if item == 0 { for _ in 0..<20_000 { done.add(0, ordering: .relaxed) } }
          done.add(1, ordering: .releasing)
        }
      }
      #expect(done.load(ordering: .relaxed) == barrier)
      #expect(tooEarly.load(ordering: .relaxed) == 0)
    }
  }

  @Test(arguments: [1, 2, 3, 4], [0, 1, 5, 1000])
  func resultsComeInTheOrderOfTheItems(threads: Int, items: Int) {
    let results = Workers(count: threads).map(items) { _, item in item * item }
    #expect(results == (0..<items).map { $0 * $0 })
  }

  @Test(arguments: [1, 2, 3, 4])
  func eachWorkerKeepsItsStateFromCallToCall(threads: Int) {
    let made = Atomic(0)
    let states = WorkerStates(Workers(count: threads)) {
      made.add(1, ordering: .relaxed)
      return [Int]()
    }
    for round in 1...5 {
      let results = states.map(100) { state, item in
        state.append(item)
        return 2 * item
      }
      #expect(results == (0..<100).map { 2 * $0 })
      // No more states than workers, and all items of all rounds in one of them.
      let lengths = states.map(1000) { state, _ in state.count }
      #expect((1...threads).contains(made.load(ordering: .relaxed)))
      #expect(lengths.allSatisfy { $0 <= 100 * round })
      #expect(threads > 1 || lengths.allSatisfy { $0 == 100 * round })
    }
  }

  /// One team of threads serves all callers; who finds it at work must still get all items done.
  @Test func workInsideWorkIsDoneOnce() {
    let sum = Atomic(0)
    Workers(count: 3).forEach(7) { _, outer in
      Workers(count: 4).forEach(11) { _, inner in
        sum.add(100 * outer + inner, ordering: .relaxed)
      }
    }
    #expect(sum.load(ordering: .relaxed) == 11 * 100 * 21 + 7 * 55)
  }

  @Test func manyShortJobsOfChangingSizesAreAllDone() {
    let workers = (1...5).map { Workers(count: $0) }
    let sum = Atomic(0)
    for job in 0..<5000 {
      workers[job % 5].forEach(job % 13) { _, item in sum.add(item + 1, ordering: .relaxed) }
    }
    let expected = (0..<5000).reduce(0) { $0 + ($1 % 13) * ($1 % 13 + 1) / 2 }
    #expect(sum.load(ordering: .relaxed) == expected)
  }

  @Test func defaultIsOneThreadAProcessor() {
    #expect(Workers().count == Workers.processorCount)
    #expect(Workers.processorCount >= 1)
  }
}
