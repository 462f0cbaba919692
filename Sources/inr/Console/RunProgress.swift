/// How far a run has come; `nil` for what is not known.
package struct RunProgress: Sendable, Equatable {
  package var step: Int
  package var stepCount: Int?
  package var loss: Double?
  /// In dB.
  package var psnr: Double?
  /// Intersection over union.
  package var iou: Double?
  package var rowsPerSecond: Double?
  /// Seconds since the run began.
  package var elapsed: Double
  /// Seconds that the run will still take.
  package var remaining: Double?
  /// In 0...1.
  package var share: Double?

  /// - Parameters:
  ///   - share: done of the whole run; by default the share of the steps.
  ///   - remaining: by default as long as the rest takes at the speed so far.
  package init(
    step: Int, of stepCount: Int? = nil, loss: Double? = nil, psnr: Double? = nil,
    iou: Double? = nil, rowsPerSecond: Double? = nil, elapsed: Double, remaining: Double? = nil,
    share: Double? = nil
  ) {
    self.step = step
    self.stepCount = stepCount
    self.loss = loss
    self.psnr = psnr
    self.iou = iou
    self.rowsPerSecond = rowsPerSecond
    self.elapsed = elapsed
    let steps = stepCount.flatMap { $0 > 0 ? Double(step) / Double($0) : nil }
    let share = (share ?? steps).flatMap { $0.isNaN ? nil : min(max($0, 0), 1) }
    self.share = share
    self.remaining =
      remaining ?? share.flatMap { $0 > 0 ? max(elapsed, 0) * (1 - $0) / $0 : nil }
  }
}
