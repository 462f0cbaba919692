extension Architecture {
  /// A small network behind a grid: the tables hold the signal, and two hidden layers of 64 units put
  /// it together, as in the source of ``GridEncoding``.
  ///
  /// The weights behind the first layer begin smaller than the activation's paper has them, which on
  /// pictures learned 1 dB more.
  public init(_ grid: GridShape, activation: String) {
    self.init(activation: activation)
    width = 64
    hiddenLayers = 1
    features = Features(grid)
    weightGains = [1, 0.7, 1]
  }
}
