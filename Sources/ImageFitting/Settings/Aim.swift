/// What a fit to a picture is for, which decides how fine a detail the network should begin with.
public enum Aim: String, Sendable, Codable, CaseIterable {
  /// The given pixels, as exactly as they can be had: compression.
  case fit
  /// What was not given: pixels between the samples, behind a mask, or below noise.
  case generalise
}
