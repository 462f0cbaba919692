extension TrainingConfiguration {
  /// Takes a rate at which the tables of a grid learn within a few passes: twenty times that of a
  /// network, with squares of gradients remembered for a hundred steps instead of a thousand.
  ///
  /// - Parameter rate: of batches of about a thousand samples; larger batches bear larger rates.
  public mutating func learnTables(rate: Double = 1e-2) {
    learningRate = rate
    optimizer.beta2 = 0.99
    firstLayerRate = 1
  }
}
