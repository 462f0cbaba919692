import Compute
import Foundation
import Imaging
import Networks
import SplineGeometry
import Training

/// The regions and the decision boundary of a small classifier.
package struct Moons: Reproduction {
  package static let name = "moons"
  package static let published = """
    The decision boundary of a ReLU network is made of one straight piece in each region that it runs \
    through: Balestriero and Baraniuk, "A spline theory of deep learning", ICML 2018; training moves \
    regions towards it: Humayun et al., "Deep networks always grok and here is why", arXiv:2402.15555; \
    drawn exactly as in "SplineCam", arXiv:2302.12828.
    """

  var count = 400
  var noise = 0.12
  var width = 16
  /// Hidden-to-hidden layers.
  var hiddenLayers = 2
  var batch = 100
  var learningRate = 3e-3
  var marks = [0, 100, 4000]
  var testCount = 4000
  /// Points at which distances to the boundaries of regions are compared.
  var pointCount = 4000
  /// Over the seeds, to tell chance from a rule; the first one is drawn.
  var seeds = 5

  package init() {}
  package var quick: Moons {
    var copy = self
    (copy.marks, copy.width, copy.testCount, copy.pointCount) = ([0, 5, 10], 4, 100, 50)
    copy.seeds = 1
    return copy
  }

  private struct Stage {
    let step: Int
    let accuracy: Double
    let regions: Int
    let segments: Int
    /// Regions with a stretch of the decision boundary inside.
    let crossedRegions: Int
    /// The largest |f| at the middles of the segments: 0 if each is straight as f is.
    let largestValue: Double
    /// Mean distances to the nearest boundary of a region.
    let distanceAtBoundary: Double?
    let distanceElsewhere: Double

    /// Nil where there is no decision boundary.
    var ratio: Double? { distanceAtBoundary.map { $0 / distanceElsewhere } }
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    var page = PartitionPage(columns: marks.count, rows: 1)
    var runs: [[Stage]] = []
    for seed in 0..<UInt64(seeds) {
      let moons = MoonPoints(count: count, noise: noise, seed: 100 + seed)
      var stages: [Stage] = []
      var architecture = Architecture(activation: ReLU.name)
      (architecture.width, architecture.hiddenLayers) = (width, hiddenLayers)
      _ = try PointSamples(moons.points, targets: moons.labels).train(
        architecture.makeNetwork(inputs: 2, outputs: 1, seed: seed), loss: BinaryCrossEntropy(),
        configuration(seed), showingAt: marks, workers: laboratory.workers
      ) { step, network in
        let spline = try SplineNetwork(network)
        let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
        let partition = try spline.partition(of: square, workers: laboratory.workers)
        let contour = try spline.levelContour(in: square, workers: laboratory.workers)
        let stage = stage(step, spline, partition, contour, seed, laboratory.workers)
        if seed == 0 { draw(stage, partition, contour, moons, column: stages.count, on: &page) }
        stages.append(stage)
      }
      runs.append(stages)
    }
    return finding(runs, page)
  }

  private func configuration(_ seed: UInt64) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.learningRate = learningRate
    configuration.batch = batch
    configuration.steps = marks[marks.count - 1]
    configuration.seed = seed
    return configuration
  }

  private func draw(
    _ stage: Stage, _ partition: PlanarPartition, _ contour: LevelContour, _ moons: MoonPoints,
    column: Int, on page: inout PartitionPage
  ) {
    let panel = PartitionPage.Panel(column: column, row: 0)
    page.write("step \(stage.step): \(stage.regions) regions", over: panel)
    page.draw(partition, in: panel, isColored: true)
    page.draw(moons.points(ofClass: 0), in: panel, color: [0.05, 0.3, 0.6])
    page.draw(moons.points(ofClass: 1), in: panel, color: [0.1, 0.45, 0.15])
    page.draw(contour.polylines, in: panel)
  }

  private func stage(
    _ step: Int, _ network: SplineNetwork, _ partition: PlanarPartition, _ contour: LevelContour,
    _ seed: UInt64, _ workers: Workers
  ) -> Stage {
    let test = MoonPoints(count: testCount, noise: noise, seed: 1000 + seed)
    let values = network.values(at: test.points.map { [$0.x, $0.y] }, workers: workers)
    let right = zip(values, test.labels).count { ($0[0] > 0) == ($1 == 1) }
    let segments = contour.polylines.flatMap { line in
      (0..<line.segmentCount).map {
        (line.points[$0], line.points[($0 + 1) % line.points.count])
      }
    }
    let middles = segments.map { ($0 + $1) / 2 }
    let values0 = network.values(at: middles.map { [$0.x, $0.y] }, workers: workers)
    let patterns = Set(middles.map { network.pattern(at: [$0.x, $0.y]) })
    var random = SplitMix64(seed: seed, stream: 2)
    let spread = uniformPoints(pointCount, using: &random)
    return Stage(
      step: step, accuracy: Double(right) / Double(testCount), regions: partition.regionCount,
      segments: segments.count, crossedRegions: patterns.count,
      largestValue: values0.map { abs($0[0]) }.max() ?? 0,
      distanceAtBoundary: segments.isEmpty
        ? nil
        : network.meanBoundaryDistance(
          at: Self.points(on: segments, count: pointCount, using: &random), workers: workers),
      distanceElsewhere: network.meanBoundaryDistance(at: spread, workers: workers))
  }

  /// Points drawn uniformly by length from segments.
  private static func points(
    on segments: [(SIMD2<Double>, SIMD2<Double>)], count: Int, using random: inout SplitMix64
  ) -> [SIMD2<Double>] {
    var ends: [Double] = []
    for (a, b) in segments {
      ends.append((ends.last ?? 0) + ((b - a) * (b - a)).sum().squareRoot())
    }
    guard let length = ends.last else { return [] }
    return (0..<count).map { _ in
      let place = random.nextUnit() * length
      let (a, b) = segments[ends.firstIndex { place < $0 } ?? segments.count - 1]
      return a + random.nextUnit() * (b - a)
    }
  }

  private func finding(_ runs: [[Stage]], _ page: PartitionPage) -> Finding {
    var table = Table(
      "stages",
      columns: [
        "seed", "step", "accuracy", "regions", "boundary_segments", "regions_crossed",
        "largest_value_on_boundary", "distance_at_boundary", "distance_elsewhere",
      ])
    for (seed, stages) in runs.enumerated() {
      for stage in stages {
        table.append(
          .count(seed), .count(stage.step), .number(stage.accuracy), .count(stage.regions),
          .count(stage.segments), .count(stage.crossedRegions), .number(stage.largestValue),
          stage.distanceAtBoundary.map { .number($0) } ?? .text(""),
          .number(stage.distanceElsewhere))
      }
    }
    let lasts = runs.map { $0[$0.count - 1] }
    let last = lasts[0]
    let ratios = lasts.compactMap(\.ratio)
    let firsts = runs.compactMap { $0[0].ratio }
    let isPiecewise = lasts.allSatisfy {
      $0.segments == $0.crossedRegions && $0.largestValue < 1e-9
    }
    let nearer = ratios.count { $0 < 1 }
    func times(_ ratios: [Double]) -> String {
      ratios.isEmpty ? "no" : "\(text(median(ratios))) times the"
    }
    return Finding(
      verdict: Finding.Verdict(isPiecewise && !ratios.isEmpty, 2 * nearer > runs.count),
      measured: "the boundary of the classifier drawn (accuracy "
        + "\(text(100 * last.accuracy)) % on new points) has \(last.segments) straight pieces in "
        + "\(last.crossedRegions) of its \(last.regions) regions, and in \(runs.count) "
        + "classifiers no value at the middle of a piece is above "
        + "\(String(format: "%.0e", lasts.map(\.largestValue).max() ?? 0)); from a point of the "
        + "boundary the next bend is at \(times(ratios)) distance from a point of the square "
        + "(median of the classifiers, nearer in \(nearer); before training \(times(firsts)) "
        + "distance).",
      tables: [table], figures: [Figure("moons", page.picture)])
  }
}
