import Foundation

/// Figures of the network that are taken now and then while it trains, for the history.
public struct RunMeasure {
  /// One for each figure, as the history calls it.
  public let names: [String]
  public let schedule: MeasureSchedule
  /// As many as there are names; nil where a figure does not exist. ``Trainer/network`` is the network
  /// at this step, ``Trainer/values(at:)`` are its values, ``Trainer/history`` is what was taken so far.
  ///
  /// They depend on the network and the history alone, so that a run which is taken up has the same.
  public let values: (Trainer) -> [Double?]

  public init(
    _ names: [String], _ schedule: MeasureSchedule, values: @escaping (Trainer) -> [Double?]
  ) {
    self.names = names
    self.schedule = schedule
    self.values = values
  }

  public init(_ name: String, _ schedule: MeasureSchedule, value: @escaping (Trainer) -> Double?) {
    self.init([name], schedule) { [value($0)] }
  }

  /// What is there, by name.
  func taken(of trainer: Trainer) -> [String: Double] {
    let values = values(trainer)
    precondition(
      values.count == names.count, "\(values.count) figures have \(names.count) names")
    return Dictionary(
      uniqueKeysWithValues: zip(names, values).compactMap { name, value in
        value.map { (name, $0) }
      })
  }
}

/// When a run is measured: before its first step, at some lines of its history, and at its end.
public enum MeasureSchedule: Sendable, Equatable {
  /// At the first line after each so many steps; where the clock ends the run, 200ths of it.
  case every(Int)
  /// This often, the two ends included, at lines whose numbers grow by a constant factor: a network
  /// changes most at the beginning.
  case geometric(count: Int)

  /// Whether the line at a step is measured.
  ///
  /// - Parameters:
  ///   - steps: of the whole run; where the clock ends the run, 200, which are its lines.
  ///   - interval: steps between two lines.
  func includes(_ step: Int, of steps: Int, interval: Int) -> Bool {
    if step == 0 || step == steps { return true }
    switch self {
    case .every(let wanted):
      return step / wanted > (step - interval) / wanted
    case .geometric(let count):
      guard count > 2 else { return false }
      // From line 1 to the last one: the first lines at or behind last^(k / (count − 2)).
      let scale = Double(count - 2) / log2(max(Double(steps) / Double(interval), 2))
      let line = step / interval
      let place = (log2(Double(line)) * scale).rounded(.down)
      return line == 1 || place > (log2(Double(line - 1)) * scale).rounded(.down)
    }
  }
}
