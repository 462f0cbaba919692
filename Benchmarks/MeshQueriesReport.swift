import Compute
import Foundation
import Meshes

/// The section on questions to meshes of Benchmarks/RESULTS.md.
struct MeshQueriesReport {
  /// Where the section begins; it goes to the next heading of its rank.
  static let heading = "## Meshes: millions of points a second"

  let text: String

  init(_ results: [MeshQueryContest.Result], _ mesh: Mesh, workers: Workers, peer: Peer) {
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    var text = """
      \(Self.heading)

      Made on \(date): \(Machine.processor), \(workers.count) cores; a closed mesh of \(mesh.triangleCount) triangles; inr \
      and its peers take turns, figures are medians; \(peer.description). Trees are built before the clock starts. \
      libigl, SciPy and inr use all cores, trimesh, with Embree, one. Before the clock starts, results are compared: \
      `difference` is the largest, of `inside` the share of points with another answer.

      | what | points | peer | peer's | inr | inr / peer | goal | difference |
      | --- | --- | --- | --- | --- | --- | --- | --- |

      """
    for result in results {
      let cells = [
        result.query.operation, result.points, result.query.program,
        String(format: "%.2f", result.peers * 1e-6), String(format: "%.2f", result.ours * 1e-6),
        String(format: "%.2f", result.ours / result.peers), Self.goal(result.query),
        String(format: "%.0e", result.difference),
      ]
      text += "| " + cells.joined(separator: " | ") + " |\n"
    }
    self.text = text
  }

  /// A file's text with this section in place of the one that it has, or at its end.
  func replacingSection(of text: String) -> String {
    guard let heading = text.range(of: Self.heading) else {
      return text.trimmingCharacters(in: .whitespacesAndNewlines) + "\n\n" + self.text
    }
    let next = text[heading.upperBound...].range(of: "\n## ")?.lowerBound
    let rest = next.map { String(text[$0...]) } ?? ""
    return String(text[..<heading.lowerBound]) + self.text + rest
  }

  private static func goal(_ query: MeshQuery) -> String {
    switch query.operation {
    case "winding": "1"
    case "inside": "3"
    default: ""
    }
  }
}
