import Compute
import Foundation
import Synchronization

/// Messages and progress on standard error.
///
/// On a terminal the progress is one line that is drawn over again; elsewhere, a line now and then.
package final class Console: Sendable {
  /// Where the messages go.
  package enum Medium: Sendable, Equatable {
    /// - Parameter width: in columns.
    case terminal(width: Int)
    case log
  }

  package enum Verbosity: Sendable {
    case quiet, normal
  }

  private struct State {
    var pace: ProgressPace
    /// The line of progress that stands on the terminal.
    var line = ""
    var lastProgress: RunProgress?
    var lastShown: RunProgress?
  }

  private let verbosity: Verbosity
  private let medium: @Sendable () -> Medium
  private let write: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// - Parameters:
  ///   - medium: asked again for each line, as windows change their size.
  ///   - write: takes texts with their line ends.
  package init(
    _ verbosity: Verbosity, medium: @escaping @Sendable () -> Medium,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.verbosity = verbosity
    self.medium = medium
    self.write = write
    let pace = ProgressPace(medium() == .log ? .log : .live)
    state = Mutex(State(pace: pace))
  }

  /// The console on the program's standard error.
  package convenience init(_ verbosity: Verbosity) {
    let isTerminal = Terminal.isTerminal(.standardError)
    self.init(
      verbosity,
      medium: { isTerminal ? .terminal(width: Terminal.width(of: .standardError)) : .log },
      write: { Console.writeError($0) })
  }

  /// Writes a line.
  package func message(_ text: String) {
    guard verbosity == .normal else { return }
    state.withLock { state in
      write(erasure(of: state.line) + text + "\n" + state.line)
    }
  }

  /// Shows `progress`, unless something has been shown only just before.
  package func show(_ progress: RunProgress) {
    guard verbosity == .normal else { return }
    state.withLock { state in
      state.lastProgress = progress
      if state.pace.shows(progress) { draw(progress, &state) }
    }
  }

  /// Shows the progress as it was last reported and ends its line.
  package func finishProgress() {
    guard verbosity == .normal else { return }
    state.withLock { state in
      if let last = state.lastProgress, last != state.lastShown { draw(last, &state) }
      if !state.line.isEmpty { write("\n") }
      state = State(pace: ProgressPace(state.pace.style))
    }
  }

  private func draw(_ progress: RunProgress, _ state: inout State) {
    state.lastShown = progress
    switch medium() {
    case .terminal(let width):
      // A full last column would move the cursor into the next line.
      let line = ProgressLine.bar(progress, width: max(width - 1, 1))
      let blank = String(repeating: " ", count: max(0, state.line.count - line.count))
      write("\r" + line + blank + (blank.isEmpty ? "" : "\r" + line))
      state.line = line
    case .log: write(ProgressLine.plain(progress) + "\n")
    }
  }

  private func erasure(of line: String) -> String {
    line.isEmpty ? "" : "\r" + String(repeating: " ", count: line.count) + "\r"
  }

  /// Writes to standard error as it is; that nobody reads it is no reason to stop.
  package static func writeError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
