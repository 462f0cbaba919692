import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import SplineGeometry
import Training

/// The regions of a ReLU network while it is fitted to a picture.
package struct ImagePartitions: Reproduction {
  package static let name = "image"
  package static let published = """
    While a network learns, its regions gather where the function that it learns bends, around edges and \
    contours, and thin out elsewhere: Humayun et al., "SplineCam", arXiv:2302.12828, who draw the \
    exact partitions of networks fitted to images and to signed distances, and "Deep networks always \
    grok and here is why", arXiv:2402.15555, who measure it.
    """

  var side = 128
  var width = 64
  /// Hidden-to-hidden layers.
  var hiddenLayers = 2
  var batch = 1024
  var learningRate = 2e-3
  var marks = [0, 30, 300, 3000, 20_000]
  /// Shares of the pixels, by the slope of the picture there: the steepest are edges, the flattest flat.
  var edgeShare = 0.1
  var flatShare = 0.5
  /// How much denser regions must be at edges than in flat parts, and than they were there at first.
  var leastRatio = 1.5
  var seed: UInt64 = 0

  package init() {}
  package var quick: ImagePartitions {
    var copy = self
    (copy.side, copy.width, copy.batch, copy.marks) = (16, 8, 64, [0, 1, 3])
    return copy
  }

  private struct Stage {
    let step: Int
    let psnr: Double
    let regions: Int
    /// Regions a pixel.
    let edgeDensity: Double
    let flatDensity: Double
    /// Of the regions around a pixel with the picture's slope there, by ranks.
    let correlation: Double
    /// Mean distances to the nearest boundary.
    let edgeDistance: Double
    let flatDistance: Double

    var ratio: Double { edgeDensity / flatDensity }
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let picture = try laboratory.photograph(side: side)
    let samples = PointSamples(picture)
    let slopes = Self.slopes(of: picture)
    var page = PartitionPage(columns: marks.count, rows: 2, isDownwards: true)
    var stages: [Stage] = []
    _ = try samples.train(
      network(samples), configuration, showingAt: marks, workers: laboratory.workers
    ) { step, network in
      let fit = Image(
        width: side, values: samples.values(of: network, workers: laboratory.workers))
      let spline = try SplineNetwork(network)
      let partition = try spline.partition(
        of: .rectangle(x: -1...1, y: -1...1), workers: laboratory.workers)
      let stage = stage(
        step, psnr: psnr(fit, picture), partition, spline, slopes, samples, laboratory.workers)
      let column = stages.count
      page.write("step \(step): \(text(stage.psnr)) dB", over: .init(column: column, row: 0))
      page.draw(fit, in: .init(column: column, row: 0))
      page.write("\(stage.regions) regions", over: .init(column: column, row: 1))
      page.draw(partition, in: .init(column: column, row: 1), isColored: false)
      stages.append(stage)
    }
    return finding(stages, page)
  }

  private func network(_ samples: PointSamples) -> Network {
    var architecture = Architecture(activation: ReLU.name)
    (architecture.width, architecture.hiddenLayers) = (width, hiddenLayers)
    return architecture.makeNetwork(inputs: 2, outputs: 1, seed: seed)
      .replacingOutputBias([Float(mean(samples.targets.map(Double.init)))])
  }

  private var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.learningRate = learningRate
    configuration.batch = batch
    configuration.steps = marks[marks.count - 1]
    configuration.seed = seed
    return configuration
  }

  /// The size of the gradient at each pixel, by central differences.
  private static func slopes(of picture: Image) -> [Double] {
    (0..<picture.pixelCount).map { pixel in
      let (row, column) = pixel.quotientAndRemainder(dividingBy: picture.width)
      func value(_ row: Int, _ column: Int) -> Double {
        Double(
          picture[
            min(max(row, 0), picture.height - 1), min(max(column, 0), picture.width - 1), 0])
      }
      let x = value(row, column + 1) - value(row, column - 1)
      let y = value(row + 1, column) - value(row - 1, column)
      return (x * x + y * y).squareRoot()
    }
  }

  private func stage(
    _ step: Int, psnr: Double, _ partition: PlanarPartition, _ network: SplineNetwork,
    _ slopes: [Double], _ samples: PointSamples, _ workers: Workers
  ) -> Stage {
    let density = RegionDensity(partition, side: side).blurred(reach: 1)
    let order = slopes.indices.sorted { slopes[$0] < slopes[$1] }
    let flat = order.prefix(Int(flatShare * Double(order.count)))
    let edges = order.suffix(Int(edgeShare * Double(order.count)))
    func distance(_ pixels: ArraySlice<Int>) -> Double {
      let points = pixels.map { pixel in
        SIMD2(
          Double(samples.coordinates[pixel, 0]), Double(samples.coordinates[pixel, 1]))
      }
      return network.meanBoundaryDistance(at: points, workers: workers)
    }
    return Stage(
      step: step, psnr: psnr, regions: partition.regionCount,
      edgeDensity: mean(edges.map { density[$0] }), flatDensity: mean(flat.map { density[$0] }),
      correlation: rankCorrelation(density, slopes), edgeDistance: distance(edges),
      flatDistance: distance(flat))
  }

  private func finding(_ stages: [Stage], _ page: PartitionPage) -> Finding {
    var table = Table(
      "stages",
      columns: [
        "step", "psnr", "regions", "regions_per_pixel_at_edges", "regions_per_pixel_flat", "ratio",
        "rank_correlation", "distance_at_edges", "distance_flat",
      ])
    for stage in stages {
      table.append(
        .count(stage.step), .number(stage.psnr), .count(stage.regions), .number(stage.edgeDensity),
        .number(stage.flatDensity), .number(stage.ratio), .number(stage.correlation),
        .number(stage.edgeDistance), .number(stage.flatDistance))
    }
    let (first, last) = (stages[0], stages[stages.count - 1])
    let verdict = Finding.Verdict(
      last.ratio >= leastRatio, last.ratio >= leastRatio * first.ratio,
      last.edgeDistance < last.flatDistance)
    return Finding(
      verdict: verdict,
      measured: "after \(last.step) steps (\(text(last.psnr)) dB) there are "
        + "\(text(last.ratio)) times as many regions a pixel at the picture's edges as in its flat "
        + "parts (\(text(first.ratio)) times at initialisation), and the nearest boundary there is "
        + "\(text(last.edgeDistance / last.flatDistance)) times as far "
        + "(\(text(first.edgeDistance / first.flatDistance))); density and slope of the picture have "
        + "the rank correlation \(text(last.correlation, digits: 2)) "
        + "(\(text(first.correlation, digits: 2))); the regions grow from \(first.regions) to "
        + "\(last.regions).",
      tables: [table], figures: [Figure("partitions", page.picture, withSVG: false)])
  }
}
