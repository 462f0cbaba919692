import Compute
import Foundation

/// The section on tomography of Benchmarks/RESULTS.md.
struct CTReport {
  /// Where the section begins; it goes to the next heading of its rank.
  static let heading = "## Tomography: milliseconds a run"

  let text: String

  init(_ results: [CTContest.Result], workers: Workers, peer: Peer?) {
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    var text = """
      \(Self.heading)

      Made on \(date): \(Machine.processor), \(workers.count) cores; inr and its peer take turns, figures are \
      medians; \(peer?.description ?? "no peer"). ASTRA's projector is `linear` on the CPU; scikit-image's \
      radon and iradon run with `circle=True`. The peers use one thread. Sizes are slice / views / \
      bins. Before the clock starts, results are compared: `difference` is relative (FBP: other \
      interpolations).

      | size | what | peer | peer's | inr, 1 thread | inr, \(workers.count) threads | peer / inr, 1 thread | goal | peer / inr, \(workers.count) threads | goal | difference |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |

      """
    for result in results {
      let time = result.time
      let goals = Self.goals(result)
      let cells =
        [result.scan.name, Self.name(result.operation), result.program]
        + [time.peer, time.single, time.all].map { String(format: "%.1f", 1000 * $0) }
        + [
          String(format: "%.2f", time.peer / time.single), goals.single,
          String(format: "%.2f", time.peer / time.all), goals.all,
          String(format: "%.0e", time.difference),
        ]
      text += "| " + cells.joined(separator: " | ") + " |\n"
    }
    self.text = text
  }

  /// A file's text with this section in place of the one that it has, or at its end.
  func replacingSection(of text: String) -> String {
    text.replacingSection(Self.heading, by: self.text)
  }

  private static func name(_ operation: CTOperation) -> String {
    switch operation {
    case .forward: "forward"
    case .adjoint: "adjoint"
    case .fbp: "FBP"
    case .sirt: "SIRT-100"
    }
  }

  private static func goals(_ result: CTContest.Result) -> (single: String, all: String) {
    switch (result.program, result.operation) {
    case ("astra", .sirt): ("2", "")
    case ("astra", _): ("1.5", "4")
    default: ("4", "")
    }
  }
}
