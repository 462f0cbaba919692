import Compute
import SplineGeometry

/// The partition of the domain, which several measures look at; computed when it is first needed.
final class SharedPartition {
  private let spline: SplineNetwork
  private let domain: SplineDomain
  private let maximum: Int
  private let workers: Workers
  private var found: PlanarPartition?

  init(_ spline: SplineNetwork, of domain: SplineDomain, maximum: Int, workers: Workers) {
    self.spline = spline
    self.domain = domain
    self.maximum = maximum
    self.workers = workers
  }

  func partition() throws(SplineNetworkError) -> PlanarPartition {
    if let found { return found }
    let partition = try spline.partition(of: domain, maximum: maximum, workers: workers)
    found = partition
    return partition
  }

  /// How many regions there are of one that was cut short; nil if none was.
  var shortCount: Int? { found.flatMap { $0.isComplete ? nil : $0.regionCount } }
}
