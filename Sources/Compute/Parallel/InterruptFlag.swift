import Dispatch
import Foundation
import Synchronization

/// Whether someone has asked the program to stop, so that a long run can end where it likes.
///
/// A run asks ``isRaised`` between steps. Once made, a flag listens until the program ends; no
/// signal that comes after that is missed.
public final class InterruptFlag: Sendable {
  private let signalCount = Atomic(0)

  /// - Parameters:
  ///   - signals: the numbers to listen to; they no longer end the program by themselves.
  ///   - onSignal: called on a thread of its own for each signal, with the number of the signal
  ///     and how many have come so far, this one included.
  public init(
    signals: [Int32] = [SIGINT, SIGTERM],
    onSignal: @escaping @Sendable (_ signal: Int32, _ count: Int) -> Void = { _, _ in }
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
        for _ in 0..<source.data {
          onSignal(number, self.raise())
        }
      }
      source.setRegistrationHandler { listening.signal() }
      source.resume()
      listening.wait()
    }
  }

  /// A flag that no signal raises, for tests and for runs inside other programs.
  public static var withoutSignals: InterruptFlag { InterruptFlag(signals: []) }

  public var isRaised: Bool { signalCount.load(ordering: .relaxed) > 0 }

  /// Asks to stop, as a signal does.
  ///
  /// - Returns: how often that has been asked, this time included.
  @discardableResult
  public func raise() -> Int {
    signalCount.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Makes writing into a pipe that nobody reads an error of that write, not the program's end.
  public static func surviveBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}
