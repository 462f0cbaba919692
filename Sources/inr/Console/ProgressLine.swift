import Foundation

/// A run's progress in one line of text.
package enum ProgressLine {
  /// A line with a bar, for a terminal.
  ///
  /// - Parameter width: the line has at most this many columns; the bar shrinks first, then the
  ///   least telling figures go.
  package static func bar(_ progress: RunProgress, width: Int) -> String {
    let share = progress.share
    let percent = share.map { " \(leftPadded(String(Int($0 * 100)), to: 3)) %" } ?? ""
    // The speed goes first, then the loss, then the times, then PSNR and IoU.
    var figures = figures(of: progress)
    var head = percent
    let shortestBar = 10
    func length(withBar bar: Int) -> Int {
      head.count + (share == nil ? 0 : bar + 3) + figures.reduce(0) { $0 + $1.text.count + 2 }
    }
    while length(withBar: shortestBar) > width,
      let least = figures.indices.min(by: { figures[$0].rank < figures[$1].rank })
    {
      figures.remove(at: least)
    }
    if let share {
      let room = min(30, shortestBar + max(0, width - length(withBar: shortestBar)))
      let filled = Int((share * Double(room)).rounded(.down))
      head +=
        " [" + String(repeating: "#", count: filled)
        + String(repeating: "-", count: room - filled) + "]"
    }
    let line = ([head] + figures.map(\.text)).joined(separator: "  ")
    return String(line.prefix(width))
  }

  /// A line without a bar, for a log.
  package static func plain(_ progress: RunProgress) -> String {
    let percent = progress.share.map { ["\(Int($0 * 100)) %"] } ?? []
    return (percent + figures(of: progress).map(\.text)).joined(separator: "  ")
  }

  private struct Figure {
    let text: String
    /// Those with the lowest go first where there is no room.
    let rank: Int
  }

  private static func figures(of progress: RunProgress) -> [Figure] {
    var figures = [
      Figure(
        text: "step \(progress.step)" + (progress.stepCount.map { "/\($0)" } ?? ""), rank: 4)
    ]
    if let psnr = progress.psnr { figures.append(Figure(text: decibels(psnr), rank: 3)) }
    if let iou = progress.iou {
      figures.append(Figure(text: "IoU \(String(format: "%.4f", iou))", rank: 3))
    }
    if let loss = progress.loss {
      figures.append(Figure(text: "loss \(String(format: "%.3g", loss))", rank: 1))
    }
    if let rate = progress.rowsPerSecond {
      figures.append(Figure(text: "\(scaled(rate)) rows/s", rank: 0))
    }
    var times = duration(progress.elapsed)
    if let remaining = progress.remaining { times += ", \(duration(remaining)) left" }
    figures.append(Figure(text: times, rank: 2))
    return figures
  }

  static func decibels(_ value: Double) -> String { String(format: "%.2f dB", value) }

  /// With one of the prefixes k, M, G.
  static func scaled(_ value: Double) -> String {
    for (limit, prefix) in [(1e9, " G"), (1e6, " M"), (1e3, " k")] where value >= limit {
      return String(format: "%.2f", value / limit) + prefix
    }
    return String(format: "%.0f", value)
  }

  /// `m:ss`, or `h:mm:ss` from an hour on.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = max(0, Int(seconds.rounded()))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest)
      : String(format: "%d:%02d", minutes, rest)
  }

  private static func leftPadded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
