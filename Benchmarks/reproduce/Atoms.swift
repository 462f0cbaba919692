import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Training

/// The first layer of a trained WIRE: atoms that are Gabor functions.
///
/// A unit of the first layer gives `exp(iω₀z − σ₀²z²)` of `z = w · x + b`: along w a complex Gabor
/// function with the frequency `ω₀|w| / 2π`, the standard deviation `1 / (√2 σ₀|w|)`, and its centre
/// where z = 0; across w it is constant. So frequency, width and orientation are read off the weights.
package struct Atoms: Reproduction {
  package static let name = "atoms"
  package static let published = """
    The first layer of a WIRE is a bank of Gabor wavelets: Saragadam et al., "WIRE: Wavelet implicit \
    neural representations", arXiv:2301.05187.
    """

  var side = 128
  var width = 90
  /// Constants of the first layer: ω₀ for its frequencies, σ₀ so that a few periods are in an atom.
  var omega0: Float = 40
  var sigma0: Float = 10
  var steps = 4000
  var learningRate = 2e-3
  var shown = 6
  /// Sectors of orientation, over a half turn.
  var sectors = 12
  var seed: UInt64 = 0
  /// The least correlation of an atom with its Gabor function.
  var leastMatch = 0.999
  /// Atoms below this all over the picture are outside.
  var leastValue: Float = 0.1

  package init() {}
  package var quick: Atoms {
    var copy = self
    (copy.side, copy.width, copy.steps, copy.shown) = (16, 8, 4, 4)
    return copy
  }

  /// A unit of the first layer.
  private struct Atom {
    /// Periods from one side of the picture to the other.
    let frequency: Double
    /// Direction of the wave in 0..<π; x to the right, y downwards.
    let orientation: Double
    /// Of the Gaussian, in shares of the picture's side.
    let deviation: Double
    let weights: SIMD2<Double>
    let bias: Double
    let omega: Double
    let sigma: Double

    init(weights: SIMD2<Double>, bias: Double, omega: Double, sigma: Double) {
      (self.weights, self.bias, self.omega, self.sigma) = (weights, bias, omega, sigma)
      let length = (weights * weights).sum().squareRoot()
      // [−1, 1] is two units long.
      frequency = 2 * omega * length / (2 * .pi)
      deviation = 1 / (2.0.squareRoot() * sigma * length) / 2
      let angle = atan2(weights.y, weights.x)
      orientation = angle < 0 ? angle + .pi : angle == .pi ? 0 : angle
    }

    /// The Gabor function with this frequency, orientation and width, through the atom's centre.
    func gabor(at x: SIMD2<Double>) -> Double {
      let direction = SIMD2(cos(orientation), sin(orientation))
      let length = (weights * weights).sum().squareRoot()
      let flips = (weights * direction).sum() < 0
      let offset = (x * direction).sum() + (flips ? -bias : bias) / length
      let spread = 2 * deviation
      return cos(.pi * frequency * offset) * exp(-offset * offset / (2 * spread * spread))
    }
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let picture = try laboratory.photograph(side: side)
    let samples = PointSamples(picture)
    var architecture = RecommendedSettings(
      activation: ComplexGabor.name, trainedPixels: side * side
    ).architecture
    architecture.width = width
    architecture.firstConstants = ["omega0": omega0, "sigma0": sigma0]
    let initial = architecture.makeNetwork(inputs: 2, outputs: 1, seed: seed)
      .replacingOutputBias([Float(mean(samples.targets.map(Double.init)))])
    var configuration = TrainingConfiguration()
    configuration.learningRate = learningRate
    configuration.steps = steps
    configuration.seed = seed
    let trained = try samples.train(initial, configuration, workers: laboratory.workers)
    let result = Image(
      width: side, values: samples.values(of: trained, workers: laboratory.workers))
    let (before, after) = (atoms(of: initial), atoms(of: trained))
    let matches: [Double?] = try after.indices.map { unit in
      let values = try realPart(ofUnit: unit, of: trained, samples, laboratory.workers)
      guard values.contains(where: { abs($0) >= leastValue }) else { return nil }
      let gabor = (0..<side * side).map { after[unit].gabor(at: Self.point($0, side: side)) }
      return correlation(values.map(Double.init), gabor)
    }
    let spectrum = Spectrum(picture, sectors: sectors)
    return try finding(
      before, after, matches, spectrum, psnr: psnr(result, picture), trained, samples,
      laboratory.workers)
  }

  private func atoms(of network: Network) -> [Atom] {
    let map = network.layers[0].maps[0]
    guard let activation = network.layers[0].activation as? ComplexGabor else { return [] }
    return (0..<map.outputs).map { unit in
      Atom(
        weights: SIMD2(Double(map.weight[unit, 0]), Double(map.weight[unit, 1])),
        bias: Double(map.bias[unit]), omega: Double(activation.omega0),
        sigma: Double(activation.sigma0))
    }
  }

  /// The real part of a unit's value at the pixels, as the network computes it.
  private func realPart(
    ofUnit unit: Int, of network: Network, _ samples: PointSamples, _ workers: Workers
  ) throws -> [Float] {
    var row = Matrix(rows: 1, columns: width)
    row[0, unit] = 1
    let reader = LinearMap(
      weight: row, bias: [0],
      imaginary: LinearMap.ImaginaryPart(
        weight: Matrix(rows: 1, columns: width), bias: [0]))
    let single = try Network(inputs: 2, layers: [network.layers[0], Layer(reader)])
    return samples.values(of: single, workers: workers)
  }

  private static func point(_ pixel: Int, side: Int) -> SIMD2<Double> {
    SIMD2(
      Double(2 * (pixel % side) + 1) / Double(side) - 1,
      Double(2 * (pixel / side) + 1) / Double(side) - 1)
  }

  /// How many atoms have each orientation, as shares.
  private func orientations(of atoms: [Atom]) -> [Double] {
    var shares = [Double](repeating: 0, count: sectors)
    for atom in atoms {
      shares[Spectrum.sector(of: atom.orientation, among: sectors)] += 1 / Double(atoms.count)
    }
    return shares
  }

  // MARK: - Showing

  private func finding(
    _ before: [Atom], _ after: [Atom], _ matches: [Double?], _ spectrum: Spectrum, psnr: Double,
    _ network: Network, _ samples: PointSamples, _ workers: Workers
  ) throws -> Finding {
    var table = Table(
      "atoms",
      columns: [
        "unit", "frequency_before", "frequency", "orientation_before", "orientation", "deviation",
        "gabor_correlation",
      ])
    for (unit, (old, new)) in zip(before, after).enumerated() {
      table.append(
        .count(unit), .number(old.frequency), .number(new.frequency), .number(old.orientation),
        .number(new.orientation), .number(new.deviation),
        matches[unit].map { .number($0) } ?? .text(""))
    }
    let (old, new) = (orientations(of: before), orientations(of: after))
    var sectorTable = Table(
      "orientations", columns: ["degrees", "atoms_before", "atoms", "spectrum"])
    let degrees = (0..<sectors).map { (Double($0) + 0.5) * 180 / Double(sectors) }
    for k in 0..<sectors {
      sectorTable.append(
        .number(degrees[k]), .number(old[k]), .number(new[k]), .number(spectrum.shares[k]))
    }
    let (correlationBefore, correlationAfter) = (
      correlation(old, spectrum.shares), correlation(new, spectrum.shares)
    )
    let inside = after.indices.filter { matches[$0] != nil }
    let least = matches.compactMap { $0 }.min() ?? 0
    let frequency = median(after.map(\.frequency))
    let change = mean(zip(before, after).map { abs($1.frequency / $0.frequency - 1) })
    return Finding(
      verdict: Finding.Verdict(least >= leastMatch),
      measured:
        "in a WIRE of \(text(psnr)) dB the \(inside.count) atoms that reach into the picture "
        + "(of \(after.count)) are the Gabor functions read off their weights (correlations of at "
        + "least \(text(least, digits: 6))), with a median frequency of \(text(frequency)) "
        + "periods a side; training changes frequencies by \(text(100 * change, digits: 2)) % on "
        + "average, and the correlation of the atoms' orientations with the picture's spectrum from "
        + "\(text(correlationBefore, digits: 2)) to \(text(correlationAfter, digits: 2)).",
      tables: [table, sectorTable],
      figures: [
        try page(after, inside, network, samples, workers),
        charts(before, after, (old, new), degrees, spectrum),
      ])
  }

  /// The atoms as the network computes them above, the Gabor functions below, from low to high
  /// frequencies.
  private func page(
    _ atoms: [Atom], _ inside: [Int], _ network: Network, _ samples: PointSamples,
    _ workers: Workers
  ) throws -> Figure {
    let shown = min(shown, inside.count)
    var page = PartitionPage(columns: max(shown, 1), rows: 2, isDownwards: true)
    let order = inside.sorted { atoms[$0].frequency < atoms[$1].frequency }
    for column in 0..<shown {
      let unit = order[(2 * column + 1) * order.count / (2 * shown)]
      let atom = atoms[unit]
      let degrees = Int((atom.orientation * 180 / .pi).rounded())
      let values = try realPart(ofUnit: unit, of: network, samples, workers)
      page.write("atom \(unit)", over: .init(column: column, row: 0))
      page.draw(
        Image(width: side, values: values.map { ($0 + 1) / 2 }),
        in: .init(column: column, row: 0), color: PartitionPage.diverging)
      page.write(
        "\(text(atom.frequency)) periods, \(degrees) degrees", over: .init(column: column, row: 1))
      let gabor = (0..<side * side).map { Float(atom.gabor(at: Self.point($0, side: side))) }
      page.draw(
        Image(width: side, values: gabor.map { ($0 + 1) / 2 }),
        in: .init(column: column, row: 1), color: PartitionPage.diverging)
    }
    return Figure("atoms", page.picture, withSVG: false)
  }

  private func charts(
    _ before: [Atom], _ after: [Atom], _ orientations: (old: [Double], new: [Double]),
    _ degrees: [Double], _ spectrum: Spectrum
  ) -> Figure {
    let bins = (0..<side / 8).map { Double(2 * $0 + 1) }
    func histogram(_ atoms: [Atom]) -> [Double] {
      bins.map { bin in
        Double(atoms.count { abs($0.frequency - bin) < 1 }) / Double(atoms.count)
      }
    }
    return Figure(
      "histograms",
      charts: [
        LineChart(
          title: "Orientations", xAxis: LineChart.Axis("degrees"),
          yAxis: LineChart.Axis("share"),
          series: [
            LineChart.Series("before", x: degrees, y: orientations.old),
            LineChart.Series("trained", x: degrees, y: orientations.new),
            LineChart.Series("spectrum", x: degrees, y: spectrum.shares),
          ]),
        LineChart(
          title: "Frequencies", xAxis: LineChart.Axis("periods a side"),
          yAxis: LineChart.Axis("share"),
          series: [
            LineChart.Series("before", x: bins, y: histogram(before)),
            LineChart.Series("trained", x: bins, y: histogram(after)),
            LineChart.Series("spectrum", x: bins, y: spectrum.frequencyShares(bins)),
          ]),
      ])
  }
}
