/// What a new network's output begins with.
public enum OutputBias: String, Sendable, Codable {
  /// The mean of the pixels that the fit sees.
  case mean
  /// What was drawn, as in the papers' codes.
  case drawn
}
