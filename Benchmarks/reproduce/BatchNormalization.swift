import Compute
import Foundation
import Imaging
import Networks
import SplineGeometry

/// Where batch normalisation puts the boundaries of an untrained network's regions.
///
/// A layer with batch normalisation computes `ReLU((W h − μ) / σ)` with the means μ and standard
/// deviations σ of `W h` over the data, here folded into weights and biases (learned scale 1 and shift
/// 0, as at initialisation).
package struct BatchNormalization: Reproduction {
  package static let name = "batchnorm"
  package static let published = """
    Batch normalisation moves the boundaries of an untrained network's regions towards the data, layer by \
    layer, whatever the weights: Balestriero and Baraniuk, "Batch Normalization Explained", \
    arXiv:2209.14778 (its statistics solve a total least squares problem: boundaries through the data).
    """

  var count = 1000
  /// The two moons are drawn so large, around this place.
  var scale = 0.3
  var center = SIMD2(0.45, 0.35)
  var noise = 0.08
  var width = 32
  var layers = 4
  var seeds = 20
  /// Cells of the lattice on which region densities are compared.
  var cells = 40
  /// How much nearer, and how much denser, boundaries must be at the data.
  var leastFactor = 1.25

  package init() {}
  package var quick: BatchNormalization {
    var copy = self
    (copy.count, copy.width, copy.layers, copy.seeds) = (60, 6, 2, 1)
    return copy
  }

  private enum Kind: String, CaseIterable {
    case zeroBias = "zero bias"
    case randomBias = "random bias"
    case normalised = "normalised"
  }

  /// Of the first layers of one network.
  private struct Measure {
    /// Mean distances to the nearest boundary.
    let distanceAtData: Double
    let distanceElsewhere: Double
    /// Regions a cell, seen from the data, by those seen from anywhere.
    let concentration: Double
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let moons = MoonPoints(count: count, noise: noise, seed: 7)
    let data = moons.points.map { center + scale / MoonPoints.scale * $0 }
    var page = PartitionPage(columns: Kind.allCases.count, rows: 1)
    var measures: [Kind: [[Measure]]] = [:]
    for (column, kind) in Kind.allCases.enumerated() {
      for seed in 0..<UInt64(seeds) {
        let spline = try SplineNetwork(network(kind, data: data, seed: seed))
        let byLayer = try (1...layers).map { layer in
          try measure(
            layer == layers ? spline : spline.truncated(toHiddenLayers: layer), data, seed: seed,
            laboratory.workers)
        }
        measures[kind, default: []].append(byLayer)
        guard seed == 0 else { continue }
        let panel = PartitionPage.Panel(column: column, row: 0)
        let partition = try spline.partition(
          of: .rectangle(x: -1...1, y: -1...1), workers: laboratory.workers)
        page.write("\(kind.rawValue): \(partition.regionCount) regions", over: panel)
        page.draw(partition, in: panel, isColored: false)
        page.draw(Array(data.prefix(200)), in: panel, color: [0.85, 0.05, 0.1], radius: 2)
      }
    }
    return finding(measures, page)
  }

  // MARK: - Networks

  private func network(_ kind: Kind, data: [SIMD2<Double>], seed: UInt64) throws -> Network {
    var random = SplitMix64(seed: seed, stream: 1)
    var values = data.map { [$0.x, $0.y] }
    var inputs = 2
    var maps: [LinearMap] = []
    for _ in 0..<layers {
      // He's normal initialisation; biases as large as the weights make the values of a first layer.
      let deviation = (2 / Double(inputs)).squareRoot()
      var weights = (0..<width * inputs).map { _ in deviation * random.nextNormal() }
      let drawn = (0..<width).map { _ in 0.5 * random.nextNormal() }
      var biases = [Double](repeating: 0, count: width)
      if kind == .randomBias { biases = drawn }
      if kind == .normalised { normalise(&weights, &biases, values) }
      values = values.map { Self.layer(weights, biases, $0).map { max($0, 0) } }
      maps.append(Self.map(weights, biases, inputs: inputs))
      inputs = width
    }
    let last = (0..<width).map { _ in random.nextNormal() }
    return try Network(
      inputs: 2,
      layers: maps.map { Layer($0, activation: ReLU()) } + [
        Layer(Self.map(last, [0], inputs: width))
      ])
  }

  /// Folds the statistics of the pre-activations over the data into a layer.
  private func normalise(_ weights: inout [Double], _ biases: inout [Double], _ values: [[Double]])
  {
    let inputs = values[0].count
    let sums = values.map { Self.layer(weights, biases, $0) }
    for unit in 0..<width {
      let center = mean(sums.map { $0[unit] })
      let variance = sums.reduce(0) { $0 + ($1[unit] - center) * ($1[unit] - center) }
      // The small number is that of the usual programs.
      let scale = 1 / (variance / Double(sums.count) + 1e-5).squareRoot()
      for i in 0..<inputs { weights[unit * inputs + i] *= scale }
      biases[unit] = -center * scale
    }
  }

  private static func layer(_ weights: [Double], _ biases: [Double], _ x: [Double]) -> [Double] {
    biases.indices.map { unit in
      x.indices.reduce(biases[unit]) { $0 + weights[unit * x.count + $1] * x[$1] }
    }
  }

  private static func map(_ weights: [Double], _ biases: [Double], inputs: Int) -> LinearMap {
    LinearMap(
      weight: Matrix(rows: biases.count, columns: inputs, elements: weights.map { Float($0) }),
      bias: biases.map { Float($0) })
  }

  // MARK: - Measuring

  private func measure(
    _ network: SplineNetwork, _ data: [SIMD2<Double>], seed: UInt64, _ workers: Workers
  ) throws -> Measure {
    var random = SplitMix64(seed: seed, stream: 2)
    let spread = uniformPoints(data.count, using: &random)
    let partition = try network.partition(
      of: .rectangle(x: -1...1, y: -1...1), workers: workers)
    let density = RegionDensity(partition, side: cells)
    let atData = mean(data.map { density.counts[density.cell(of: $0)] })
    return Measure(
      distanceAtData: network.meanBoundaryDistance(at: data, workers: workers),
      distanceElsewhere: network.meanBoundaryDistance(at: spread, workers: workers),
      concentration: atData / mean(density.counts))
  }

  private func finding(_ measures: [Kind: [[Measure]]], _ page: PartitionPage) -> Finding {
    var table = Table(
      "layers",
      columns: [
        "biases", "layers", "distance_at_data", "distance_elsewhere", "region_concentration",
      ])
    func ofKind(_ kind: Kind, _ layer: Int, _ value: (Measure) -> Double) -> Double {
      mean((measures[kind] ?? []).map { value($0[layer]) })
    }
    for kind in Kind.allCases {
      for layer in 0..<layers {
        table.append(
          .text(kind.rawValue), .count(layer + 1), .number(ofKind(kind, layer, \.distanceAtData)),
          .number(ofKind(kind, layer, \.distanceElsewhere)),
          .number(ofKind(kind, layer, \.concentration)))
      }
    }
    let last = layers - 1
    let (zero, drawn, normalised) = (
      ofKind(.zeroBias, last, \.distanceAtData), ofKind(.randomBias, last, \.distanceAtData),
      ofKind(.normalised, last, \.distanceAtData)
    )
    let concentrations = Kind.allCases.map { ofKind($0, last, \.concentration) }
    let isNearer = (0..<layers).allSatisfy { layer in
      let other = min(
        ofKind(.zeroBias, layer, \.distanceAtData), ofKind(.randomBias, layer, \.distanceAtData))
      return ofKind(.normalised, layer, \.distanceAtData) < other
    }
    let verdict = Finding.Verdict(
      min(zero, drawn) >= leastFactor * normalised, isNearer,
      concentrations[2] >= leastFactor * max(concentrations[0], concentrations[1]))
    return Finding(
      verdict: verdict,
      measured: "with batch normalisation the data of a network of \(layers) layers are "
        + "\(text(normalised)) from the nearest boundary on average, with random biases "
        + "\(text(drawn)), with zero biases \(text(zero)) (means of \(seeds) seeds"
        + "\(isNearer ? "; nearer after every layer" : "")); regions are "
        + "\(text(concentrations[2])) times as dense at the data as in the square with it, "
        + "\(text(concentrations[1])) times with random and \(text(concentrations[0])) times with "
        + "zero biases.",
      tables: [table], figures: [Figure("batchnorm", page.picture)])
  }
}
