import Foundation

/// Results go to standard output, and nothing else does.
package enum StandardOutput {
  package static func write(_ text: String) throws(StandardOutputError) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      // Foundation wraps the system's error, whose words say more.
      let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
      if system.code == Int(EPIPE) { throw .closed }
      throw .notWritable(
        reason: system.localizedFailureReason ?? system.localizedDescription)
    }
  }
}

/// Results that cannot be printed.
package enum StandardOutputError: Error, Equatable, CustomStringConvertible {
  /// The other end of the pipe is gone.
  case closed
  case notWritable(reason: String)

  package var description: String {
    switch self {
    case .closed: "standard output: nobody reads it any more"
    case .notWritable(let reason):
      "standard output cannot be written (\(reason)); check where it leads to"
    }
  }
}
