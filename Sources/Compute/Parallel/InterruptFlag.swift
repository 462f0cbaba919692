import Dispatch
import Foundation
import Synchronization

/// Whether someone has asked the program to stop, so that a long run can end where it likes.
///
/// A run asks ``isRaised`` between steps. Once made, a flag listens until the program ends; no
/// signal that comes after that is missed.
public final class InterruptFlag: Sendable {
  private let raisedAt = Mutex<ContinuousClock.Instant?>(nil)

  /// - Parameters:
  ///   - signals: the numbers to listen to; they no longer end the program by themselves.
  ///   - onSignal: called for each signal on a thread of its own, with the signal's number and the
  ///     time since the flag was raised; with `nil` by the signal that raises it.
  public init(
    signals: [Int32] = [SIGINT, SIGTERM],
    onSignal: @escaping @Sendable (_ signal: Int32, _ sinceRaised: Duration?) -> Void = { _, _ in }
  ) {
    // A queue of its own gets a thread even while all the others compute.
    let queue = DispatchQueue(label: "interruptions")
    let listening = DispatchSemaphore(value: 0)
    for number in signals {
      // The source sees a signal only if the signal's own effect is off.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        // The handler holds on to its source: a source that nobody holds stops listening.
        for _ in 0..<source.data { onSignal(number, self.raise()) }
      }
      source.setRegistrationHandler { listening.signal() }
      source.resume()
      listening.wait()
    }
  }

  /// A flag that no signal raises, for tests and for runs inside other programs.
  public static var withoutSignals: InterruptFlag { InterruptFlag(signals: []) }

  public var isRaised: Bool { raisedAt.withLock { $0 != nil } }

  /// Asks to stop, as a signal does.
  ///
  /// - Returns: the time since that was asked first; `nil` if this is the first time.
  @discardableResult
  public func raise() -> Duration? {
    let now = ContinuousClock.now
    return raisedAt.withLock { first in
      guard let first else {
        first = now
        return nil
      }
      return now - first
    }
  }

  /// Makes writing into a pipe that nobody reads an error of that write, not the program's end.
  public static func surviveBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}
