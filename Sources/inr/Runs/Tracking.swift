import Compute
import Foundation
import Networks
import SplineGeometry
import Training

/// What `--track` takes along a run.
///
/// Points and segments are random, uniform in the domain, and the same for all steps; lengths are in
/// the network's coordinates.
struct Tracking {
  let measures: [RunMeasure]

  /// - Returns: nil if nothing is tracked.
  init?(_ fit: some ResumableFit, workers: Workers, telling console: Console) {
    guard let wanted = fit.trainer.configuration.tracking else { return nil }
    let names = wanted.measures.compactMap(TrackedMeasure.init)
    let domain = TrackedDomain(fit.domain, seed: fit.trainer.configuration.seed)
    let budget = wanted.interval == nil ? TrackingBudget(fit.trainer, domain) : nil
    var measures: [RunMeasure] = []
    var isTold = false
    if names.contains(.regions) {
      measures.append(
        RunMeasure(
          TrackedMeasure.regions.rawValue,
          wanted.interval.map { .every($0) } ?? .geometric(count: TrackingBudget.count)
        ) { trainer in
          guard budget?.allowsRegions(trainer) ?? true else {
            if !isTold {
              console.message(
                "--track: counting all regions \(TrackingBudget.count) times would take more than a "
                  + "tenth of the training, so some fields stay empty; every=N counts them all the same"
              )
            }
            isTold = true
            return nil
          }
          return domain.regions(of: trainer.network, workers)
        })
    }
    let local = names.filter { $0 != .regions }
    if !local.isEmpty {
      measures.append(
        RunMeasure(
          local.map(\.rawValue),
          wanted.interval.map { .every($0) } ?? .geometric(count: budget?.localCount ?? 0)
        ) { trainer in
          let mean = domain.neighbourhoods(of: trainer.network, workers)
          return local.map { $0 == .distance ? mean?.distance : mean?.crossings }
        })
    }
    self.measures = measures
  }
}

/// Where a network is measured.
private struct TrackedDomain: Sendable {
  static let pointCount = 1000
  static let segmentCount = 64
  /// Of random numbers that no sample has.
  private static let stream: UInt64 = 10

  let ranges: [ClosedRange<Double>]
  private let points: [[Double]]
  private let segments: [(start: [Double], end: [Double])]
  /// Of a neighbourhood, in the ℓ₁ norm: a two-hundredth of the longest side.
  private let radius: Double

  init(_ ranges: [ClosedRange<Double>], seed: UInt64) {
    self.ranges = ranges
    var random = SplitMix64(seed: seed, stream: Self.stream)
    func point() -> [Double] {
      ranges.map { $0.lowerBound + random.nextUnit() * ($0.upperBound - $0.lowerBound) }
    }
    points = (0..<Self.pointCount).map { _ in point() }
    segments = (0..<Self.segmentCount).map { _ in (point(), point()) }
    radius = (ranges.map { $0.upperBound - $0.lowerBound }.max() ?? 0) / 200
  }

  var isPlane: Bool { ranges.count == 2 }

  /// Of the whole plane domain; in space the mean along the segments. Nil of a network that is not
  /// finite.
  func regions(of network: Network, _ workers: Workers) -> Double? {
    guard let spline = try? SplineNetwork(network) else { return nil }
    if isPlane {
      let domain = try? SplineDomain.rectangle(x: ranges[0], y: ranges[1])
      return domain.flatMap { try? spline.regionSummary(in: $0, workers: workers) }
        .map { Double($0.regionCount) }
    }
    let forms = WorkerStates(workers) { LocalForms(network) }
    let counts = forms.map(segments.count) { forms, k in
      forms.pieceCount(from: segments[k].start, to: segments[k].end)
    }
    return Double(counts.reduce(0, +)) / Double(counts.count)
  }

  /// The means over the points; nil where the network is constant or not finite.
  func neighbourhoods(of network: Network, _ workers: Workers)
    -> (distance: Double?, crossings: Double?)?
  {
    guard (try? SplineNetwork(network)) != nil else { return nil }
    let forms = WorkerStates(workers) { LocalForms(network) }
    let size = LocalForms.lanes
    let found = forms.map((points.count + size - 1) / size) { forms, k in
      forms.neighbourhoods(
        of: points[k * size..<min((k + 1) * size, points.count)], radius: radius)
    }.flatMap { $0 }
    let distance = found.reduce(0) { $0 + $1.distance } / Double(found.count)
    let crossings = found.reduce(0) { $0 + $1.crossings }
    return (
      distance.isFinite ? distance : nil, Double(crossings) / Double(found.count)
    )
  }
}

/// How often measures are taken so that they cost at most a tenth of the training.
///
/// Costs are counted in samples of training, whose work is that of the measures up to a factor that
/// was measured: so what is taken depends on the run alone, not on the machine or its load.
private struct TrackingBudget: Sendable {
  /// Times that a run is measured if that is cheap.
  static let count = 20

  /// Of the whole run.
  private let samples: Double
  /// Of counting a region of a plane, or one piece on all segments.
  private let regionCost: Double

  init(_ trainer: Trainer, _ domain: TrackedDomain) {
    samples = Double(trainer.configuration.steps) * Double(trainer.batch)
    // 1 µs and 0.04 ns a parameter, where a sample of training takes 0.09 ns a parameter.
    regionCost =
      domain.isPlane
      ? 0.5 + 11_000 / Double(trainer.network.parameterCount)
      : Double(TrackedDomain.segmentCount)
  }

  /// How often points are looked at, the beginning and the end of the run included.
  var localCount: Int {
    Int(min(max(0.02 * samples / (2 * Double(TrackedDomain.pointCount)), 2), Double(Self.count)))
  }

  /// Whether regions may be counted after this step. The budget grows with the logarithm of the steps,
  /// as the counts are spaced, and a count is taken to cost what the last one did.
  func allowsRegions(_ trainer: Trainer) -> Bool {
    let steps = trainer.configuration.steps
    let counts = trainer.history.compactMap { $0.measures[TrackedMeasure.regions.rawValue] }
    guard trainer.step > 0, trainer.step < steps, let latest = counts.last else { return true }
    let share = log(1 + 200 * Double(trainer.step) / Double(steps)) / log(201)
    return (counts.reduce(0, +) + 2 * latest) * regionCost <= 0.06 * samples * share
  }
}
