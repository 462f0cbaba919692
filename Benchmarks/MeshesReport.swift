import Compute
import Foundation
import Meshes

/// The section on meshes of Benchmarks/RESULTS.md.
struct MeshesReport {
  /// Where the section begins; it goes to the next heading of its rank.
  static let heading = "## Meshes"

  private(set) var text: String
  private let workers: Workers

  init(workers: Workers) {
    self.workers = workers
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    text = """
      \(Self.heading)

      Made on \(date): \(Machine.processor), \(workers.count) cores. inr and its peers take turns, figures are medians.

      """
  }

  /// A file's text with this section in place of the one that it has, or at its end.
  func replacingSection(of text: String) -> String {
    text.replacingSection(Self.heading, by: self.text)
  }

  mutating func add(_ results: [MeshQueryContest.Result], _ mesh: Mesh, _ peer: Peer) {
    begin(
      "Questions: millions of points a second", peer,
      """
      A closed mesh of \(mesh.triangleCount) triangles, 200,000 points. Trees are built before the clock starts. libigl, \
      SciPy and inr use all cores, trimesh, with Embree, one. Before the clock starts, results are compared: \
      `difference` is the largest, of `inside` the share of points with another answer.
      """)
    row(["what", "points", "peer", "peer's", "inr", "inr / peer", "goal", "difference"])
    rule(8)
    for result in results {
      row([
        result.query.operation, result.points, result.query.program,
        format(result.peers * 1e-6, 2), format(result.ours * 1e-6, 2),
        format(result.ours / result.peers, 2), Self.goal(result.query),
        String(format: "%.0e", result.difference),
      ])
    }
  }

  mutating func add(_ results: [MarchingCubesContest.Result], _ peer: Peer) {
    begin(
      "Marching cubes: milliseconds a run", peer,
      """
      The volume is in memory; scikit-image's `marching_cubes` (Lewiner) uses one thread. `difference` is that of \
      the volumes which the meshes enclose, relative.
      """)
    row([
      "volume", "triangles", "scikit-image", "inr, 1 thread", "inr, \(workers.count) threads",
      "scikit-image / inr, 1 thread", "scikit-image / inr, \(workers.count) threads", "goal",
      "difference",
    ])
    rule(9)
    for result in results {
      row([
        "\(result.volume.rawValue), \(result.volume.count)³", "\(result.triangles)",
        format(1000 * result.peer, 1), format(1000 * result.single, 1),
        format(1000 * result.all, 1), format(result.peer / result.single, 1),
        format(result.peer / result.all, 1), result.volume.count == 256 ? "1" : "",
        String(format: "%.0e", result.difference),
      ])
    }
  }

  mutating func add(_ results: [MeshFilesContest.Result], _ peer: Peer) {
    begin(
      "Reading one million triangles: seconds", peer,
      """
      A closed mesh of \(results.first?.vertices.ours ?? 0) vertices; OBJ with nine significant digits, PLY and STL \
      binary. One thread each; the files are in the page cache. inr joins the vertices of STL, as trimesh's default does; \
      where a peer does not, it has the vertices that the table says.
      """)
    row(["file", "megabytes", "peer", "peer's vertices", "peer's", "inr", "peer / inr"])
    rule(7)
    for result in results {
      row([
        result.format.rawValue, format(result.megabytes, 0), result.reader,
        "\(result.vertices.peer)", format(result.peer, 2), format(result.ours, 2),
        format(result.peer / result.ours, 1),
      ])
    }
  }

  private mutating func begin(_ title: String, _ peer: Peer, _ remark: String) {
    text += "\n### \(title)\n\n\(peer.description). \(remark)"
    if !peer.otherLoads.isEmpty {
      text +=
        " Other programs kept \(format(median(peer.otherLoads), 1)) cores busy meanwhile (median)."
    }
    text += "\n\n"
  }

  private mutating func row(_ cells: [String]) {
    text += "| " + cells.joined(separator: " | ") + " |\n"
  }

  private mutating func rule(_ count: Int) { row(Array(repeating: "---", count: count)) }

  private func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private static func goal(_ query: MeshQuery) -> String {
    switch query.operation {
    case "winding": "1"
    case "inside": "3"
    default: ""
    }
  }
}
