/// Decides which of many reports of progress are shown.
struct ProgressPace: Sendable {
  enum Style: Sendable {
    /// A line that is drawn over again.
    case live
    /// Lines that stay: one at most every ten seconds, and only for a tenth of the run or a minute.
    case log
  }

  let style: Style
  private var lastTime: Double?
  private var lastShare = 0.0

  init(_ style: Style) { self.style = style }

  /// Whether `progress` is shown; a log begins after its first interval, a live line at once.
  mutating func shows(_ progress: RunProgress) -> Bool {
    let share = progress.share ?? 0
    guard let last = lastTime else {
      lastTime = progress.elapsed
      lastShare = share
      return style == .live
    }
    let pause = progress.elapsed - last
    let isDue =
      switch style {
      case .live: pause >= 0.1
      case .log: pause >= 10 && (share - lastShare >= 0.1 || pause >= 60)
      }
    guard isDue else { return false }
    lastTime = progress.elapsed
    lastShare = share
    return true
  }
}
