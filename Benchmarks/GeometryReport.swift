import Compute
import Foundation
import SplineGeometry

/// The section on the speed of exact geometry of Benchmarks/RESULTS.md.
struct GeometryReport {
  /// Where the section begins; it goes to the next heading of its rank.
  static let heading = "## Exact meshes: speed"

  private(set) var text: String
  private let workers: Workers
  private var all: String { "\(workers.count) threads" }

  init(workers: Workers) {
    self.workers = workers
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    text = """
      \(Self.heading)

      Made on \(date): \(Machine.processor), \(workers.count) cores. inr and its peers take turns, figures are medians. \
      Networks have three inputs and ReLU; sizes are hidden layers x width. The torus and the random network are fixtures of \
      the tests, the others signed distances of data/rings.obj that `inr fit shape` learns before the first run.

      """
  }

  /// A file's text with this section in place of the one that it has, or at its end.
  func replacingSection(of text: String) -> String {
    text.replacingSection(Self.heading, by: self.text)
  }

  mutating func add(_ results: [GeometryContest.Level], _ peer: Peer) {
    addMarching(results)
    addComplete(results)
    addSampled(results, peer)
  }

  private mutating func addMarching(_ results: [GeometryContest.Level]) {
    begin(
      "Following the surface: thousand faces a second",
      """
      Starting where it meets the edges of a lattice of \(GeometryContest.latticeCount)³ cells; finding these \
      places and joining the faces are counted. `missed` are faces that only the complete search finds.
      """)
    row([
      "network", "faces", "missed", "1 thread", "goal", all, "\(all) / 1", "goal",
    ])
    rule(8)
    for result in results {
      let faces = Double(result.faces - result.missed) / 1000
      row([
        result.network.name, "\(result.faces)", "\(result.missed)",
        format(faces / result.march.one, 0),
        result.network.goals.facesPerSecond.map { format($0 / 1000, 0) } ?? "",
        format(faces / result.march.all, 0), format(result.march.one / result.march.all, 2), "3",
      ])
    }
  }

  private mutating func addComplete(_ results: [GeometryContest.Level]) {
    begin(
      "Complete search: seconds",
      "Proven to miss nothing. `regions` are those that bounds did not rule out; `/ following` is the ratio to the table above."
    )
    row([
      "network", "faces", "regions", "1 thread", "/ following", "goal", all, "goal", "/ following",
      "goal",
    ])
    rule(10)
    for result in results {
      let (march, complete) = (result.march, result.complete)
      row([
        result.network.name, "\(result.faces)", "\(result.visited)", format(complete.one, 3),
        format(complete.one / march.one, 1), "5", format(complete.all, 3),
        result.network.goals.completeSeconds.map { format($0, 1) } ?? "",
        format(complete.all / march.all, 1), "5",
      ])
    }
  }

  private mutating func addSampled(_ results: [GeometryContest.Level], _ peer: Peer) {
    let count = GeometryContest.sampleCount
    begin(
      "Against marching cubes on \(count)³ samples: milliseconds",
      """
      \(peer.description). PyTorch computes the samples in 32 bits, scikit-image's `marching_cubes` takes the surface, with \
      one thread. `area`: that of the triangles against the exact one.\(loadRemark(peer))
      """)
    row([
      "network", "threads", "samples", "marching cubes", "together", "triangles", "area",
      "inr, following", "inr, complete", "together / following", "goal", "together / complete",
    ])
    rule(12)
    for result in results {
      let sampled = result.sampled
      for (threads, time) in [(1, \RunTimes.one), (workers.count, \RunTimes.all)] {
        let total = sampled.total[keyPath: time]
        let evaluation = sampled.evaluation[keyPath: time]
        let (march, complete) = (result.march[keyPath: time], result.complete[keyPath: time])
        row([
          result.network.name, "\(threads)", format(1000 * evaluation, 0),
          format(1000 * (total - evaluation), 0), format(1000 * total, 0), "\(sampled.triangles)",
          String(format: "%+.2f %%", 100 * sampled.areaError), format(1000 * march, 0),
          format(1000 * complete, 0), format(total / march, 1), "1", format(total / complete, 1),
        ])
      }
    }
  }

  mutating func add(
    _ results: [(run: GeometryContest.EdgeSubdivision?, reason: String)],
    _ level: GeometryContest.Level
  ) {
    let title = "Against edge subdivision, \(level.network.name): seconds"
    let runs = results.compactMap(\.run)
    guard let run = runs.first, runs.count == results.count else {
      begin(title, "Not timed: \(results.first { $0.run == nil }?.reason ?? "").")
      return
    }
    begin(
      title,
      """
      Berzins 2023 in PyTorch, 32 bits, one run each. It subdivides the whole box, not the level set alone. Of the \
      level set it has \(run.vertices) vertices, \(run.edges) edges and \(run.faces) faces, inr \(level.faces) faces.
      """)
    row([
      "threads", "edge subdivision", "inr, following", "ratio", "goal", "inr, complete", "ratio",
    ])
    rule(7)
    for run in runs {
      let time = run.threads == 1 ? \RunTimes.one : \RunTimes.all
      let (march, complete) = (level.march[keyPath: time], level.complete[keyPath: time])
      row([
        "\(run.threads)", format(run.seconds, 1), format(march, 3),
        format(run.seconds / march, 0), "300", format(complete, 3),
        format(run.seconds / complete, 0),
      ])
    }
  }

  mutating func add(_ results: [GeometryContest.Regions]) {
    begin("All regions of the box: thousand regions a second", "Found and counted, not kept.")
    row(["network", "regions", "1 thread", all, "\(all) / 1"])
    rule(5)
    for result in results {
      let count = Double(result.count) / 1000
      row([
        result.network.name, "\(result.count)", format(count / result.times.one, 0),
        format(count / result.times.all, 0), format(result.times.one / result.times.all, 2),
      ])
    }
  }

  mutating func add(_ results: [PartitionContest.Result], _ peer: Peer) {
    begin(
      "Partitions of the square [−1, 1]²: thousand regions a second",
      """
      With vertices, edges between their regions, patterns and affine maps. regioncam 0.5.2 computes in 32 bits, with one \
      thread. `/ regioncam`: how many times as fast inr is.\(loadRemark(peer))
      """)
    row([
      "network", "neurons", "regions", "regioncam", "inr, 1 thread", "goal", "/ regioncam", all,
      "/ regioncam", "goal",
    ])
    rule(10)
    for result in results {
      let count = Double(result.regions) / 1000
      row([
        result.network.name, "\(result.network.spline.neuronCount)", "\(result.regions)",
        format(count / result.peer, 0), format(count / result.times.one, 0), "500",
        format(result.peer / result.times.one, 1), format(count / result.times.all, 0),
        format(result.peer / result.times.all, 1), "8",
      ])
    }
  }

  mutating func add(_ results: [GeometryContest.Memory]) {
    begin(
      "Memory of `inr mesh`",
      "Complete search, \(all), checks, and writing a PLY file. The tori are the torus, repeated by a layer in front of it. The goal is 1 GB for a million faces."
    )
    row(["network", "faces", "peak, MB", "bytes a face", "goal", "seconds in all"])
    rule(6)
    for result in results {
      row([
        result.network.name, "\(result.faces)", format(Double(result.peakBytes) * 1e-6, 0),
        "\(result.peakBytes / result.faces)", result.faces > 900_000 ? "1000" : "",
        format(result.seconds, 2),
      ])
    }
  }

  private func loadRemark(_ peer: Peer) -> String {
    guard !peer.otherLoads.isEmpty else { return "" }
    return
      " Other programs kept \(format(median(peer.otherLoads), 1)) cores busy meanwhile (median)."
  }

  private mutating func begin(_ title: String, _ remark: String) {
    text += "\n### \(title)\n\n\(remark)\n\n"
  }

  private mutating func row(_ cells: [String]) {
    text += "| " + cells.joined(separator: " | ") + " |\n"
  }

  private mutating func rule(_ count: Int) { row(Array(repeating: "---", count: count)) }

  private func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
