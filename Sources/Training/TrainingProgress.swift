/// One line of a run's history: the mean over the steps since the line before.
public struct HistoryEntry: Sendable, Equatable {
  /// Steps taken.
  public let step: Int
  /// Seconds of training so far.
  public let seconds: Double
  /// Mean loss over the batches since the last entry; at step 0 that of the first batch.
  public let loss: Double
  /// What the run's ``RunMeasure``s gave after this step, by name; those that were not taken, or do
  /// not exist, are left out.
  public var measures: [String: Double]

  public init(step: Int, seconds: Double, loss: Double, measures: [String: Double] = [:]) {
    self.step = step
    self.seconds = seconds
    self.loss = loss
    self.measures = measures
  }
}

/// Where a run stands after a step.
public struct TrainingProgress: Sendable {
  /// Steps taken, of how many; nil where the clock ends the run.
  public let step: Int
  public let steps: Int?
  /// The share of the run that is over.
  public let share: Double
  /// Seconds of training so far, those before an interruption included.
  public let seconds: Double
  /// Samples a second since the run was started or taken up.
  public let rowsPerSecond: Double
  /// Mean loss over the latest batches.
  public let loss: Double
  /// What each ``RunMeasure`` gave last, by name.
  public let measures: [String: Double]
  /// Set after the steps that added to the history.
  public let newEntry: HistoryEntry?
}

/// Why a run ended.
public enum StopReason: String, Sendable, Equatable {
  case finished
  case targetReached = "target-reached"
  case timeLimit = "time-limit"
  case interrupted
}

/// What the owner of a run answers after each step.
public enum Verdict: Sendable, Equatable {
  case goOn
  /// Go on, after a checkpoint.
  case save
  case stop(StopReason)
}

/// A run that cannot go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  case lossNotFinite(step: Int, loss: String, learningRate: Double, constants: String)

  public var description: String {
    switch self {
    case .lossNotFinite(let step, let loss, let rate, let constants):
      "the loss became \(loss) at step \(step); try a lower --learning-rate (now \(rate))"
        + (constants.isEmpty ? "" : " or smaller \(constants)")
    }
  }
}
