import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Tomography
import Training

/// WIRE against sine against ReLU, with and without a positional encoding.
package struct Activations: Reproduction {
  package static let name = "activations"
  package static let published = """
    Fitted to a picture, WIRE reaches a higher PSNR than sine networks (SIREN) and both more than ReLU \
    networks with a positional encoding; in tomography with few views WIRE's slice has the highest PSNR: \
    Saragadam et al., "WIRE: Wavelet implicit neural representations", arXiv:2301.05187.
    """

  /// A kind of network, with about the same number of real parameters as the others.
  struct Contestant: Sendable {
    /// Where the activations' constants are from.
    enum Constants: Sendable {
      /// WIRE's paper and code.
      case published(picture: [String: Float], slice: [String: Float])
      /// This program's recommended settings, which depend on the number of pixels.
      case recommended
    }

    let name: String
    let activation: String
    let width: Int
    var hasEncoding = false
    let constants: Constants
  }

  /// The first four are those of the finding, WIRE first.
  var contestants = [
    Contestant(
      name: "WIRE", activation: ComplexGabor.name, width: 45,
      constants: .published(
        picture: ["omega0": 20, "sigma0": 30], slice: ["omega0": 10, "sigma0": 10])),
    Contestant(
      name: "SIREN", activation: Sine.name, width: 64,
      constants: .published(picture: ["omega0": 30], slice: ["omega0": 30])),
    Contestant(
      name: "ReLU + PE", activation: ReLU.name, width: 64, hasEncoding: true,
      constants: .published(picture: [:], slice: [:])),
    Contestant(
      name: "ReLU", activation: ReLU.name, width: 64,
      constants: .published(picture: [:], slice: [:])),
    Contestant(
      name: "WIRE tuned", activation: ComplexGabor.name, width: 45, constants: .recommended),
    Contestant(name: "sine tuned", activation: Sine.name, width: 64, constants: .recommended),
  ]
  /// Of Adam, falling to a tenth; each contestant has the best of them.
  var rates = [5e-4, 1.5e-3, 5e-3, 1.5e-2]
  var side = 128
  var batch = 2048
  var pictureSteps = 2000
  /// Pixels of the phantom along a side, and views of it.
  var sliceSide = 64
  var views = 32
  var sliceSteps = 500
  /// How often PSNR is taken along a run.
  var marks = 20
  var seed: UInt64 = 0

  package init() {}
  package var quick: Activations {
    var copy = self
    copy.contestants = contestants.map {
      Contestant(
        name: $0.name, activation: $0.activation, width: 8, hasEncoding: $0.hasEncoding,
        constants: $0.constants)
    }
    (copy.rates, copy.batch) = ([1e-3], 64)
    (copy.side, copy.pictureSteps, copy.sliceSide) = (16, 4, 16)
    (copy.views, copy.sliceSteps, copy.marks) = (4, 3, 2)
    return copy
  }

  private struct Run {
    let contestant: Contestant
    let rate: Double
    let parameters: Int
    let steps: [Int]
    let psnr: [Double]
    let result: Image

    var last: Double { psnr[psnr.count - 1] }
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let picture = try laboratory.photograph(side: side)
    let task = try sliceTask(laboratory.workers)
    let pictures = try contestants.map { contestant in
      try best(contestant) { try fit(contestant, rate: $0, to: picture, laboratory) }
    }
    let slices = try contestants.map { contestant in
      try best(contestant) { try fit(contestant, rate: $0, to: task, laboratory) }
    }
    return finding(pictures, slices, picture, task)
  }

  /// The run with the rate that gives the best result; rates that lead astray are left out.
  private func best(_ contestant: Contestant, run: (_ rate: Double) throws -> Run) throws -> Run {
    var best: Run?
    for rate in rates {
      do {
        let run = try run(rate)
        if run.last > best?.last ?? -.infinity { best = run }
      } catch is TrainingError { continue }
    }
    guard let best else { throw Failure.noRate(network: contestant.name, rates: rates) }
    return best
  }

  private enum Failure: Error, CustomStringConvertible {
    case noRate(network: String, rates: [Double])

    var description: String {
      switch self {
      case .noRate(let network, let rates):
        "\(network) is led astray by each of the learning rates \(rates); try lower ones"
      }
    }
  }

  private enum Task { case picture, slice }

  private func architecture(_ contestant: Contestant, for task: Task) -> Architecture {
    let side = task == .picture ? side : sliceSide
    var architecture = Architecture(activation: contestant.activation)
    switch contestant.constants {
    case .recommended:
      architecture =
        RecommendedSettings(activation: contestant.activation, trainedPixels: side * side)
        .architecture
    case .published(let picture, let slice):
      architecture.constants = task == .picture ? picture : slice
    }
    architecture.width = contestant.width
    // Octaves up to the highest frequency that the pixels show.
    architecture.features =
      contestant.hasEncoding
      ? Architecture.Features(.positional, frequencies: Int(log2(Double(side))))
      : Architecture.Features()
    return architecture
  }

  private func configuration(rate: Double, batch: Int, steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.learningRate = rate
    configuration.schedule = Schedule(.exponential, finalRatio: 0.1)
    configuration.batch = batch
    configuration.steps = steps
    configuration.seed = seed
    return configuration
  }

  // MARK: - The picture

  private func fit(
    _ contestant: Contestant, rate: Double, to picture: Image, _ laboratory: Laboratory
  ) throws -> Run {
    let samples = PointSamples(picture)
    let network = architecture(contestant, for: .picture)
      .makeNetwork(inputs: 2, outputs: 1, seed: seed)
      .replacingOutputBias([Float(mean(samples.targets.map(Double.init)))])
    let steps = (1...marks).map { $0 * pictureSteps / marks }
    var curve: [Double] = []
    var result = picture
    _ = try samples.train(
      network, configuration(rate: rate, batch: batch, steps: pictureSteps), showingAt: steps,
      workers: laboratory.workers
    ) { _, network in
      result = Image(
        width: side, values: samples.values(of: network, workers: laboratory.workers))
      curve.append(psnr(result, picture))
    }
    return Run(
      contestant: contestant, rate: rate, parameters: network.parameterCount, steps: steps,
      psnr: curve, result: result)
  }

  // MARK: - The slice

  /// A phantom and its exact sinogram.
  private struct SliceTask {
    let scan: ScanGeometry
    let grid: SliceGrid
    let sinogram: Matrix
    let slice: Image
    /// Filtered back projection, to compare with.
    let backprojection: Image
  }

  private func sliceTask(_ workers: Workers) throws -> SliceTask {
    let grid = SliceGrid(rows: sliceSide, columns: sliceSide, convention: .astra)
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: .pi, count: views), binCount: sliceSide,
      convention: .astra)
    let phantom = EllipsePhantom.modifiedSheppLogan
    let radius = Double(sliceSide) / 2
    let sinogram = phantom.sinogram(of: scan, radius: radius, raysPerBin: 4, workers: workers)
    // Each pixel is the mean of 4 × 4 points.
    let points = 4 * sliceSide
    let fine = (0..<points * points).map { number in
      let (row, column) = number.quotientAndRemainder(dividingBy: points)
      return Float(
        phantom.value(
          x: Double(2 * column + 1) / Double(points) - 1,
          y: 1 - Double(2 * row + 1) / Double(points)))
    }
    let back = FilteredBackprojection(
      scan, grid, window: .hann, convention: .astra, workers: workers
    ).reconstruct(sinogram)
    return SliceTask(
      scan: scan, grid: grid, sinogram: sinogram,
      slice: Image(width: points, values: fine).areaAveraged(by: 4),
      backprojection: Image(width: sliceSide, values: back.elements))
  }

  private func fit(
    _ contestant: Contestant, rate: Double, to task: SliceTask, _ laboratory: Laboratory
  ) throws -> Run {
    var settings = SliceFitConfiguration(
      sinogram: "phantom", scan: task.scan, grid: task.grid,
      architecture: architecture(contestant, for: .slice),
      training: configuration(rate: rate, batch: views, steps: sliceSteps))
    // As in the paper: the residuals of all rays through the projector, and no prior.
    settings.method = .direct
    settings.loss = .projection
    settings.isNonNegative = false
    let fit = try SliceFit(
      settings, sinogram: task.sinogram, workers: laboratory.workers)
    let steps = (1...marks).map { max(1, $0 * sliceSteps / marks) }
    var curve: [Double] = []
    _ = try fit.run(
      afterStep: { progress in
        if steps.contains(progress.step) {
          curve.append(psnr(image(of: fit.slice()), task.slice))
        }
        return .goOn
      }, save: { _ in })
    return Run(
      contestant: contestant, rate: rate, parameters: fit.network.parameterCount, steps: steps,
      psnr: curve, result: image(of: fit.slice()))
  }

  private func image(of slice: Matrix) -> Image {
    Image(width: slice.columns, values: slice.elements)
  }

  // MARK: - Showing

  private func finding(_ pictures: [Run], _ slices: [Run], _ picture: Image, _ task: SliceTask)
    -> Finding
  {
    var table = Table(
      "psnr",
      columns: ["task", "network", "parameters", "learning_rate", "steps", "psnr"])
    var curves = Table("curves", columns: ["task", "network", "step", "psnr"])
    for (name, runs) in [("picture", pictures), ("tomography", slices)] {
      for run in runs {
        table.append(
          .text(name), .text(run.contestant.name), .count(run.parameters), .number(run.rate),
          .count(run.steps.last ?? 0), .number(run.last))
        for (step, psnr) in zip(run.steps, run.psnr) {
          curves.append(.text(name), .text(run.contestant.name), .count(step), .number(psnr))
        }
      }
    }
    let charts = [("The picture", pictures), ("Tomography", slices)].map { title, runs in
      LineChart(
        title: title, xAxis: LineChart.Axis("steps"), yAxis: LineChart.Axis("PSNR in dB"),
        series: runs.map {
          LineChart.Series($0.contestant.name, x: $0.steps.map(Double.init), y: $0.psnr)
        })
    }
    return Finding(
      verdict: Finding.Verdict(
        isBest(pictures), pictures[1].last > pictures[2].last, isBest(slices)),
      measured: "on the picture (\(side)² pixels, \(pictureSteps) steps) \(list(pictures)): "
        + "\(place(pictures)); in tomography (\(views) views of \(sliceSide)² pixels, "
        + "\(sliceSteps) steps) \(list(slices)): \(place(slices)), where filtered back projection "
        + "has \(text(psnr(task.backprojection, task.slice))) dB.",
      tables: [table, curves],
      figures: [Figure("curves", charts: charts), page(pictures, slices, picture, task)])
  }

  /// Whether the first of the published networks beats the others, at the end or at a mark.
  private func isBest(_ runs: [Run], at mark: Int? = nil) -> Bool {
    let values = runs.prefix(4).map { $0.psnr[mark ?? $0.psnr.count - 1] }
    return values.dropFirst().allSatisfy { $0 < values[0] }
  }

  private func place(_ runs: [Run]) -> String {
    if isBest(runs) { return "with published constants WIRE is the best" }
    guard let lead = runs[0].psnr.indices.last(where: { isBest(runs, at: $0) }) else {
      return "with published constants WIRE is never the best"
    }
    return "with published constants WIRE is the best until step \(runs[0].steps[lead]) only"
  }

  private func list(_ runs: [Run]) -> String {
    runs.map { "\($0.contestant.name) \(text($0.last)) dB" }.joined(separator: ", ")
  }

  private func page(_ pictures: [Run], _ slices: [Run], _ picture: Image, _ task: SliceTask)
    -> Figure
  {
    var page = PartitionPage(columns: contestants.count + 1, rows: 2, isDownwards: true)
    for (row, (target, runs)) in [(picture, pictures), (task.slice, slices)].enumerated() {
      page.write(row == 0 ? "picture" : "phantom", over: .init(column: 0, row: row))
      page.draw(target, in: .init(column: 0, row: row))
      for (column, run) in runs.enumerated() {
        let panel = PartitionPage.Panel(column: column + 1, row: row)
        page.write("\(run.contestant.name) \(text(run.last)) dB", over: panel)
        page.draw(run.result, in: panel)
      }
    }
    return Figure("pictures", page.picture, withSVG: false)
  }
}
