import Compute
import Foundation
import Networks
import Training

/// One network of the comparison.
struct Contestant {
  let name: String
  let activation: String
  let width: Int
  /// Goals of the project: ratio to PyTorch's and JAX's best, if there is one.
  let goals: [String: Double]

  static let all = [
    Contestant(name: "wire", activation: "wire", width: 181, goals: ["pytorch": 4.5, "jax": 2]),
    Contestant(name: "siren", activation: "sine", width: 256, goals: ["pytorch": 2.3, "jax": 3.5]),
    Contestant(name: "relu", activation: "relu", width: 256, goals: ["pytorch": 3, "jax": 1.1]),
    Contestant(
      name: "gauss", activation: "gauss", width: 256, goals: ["pytorch": 2.3, "jax": 3.5]),
    Contestant(
      name: "wire2d", activation: "wire2d", width: 128, goals: ["pytorch": 4.5, "jax": 2]),
  ]

  var network: Network {
    var architecture = Architecture(activation: activation)
    architecture.width = width
    return architecture.makeNetwork(inputs: 2, outputs: 1, seed: 1)
  }

  /// Flops of the large matrix products of one row: three products a hidden-to-hidden map in
  /// training, one in rendering; a complex product counts as the three real ones that it needs.
  func flops(training: Bool) -> Double {
    let layers = network.layers.dropFirst().dropLast()
    let products = layers.reduce(0) {
      $0 + $1.maps.count * $1.units * $1.inputs * ($1.field == .complex ? 3 : 1)
    }
    return Double(products) * 2 * (training ? 3 : 1)
  }
}

/// A program of the comparison: the engine, or a peer in one of its variants.
struct Program {
  let name: String
  let peer: Peer?
  let variant: String
  /// What becomes of the factors of the layers' products.
  var rounding: FactorRounding?

  /// The engine; each peer as the papers' codes are written (`plain`), and in the fastest variant
  /// that was found for it (`best`: compiled, or complex numbers split into planes). Then who has
  /// products in bfloat16.
  static func all(_ peers: [Peer]) -> [Program] {
    [ours(nil)]
      + peers.flatMap { peer in
        [
          Program(name: peer.name, peer: peer, variant: "plain"),
          Program(name: "\(peer.name) (best variant)", peer: peer, variant: "best"),
        ]
      } + [ours(.bfloat16)]
      + peers.filter { $0.name == "pytorch" }.map { peer in
        Program(
          name: "\(peer.name) (bfloat16)", peer: peer, variant: "best-bfloat16",
          rounding: .bfloat16)
      }
  }

  private static func ours(_ rounding: FactorRounding?) -> Program {
    Program(
      name: rounding.map { "inr (\($0.rawValue))" } ?? "inr", peer: nil, variant: "",
      rounding: rounding)
  }

  /// The engine with factors like this program's.
  var rival: Program { Self.ours(rounding) }
}

/// Times of all programs, taken in turn.
struct Contest {
  let workers: Workers
  let programs: [Program]
  let rounds: Int
  let seconds: Double

  static let batches = [512, 2048, 8192, 65_536]
  static let renderedRows = 262_144

  struct Result {
    let contestant: Contestant
    /// Rows a second by program and batch; of rendering, batch 0.
    var rates: [String: [Int: Double]]
    /// Flops a second of OpenBLAS in the same rounds.
    var peak = 0.0

    func best(_ program: String) -> Double? { rates[program]?.values.max() }
  }

  func training() -> [Result] {
    Contestant.all.map { contestant in
      progress("training \(contestant.name) …")
      let network = contestant.network
      return measure(contestant, programs, batches: Self.batches) { program, batch in
        if let peer = program.peer {
          return try peer.rate([
            "task": "train", "variant": program.variant, "network": contestant.name, "batch": batch,
            "seconds": seconds,
            "threads": workers.count,
          ]).rows
        }
        return StepRate.measure(
          network, batch: batch, workers: workers, rounding: program.rounding, seconds: seconds)
      }
    }
  }

  func rendering() -> [Result] {
    Contestant.all.map { contestant in
      progress("rendering \(contestant.name) …")
      let network = contestant.network
      // Values are drawn in single precision.
      let programs = programs.filter { $0.rounding == nil }
      return measure(contestant, programs, batches: [0]) { program, _ in
        if let peer = program.peer {
          return try peer.rate([
            "task": "render", "variant": program.variant, "network": contestant.name,
            "rows": Self.renderedRows,
            "seconds": seconds, "threads": workers.count,
          ]).rows
        }
        return RenderRate.measure(network, workers: workers, seconds: seconds)
      }
    }
  }

  /// Medians over the rounds; within a round the programs take turns.
  private func measure(
    _ contestant: Contestant, _ programs: [Program], batches: [Int],
    _ rate: (Program, Int) throws -> Double
  ) -> Result {
    var result = Result(contestant: contestant, rates: [:])
    var peaks: [Double] = []
    for batch in batches {
      var samples: [String: [Double]] = [:]
      for _ in 0..<rounds {
        peaks.append(MatrixProductRate.measure(workers: workers))
        for program in programs {
          do {
            samples[program.name, default: []].append(try rate(program, batch))
          } catch {
            progress("  \(program.name), batch \(batch): \(error)")
          }
        }
      }
      for (name, values) in samples { result.rates[name, default: [:]][batch] = median(values) }
    }
    result.peak = median(peaks)
    return result
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
