import Compute
import Foundation

/// The tables of Benchmarks/RESULTS.md.
struct Report {
  private(set) var text: String
  private let programs: [Program]

  init(workers: Workers, programs: [Program]) {
    self.programs = programs
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    text = """
      # Benchmark results

      Made by `make bench` on \(date): \(Machine.processor), \(workers.count) cores, \
      \(Machine.operatingSystem). Programs take turns within each round; figures are medians.

      """
    for program in programs where program.variant == "plain" {
      text += "- \(program.peer?.description ?? "")\n"
    }
  }

  mutating func addTraining(_ results: [Contest.Result]) {
    text += "\n## One training step (forward, backward, Adam), million rows a second\n\n"
    let batches = Contest.batches
    text += row(["network", "program"] + batches.map { "batch \($0)" } + ["best"])
    text += row(Array(repeating: "---", count: batches.count + 3))
    for result in results {
      for program in programs.map(\.name) {
        guard let rates = result.rates[program] else { continue }
        text += row(
          [result.contestant.name, program]
            + batches.map { rates[$0].map { format($0 / 1e6, 3) } ?? "" }
            + [format((rates.values.max() ?? 0) / 1e6, 3)])
      }
    }
    addRatios(results, batches: batches)
    text += "\n## Share of the matrix-product rate, and small batches\n\n"
    text += """
      OpenBLAS: sgemm 256 x 256 x 256, one per core and all cores at once, in the same rounds. A
      complex product counts as three real ones.


      """
    text += row([
      "network", "GFLOP/s in products", "OpenBLAS' GFLOP/s", "share", "batch 512 / 65536",
    ])
    text += row(Array(repeating: "---", count: 5))
    for result in results {
      guard let rates = result.rates["inr"], let best = rates.values.max() else { continue }
      let flops = best * result.contestant.flops(training: true)
      let small = (rates[512] ?? 0) / (rates[65_536] ?? 1)
      text += row([
        result.contestant.name, format(flops / 1e9, 0), format(result.peak / 1e9, 0),
        percent(flops / result.peak), percent(small),
      ])
    }
  }

  /// Ratios of the best batches, and at 65 536, as the public scripts run.
  private mutating func addRatios(_ results: [Contest.Result], batches: [Int]) {
    guard programs.count > 1 else { return }
    text += "\n## inr against each peer\n\n"
    text += "Like with like: products in single precision, and those in bfloat16.\n\n"
    text += row(["network", "peer", "best / best", "goal", "both at batch 65536"])
    text += row(Array(repeating: "---", count: 5))
    for result in results {
      for peer in programs where peer.peer != nil {
        let rival = peer.rival.name
        guard let ours = result.best(rival), let theirs = result.best(peer.name) else { continue }
        let large = result.rates[rival]?[65_536].flatMap { ours in
          result.rates[peer.name]?[65_536].map { ours / $0 }
        }
        text += row([
          result.contestant.name, peer.name, format(ours / theirs, 2),
          result.contestant.goals[peer.name].map { format($0, 1) } ?? "",
          large.map { format($0, 2) } ?? "",
        ])
      }
    }
  }

  mutating func addRendering(_ results: [Contest.Result]) {
    text += "\n## Rendering (values only), million rows a second\n\n"
    let programs = programs.filter { $0.rounding == nil }.map(\.name)
    text += row(
      ["network"] + programs + programs.dropFirst().map { "inr / \($0)" })
    text += row(Array(repeating: "---", count: 2 * programs.count))
    for result in results {
      let rates = programs.map { result.best($0) ?? 0 }
      text += row(
        [result.contestant.name] + rates.map { format($0 / 1e6, 3) }
          + rates.dropFirst().map { format(rates[0] / $0, 2) })
    }
  }

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

  private func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private func percent(_ share: Double) -> String { format(100 * share, 0) + " %" }
}
