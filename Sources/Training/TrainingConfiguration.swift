import Compute
import Foundation

/// How a network is trained.
public struct TrainingConfiguration: Sendable, Equatable, Codable {
  /// Whether the activations' constants (ω₀, σ₀) are trained with the weights.
  public enum Constants: String, Sendable, Codable { case fixed, trained }

  public var optimizer = Adam()
  /// For the weights of layers, in place of the element-wise rule; nil for that rule throughout.
  public var preconditioning: Preconditioning?
  public var learningRate = 1e-3
  public var schedule = Schedule(.linear)
  /// Factor of the first layer's learning rate; at 0 that layer is frozen, which also saves time.
  public var firstLayerRate = 1.0
  public var constants = Constants.fixed
  /// Samples (or measurements) of a step.
  public var batch = 512
  public var steps = 10_000
  /// Seconds of training after which the run ends, and its schedule with it, however many of the
  /// `steps` were taken by then. Such a run depends on the machine and on what else it does.
  public var duration: Double?
  public var seed: UInt64 = 0
  /// What becomes of the factors of the layers' products while they train; nil leaves them in single
  /// precision. Values drawn from a network are always in single precision.
  public var rounding: FactorRounding?
  /// What the history shows besides the losses; nil for nothing.
  public var tracking: Tracking?

  /// Measures that are taken while a network trains.
  public struct Tracking: Sendable, Equatable, Codable {
    /// By name, in the order of the history's columns.
    public var measures: [String]
    /// Steps from one to the next; nil to leave it to the measures.
    public var interval: Int?

    public init(_ measures: [String], interval: Int? = nil) {
      self.measures = measures
      self.interval = interval
    }
  }

  public init() {}

  /// The share of the run that is over after `step` steps and `seconds` of training: of the steps, or
  /// of the time where that is nearer to its end.
  package func progress(step: Int, seconds: Double) -> Double {
    let taken = Double(step) / Double(steps)
    return duration.map { max(taken, seconds / $0) } ?? taken
  }

  /// The learning rate of each of `count` layers at a step counted from 0, after so many seconds.
  package func rates(step: Int, seconds: Double = 0, layers count: Int) -> [Float] {
    let rate = rate(step: step, seconds: seconds)
    return (0..<count).map { Float($0 == 0 ? rate * firstLayerRate : rate) }
  }

  /// The learning rate at a step counted from 0, after so many seconds.
  func rate(step: Int, seconds: Double) -> Double {
    learningRate
      * (duration == nil
        ? schedule.factor(step: step, of: steps)
        : schedule.factor(at: progress(step: step, seconds: seconds)))
  }

  var firstTrainedLayer: Int { firstLayerRate == 0 ? 1 : 0 }
}
