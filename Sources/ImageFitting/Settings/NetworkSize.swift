import Networks

/// How large a network will be, as far as somebody has said so: constants and rates depend on it.
public struct NetworkSize: Sendable, Equatable {
  /// Units of a hidden layer; nil for the activation's usual number.
  public var width: Int?
  /// Hidden-to-hidden layers; nil for the usual two.
  public var hiddenLayers: Int?

  public init(width: Int? = nil, hiddenLayers: Int? = nil) {
    self.width = width
    self.hiddenLayers = hiddenLayers
  }

  /// That of a network.
  public init(of network: Network) {
    let hidden = network.layers.dropLast()
    self.init(width: hidden.map(\.units).max(), hiddenLayers: max(hidden.count - 1, 0))
  }

  /// Units of a hidden layer with which networks have about as many parameters: a complex unit counts
  /// twice, and so does one with two maps.
  static func usualWidth(of activation: String) -> Int {
    switch activation {
    case SplitSine.name, RealGabor.name, ComplexGabor.name: 181
    case ComplexGabor2D.name: 128
    default: 256
    }
  }
}
