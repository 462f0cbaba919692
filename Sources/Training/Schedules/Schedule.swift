import Foundation

/// How the learning rate changes over a run, as a factor of the initial one.
public struct Schedule: Sendable, Equatable, Codable {
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case constant
    /// Straight down.
    case linear
    /// Down by a constant factor a step, as the WIRE code does.
    case exponential
    /// Half a cosine down (arXiv:1608.03983).
    case cosine
  }

  public var shape: Shape
  /// Where the schedule ends, unless it is constant; positive for an exponential one.
  public var finalRatio: Double
  /// Share of the run over which the rate rises linearly from zero, before the shape begins.
  public var warmUp: Double

  public init(_ shape: Shape, finalRatio: Double = 0, warmUp: Double = 0) {
    self.shape = shape
    self.finalRatio = finalRatio
    self.warmUp = warmUp
  }

  /// The factor for a step, counted from 0, of `count`.
  public func factor(step: Int, of count: Int) -> Double {
    let warmUpSteps = warmUp * Double(count)
    if Double(step) < warmUpSteps { return Double(step + 1) / (warmUpSteps + 1) }
    return fall(at: (Double(step) - warmUpSteps) / max(Double(count) - warmUpSteps, 1))
  }

  /// The factor at a share of the run in 0...1, for runs whose steps are not known in advance.
  public func factor(at progress: Double) -> Double {
    let progress = min(max(progress, 0), 1)
    if progress < warmUp { return progress / warmUp }
    return fall(at: warmUp < 1 ? (progress - warmUp) / (1 - warmUp) : 0)
  }

  /// The shape alone, at its own share of the way.
  private func fall(at progress: Double) -> Double {
    switch shape {
    case .constant: return 1
    case .linear: return 1 - progress * (1 - finalRatio)
    case .exponential: return pow(finalRatio, progress)
    case .cosine: return finalRatio + (1 - finalRatio) * (1 + cos(.pi * progress)) / 2
    }
  }
}
