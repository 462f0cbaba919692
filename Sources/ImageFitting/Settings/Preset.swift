import Networks
import Training

/// A named set of defaults for network, encoding and training.
///
/// Whatever is asked for beside a preset overrides it. A new one is an entry of ``all``.
public struct Preset: Sendable {
  public let name: String
  /// What it buys and costs, in a line.
  public let summary: String
  private let activation: String
  /// The activation to be right between the pixels, where that is another one.
  private let activationBetween: String?
  private let base: Base
  private let change: Change

  /// - Parameter standsBehindGrid: whether the network does, by the preset or because it is asked for.
  typealias Change =
    @Sendable (
      inout RecommendedSettings, _ target: FitTarget, _ standsBehindGrid: Bool
    ) -> Void

  /// What a preset changes.
  enum Base: Sendable {
    /// The recommended settings.
    case recommended
    /// The papers' constants and initialisation, and training at one rate without further care.
    case papers
  }

  init(
    _ name: String, _ summary: String, activation: String, between: String? = nil,
    from base: Base,
    change: @escaping Change
  ) {
    self.name = name
    self.summary = summary
    self.activation = activation
    activationBetween = between
    self.base = base
    self.change = change
  }

  public static func named(_ name: String) -> Preset? { all.first { $0.name == name } }

  /// The activation that it is made for.
  public func activation(for aim: Aim) -> String {
    aim == .generalise ? activationBetween ?? activation : activation
  }

  /// - Parameters:
  ///   - other: an activation in place of the preset's own; it has its own constants.
  ///   - encoding: in place of the preset's own.
  ///   - size: of the network.
  public func settings(
    for target: FitTarget, activation other: String? = nil,
    encoding: Architecture.Features.Kind? = nil, size: NetworkSize = NetworkSize()
  ) -> RecommendedSettings {
    let own = activation(for: target.aim)
    let chosen = other ?? own
    var settings =
      switch base {
      case .recommended: RecommendedSettings(activation: chosen, size: size, for: target)
      case .papers: RecommendedSettings(paperOf: chosen, for: target)
      }
    // ReLU has its grid from the presets that are made for it.
    let usual = base == .recommended && chosen == own && own == ReLU.name
    change(&settings, target, encoding.map { $0 == .grid } ?? usual)
    guard chosen != own, base == .papers else { return settings }
    settings.architecture.constants = [:]
    settings.architecture.firstConstants = [:]
    return settings
  }
}
