/// Chooses among models in an order of preference by how they predict the same withheld values: the
/// first that is no worse than the best one by more than chance explains.
///
/// Two models have nearly the same noise in their errors, since the values are the same. So it is the
/// differences of their squared errors, value by value, whose mean is compared with its own standard
/// error: with many values the rule is strict, with few it is lenient.
///
/// - Source: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984: the "1 SE
///   rule".
/// - Deviation: there, the standard error is that of the best model's mean, not of the difference.
package enum StandardErrorRule {
  /// Goes from model to model while the next one is better by more than chance explains. Of errors that
  /// fall, rest and fall again, it finds the first rest.
  ///
  /// - Returns: the model's number; nil if there is none.
  package static func descent(along squaredErrors: [[Double]]) -> Int? {
    squaredErrors.indices.first { i in
      i + 1 == squaredErrors.count || first(of: [squaredErrors[i], squaredErrors[i + 1]]) == 0
    }
  }

  /// - Parameters:
  ///   - squaredErrors: of each model, as many as there are values withheld.
  ///   - tolerance: how many standard errors chance explains.
  /// - Returns: the model's number; nil if there is none.
  package static func first(of squaredErrors: [[Double]], tolerance: Double = 1) -> Int? {
    let sums = squaredErrors.map { $0.reduce(0, +) }
    guard let best = sums.indices.min(by: { sums[$0] < sums[$1] }) else { return nil }
    return squaredErrors.firstIndex { errors in
      let count = Double(errors.count)
      let differences = zip(errors, squaredErrors[best]).map { $0 - $1 }
      let mean = differences.reduce(0, +) / max(count, 1)
      let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return mean <= tolerance * (squares / max(count - 1, 1) / max(count, 1)).squareRoot()
    }
  }
}
