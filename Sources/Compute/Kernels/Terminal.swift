import Foundation

/// What is known of the window behind one of the program's standard streams.
package enum Terminal {
  package enum Stream: Sendable {
    case standardOutput, standardError

    var descriptor: Int32 {
      switch self {
      case .standardOutput: STDOUT_FILENO
      case .standardError: STDERR_FILENO
      }
    }
  }

  package static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.descriptor) == 1 }

  /// Columns of the window; 80 where there is none.
  package static func width(of stream: Stream) -> Int {
    var size = winsize()
    // SAFETY: this request fills in the one `winsize` that it gets, and keeps no pointer to it.
    guard unsafe ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}
