/// One line of a run's history: the mean over the steps since the line before.
public struct HistoryEntry: Sendable, Equatable {
  /// Steps taken.
  public let step: Int
  /// Seconds of training so far.
  public let seconds: Double
  /// Mean loss over the batches since the last entry.
  public let loss: Double
  /// What a ``RunMeasure`` gave after this step; nil where none was taken.
  public var measured: Double?

  public init(step: Int, seconds: Double, loss: Double, measured: Double? = nil) {
    self.step = step
    self.seconds = seconds
    self.loss = loss
    self.measured = measured
  }
}

/// A figure of the network that is taken now and then while it trains, for the history.
public struct RunMeasure {
  /// Steps from one to the next, which waits for a line of the history; the last step has one, too.
  public let interval: Int
  /// Nil where it does not exist.
  public let value: () -> Double?

  public init(interval: Int, value: @escaping () -> Double?) {
    precondition(interval >= 1, "a measurement every \(interval) steps")
    self.interval = interval
    self.value = value
  }
}

/// Where a run stands after a step.
public struct TrainingProgress: Sendable {
  /// Steps taken, of how many.
  public let step: Int
  public let steps: Int
  /// Seconds of training so far, those before an interruption included.
  public let seconds: Double
  /// Samples a second since the run was started or taken up.
  public let rowsPerSecond: Double
  /// Mean loss over the latest batches.
  public let loss: Double
  /// What was measured last, if the run is measured.
  public let measured: Double?
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
