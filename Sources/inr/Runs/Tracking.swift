import Compute
import Networks
import SplineGeometry
import Training

/// What `--track` takes along a run.
///
/// Points and segments are random, uniform in the domain, and the same for all steps; lengths are in
/// the network's coordinates.
final class Tracking {
  private let names: [TrackedMeasure]
  /// Steps between two measures, if they are told; otherwise the budget decides.
  private let interval: Int?
  private let budget: TrackingBudget
  private let domain: TrackedDomain
  /// Of a plane whose regions are tracked.
  private let pictures: RegionPictures?
  private let workers: Workers
  private let console: Console
  private var told: Set<String> = []
  private var failure: (any Error)?

  /// - Returns: nil if nothing is tracked.
  /// - Throws: if the folder of the pictures cannot be made.
  init?(
    _ fit: some ResumableFit, in folder: RunFolder, workers: Workers, telling console: Console
  ) throws {
    guard let wanted = fit.trainer.configuration.tracking else { return nil }
    names = wanted.measures.compactMap(TrackedMeasure.init)
    interval = wanted.interval
    let trainer = fit.trainer
    domain = try TrackedDomain(fit.domain, seed: trainer.configuration.seed)
    let network = trainer.network
    budget = TrackingBudget(
      TrackingBudget.Run(
        steps: trainer.configuration.steps,
        samples: Double(trainer.configuration.steps) * Double(trainer.batch),
        parameters: network.parameterCount,
        neurons: network.layers.dropLast().reduce(0) { $0 + $1.maps[0].outputs },
        inputs: fit.domain.count),
      segments: TrackedDomain.segmentCount)
    pictures =
      domain.isPlane && names.contains(.regions)
      ? try RegionPictures(
        in: folder, history: trainer.history, domain: fit.domain, model: fit.model) : nil
    self.workers = workers
    self.console = console
  }

  var measures: [RunMeasure] {
    let localCount = budget.localCount(evaluations: domain.evaluations(for: names))
    return names.map { name in
      let count = name == .regions ? TrackingBudget.count : localCount
      return RunMeasure(
        name.rawValue, interval.map { .every($0) } ?? .geometric(count: count)
      ) { trainer in
        guard let spline = try? SplineNetwork(trainer.network) else { return nil }
        return switch name {
        case .regions: self.regions(of: spline, trainer)
        case .distance: self.domain.meanDistance(in: spline, self.workers)
        case .complexity: self.domain.meanComplexity(of: spline, self.workers)
        }
      }
    }
  }

  /// Throws what kept a picture from being written.
  func check() throws {
    if let failure { throw failure }
  }

  // MARK: - Regions

  /// Nil where the budget is spent.
  private func regions(of spline: SplineNetwork, _ trainer: Trainer) -> Double? {
    let earlier = trainer.history.compactMap { entry in
      entry.measures[TrackedMeasure.regions.rawValue].map {
        TrackingBudget.Count(step: entry.step, regions: $0)
      }
    }
    let limit =
      interval == nil ? budget.countLimit(step: trainer.step, after: earlier) : .max
    guard let limit else {
      tellOnce(
        "counting the regions each time would take too much of the training, so some fields stay "
          + "empty; every=N counts them all the same")
      return nil
    }
    guard domain.isPlane else { return domain.meanPieceCount(of: spline, workers) }
    let partition = domain.partition(of: spline, maximum: limit, workers)
    guard let partition, partition.isComplete else {
      tellOnce(
        "there are more than \(limit) regions, and counting them all would take too much of the "
          + "training; every=N counts them all the same")
      return nil
    }
    let count = TrackingBudget.Count(step: trainer.step, regions: Double(partition.regionCount))
    if interval != nil || budget.allowsPicture(of: count, after: earlier) {
      do {
        try pictures?.write(
          partition, layerCount: spline.hiddenUnits.count, step: trainer.step)
      } catch { failure = failure ?? error }
    } else {
      tellOnce(
        "drawing the regions each time would take too much of the training, so some pictures are "
          + "left out; every=N draws them all the same")
    }
    return count.regions
  }

  private func tellOnce(_ message: String) {
    if told.insert(message).inserted { console.message("--track: " + message) }
  }
}

/// Where a network is measured.
private struct TrackedDomain: Sendable {
  static let pointCount = 1000
  static let segmentCount = 64
  /// Of random numbers that no sample has.
  private static let stream: UInt64 = 10

  private let ranges: [ClosedRange<Double>]
  private let points: [[Double]]
  private let segments: [AffineSlice]
  private let neighbourhood: CrossPolytope

  init(_ ranges: [ClosedRange<Double>], seed: UInt64) throws(SplineNetworkError) {
    self.ranges = ranges
    var random = SplitMix64(seed: seed, stream: Self.stream)
    points = (0..<Self.pointCount).map { _ in
      ranges.map { $0.lowerBound + random.nextUnit() * ($0.upperBound - $0.lowerBound) }
    }
    segments = try AffineSlice.randomSegments(
      lower: ranges.map(\.lowerBound), upper: ranges.map(\.upperBound), count: Self.segmentCount,
      seed: random.next())
    let longest = ranges.map { $0.upperBound - $0.lowerBound }.max() ?? 0
    neighbourhood = CrossPolytope(
      radius: longest / 200, dimension: ranges.count, seed: random.next())
  }

  var isPlane: Bool { ranges.count == 2 }

  /// Of the network, or its derivatives by a coordinate, that the local ones of some measures take.
  func evaluations(for measures: [TrackedMeasure]) -> Int {
    measures.reduce(0) { sum, measure in
      switch measure {
      case .regions: sum
      case .distance: sum + points.count * (1 + ranges.count)
      case .complexity: sum + points.count * 2 * ranges.count
      }
    }
  }

  /// Of the whole plane domain.
  func partition(
    of spline: SplineNetwork, maximum: Int, _ workers: Workers
  ) -> PlanarPartition? {
    let domain = try? SplineDomain.rectangle(x: ranges[0], y: ranges[1])
    return domain.flatMap {
      try? spline.partition(of: $0, maximum: maximum, workers: workers)
    }
  }

  func meanPieceCount(of spline: SplineNetwork, _ workers: Workers) -> Double? {
    try? spline.segmentCounts(of: segments, workers: workers).pieces.mean
  }

  /// Nil if the network is constant around a point.
  func meanDistance(in spline: SplineNetwork, _ workers: Workers) -> Double? {
    let distances = spline.boundaryDistances(at: points, workers: workers)
    let sum = distances.reduce(0) { $0 + $1.distance }
    return sum.isFinite ? sum / Double(points.count) : nil
  }

  func meanComplexity(of spline: SplineNetwork, _ workers: Workers) -> Double {
    let found = spline.localComplexity(at: points, in: neighbourhood, workers: workers)
    return Double(found.reduce(0) { $0 + $1.total }) / Double(points.count)
  }
}
