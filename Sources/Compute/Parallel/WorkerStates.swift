import Synchronization

/// Something that each worker has of its own, and keeps from one call to the next.
///
/// It is for scratch memory, and for data that all workers read all the time: counting the references
/// to one array from several threads takes longer than most of what is done with it. What a worker's
/// state has been through must not show in the results.
public struct WorkerStates<State: Sendable>: Sendable {
  private final class Place: Sendable {
    let state = Mutex<State?>(nil)
  }

  private let workers: Workers
  private let places: [Place]
  private let make: @Sendable () -> State

  /// - Parameter make: makes a worker's state when the worker first needs it.
  public init(_ workers: Workers, _ make: @escaping @Sendable () -> State) {
    self.workers = workers
    self.make = make
    places = (0..<workers.count).map { _ in Place() }
  }

  /// Calls `body(state, item)` once for each item; returns the results in the items' order.
  public func map<Result: Sendable>(
    _ itemCount: Int, _ body: @Sendable (_ state: inout State, _ item: Int) -> Result
  ) -> [Result] {
    workers.map(itemCount) { worker, item in
      places[worker].state.withLock { place in
        // Taken out, so that it is changed where it is.
        var state = place.take() ?? make()
        defer { place = state }
        return body(&state, item)
      }
    }
  }
}
