import Networks
import Training

/// What `--track` can measure of a piecewise-affine network while it trains.
package enum TrackedMeasure: String, CaseIterable, Sendable {
  /// Linear regions: of the whole domain in the plane, along random segments in space.
  case regions
  /// From random points of the domain to the nearest boundary of a region, the mean.
  case distance
  /// Neurons that divide a small neighbourhood of these points, the mean.
  case complexity
}

extension ValueReader where Value == TrainingConfiguration.Tracking {
  /// Names of ``TrackedMeasure``s, and `every=N` behind them.
  package static var tracking: ValueReader {
    let names = TrackedMeasure.allCases.map(\.rawValue)
    let interval = IntegerRule.range(1...1_000_000_000)
    return ValueReader(
      placeholder: "WHAT,...[,every=N]",
      expectation: "any of \(names.joined(separator: ", ")) with commas between them, and every=N "
        + "behind them for N steps, e.g. \(names[0]),\(names[1]),every=500"
    ) { text in
      var words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      var steps: Int?
      if let last = words.last, last.hasPrefix("every=") {
        steps = Int(last.dropFirst("every=".count))
        guard let steps, interval.range.contains(steps) else { return nil }
        words.removeLast()
      }
      guard !words.isEmpty, Set(words).count == words.count,
        words.allSatisfy({ TrackedMeasure(rawValue: $0) != nil })
      else { return nil }
      return TrainingConfiguration.Tracking(words, interval: steps)
    }
  }
}

extension TrainingOptions {
  /// Throws if measures of linear regions are wanted of a network that has none.
  ///
  /// - Parameters:
  ///   - initial: the network that the run begins with, if that is given.
  ///   - architecture: of the network that it makes otherwise.
  func checkTracking(
    of initial: Network?, else architecture: Architecture, _ arguments: ParsedArguments
  ) throws(UsageError) {
    guard tracking != nil else { return }
    let piecewiseAffine = [ReLU.name, LeakyReLU.name]
    let found =
      initial.map { network in
        network.layers.compactMap { layer in layer.activation.map(name(of:)) }
      } ?? [architecture.activation]
    let encoding = initial?.encoding.name ?? architecture.features.kind.rawValue
    let problem: String
    if let activation = found.first(where: { !piecewiseAffine.contains($0) }) {
      problem =
        "with the activation \(activation) the network is not piecewise affine, so it has no "
        + "linear regions; take --activation \(piecewiseAffine.joined(separator: " or "))"
    } else if encoding != Encoding.none.name {
      problem =
        "behind the encoding \(encoding) the network is not piecewise affine, so it has no "
        + "linear regions; take --encoding none"
    } else {
      return
    }
    throw arguments.error(
      .notApplicable(option: "--track", reason: problem + ", or leave --track out"))
  }
}
