import Compute

/// Batches of sample numbers, without replacement within an epoch.
///
/// The order of an epoch depends on the seed and the epoch alone, so a run can be taken up anywhere.
public struct BatchSampler: Sendable {
  private let samples: [Int32]
  private let seed: UInt64
  /// Samples of a step.
  public let batch: Int
  private var epoch = -1
  private var order: [Int32] = []

  /// - Parameters:
  ///   - batch: more than there are samples means all of them.
  public init(samples: [Int32], batch: Int, seed: UInt64) {
    precondition(!samples.isEmpty && batch > 0, "batches need samples")
    self.samples = samples
    self.seed = seed
    self.batch = min(batch, samples.count)
  }

  /// Steps of an epoch; what does not fill a last batch waits for another epoch's order.
  public var stepsPerEpoch: Int { samples.count / batch }

  /// The epoch of a step, both counted from 0.
  public func epoch(ofStep step: Int) -> Int { step / stepsPerEpoch }

  /// The samples of a step, counted from 0.
  public mutating func samples(ofStep step: Int) -> ArraySlice<Int32> {
    if batch == samples.count { return samples[...] }
    let (wanted, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    if wanted != epoch {
      // Always from the same start, so that an epoch's order does not depend on earlier ones.
      order = samples
      var random = SplitMix64(seed: seed, stream: 1_000 + UInt64(wanted))
      random.shuffle(&order)
      epoch = wanted
    }
    return order[position * batch..<(position + 1) * batch]
  }
}
