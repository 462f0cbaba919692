/// Everything that a run needs to go on as if it had never stopped.
public struct TrainingState: Sendable, Equatable {
  /// Steps taken.
  public var step = 0
  /// Seconds of training so far.
  public var seconds = 0.0
  /// Parameters and the optimizer's moments, laid out by `ParameterLayout`.
  public var parameters: [Float] = []
  public var firstMoments: [Float] = []
  public var secondMoments: [Float] = []
  /// What K-FAC or SOAP keeps.
  public var preconditioner: [Float] = []
  /// What ``FollowingData`` keeps.
  public var targets: [Float] = []
  /// The parameters that ``Trainer/keep(score:)`` kept, with their score.
  public var kept: [Float] = []
  public var keptScore = Double.infinity
  /// The parameters that the best line of the history began with, for a run that loses its way.
  public var best: [Float] = []
  public var bestLoss = Double.infinity
  public var history: [HistoryEntry] = []
  /// Sum and number of the losses since the last entry of the history.
  public var lossSum = 0.0
  public var lossCount = 0

  public init() {}
}
