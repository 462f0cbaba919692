import Compute
import Foundation

/// Ctrl-C ends a run at its next good place; a second one ends the program.
package enum SignalHandling {
  /// Listens from now on; to be called once, by commands that ask the flag.
  ///
  /// The first SIGINT or SIGTERM raises the flag and says so; the next one exits at once with the
  /// code that a shell expects, 128 and the signal's number.
  package static func install(telling console: Console) -> InterruptFlag {
    InterruptFlag { signal, sinceRaised in
      guard let sinceRaised else {
        console.message("stopping after this step; interrupt once more to exit at once")
        return
      }
      // `timeout` sends its signal to the program and to its group: one request that comes twice.
      if sinceRaised > .milliseconds(500) { _exit(128 + signal) }
    }
  }
}
