import Foundation

/// How large a network is to be, as far as somebody has said so.
public struct NetworkSize: Sendable, Equatable {
  /// Units of a hidden layer; nil for as many as the task takes.
  public var width: Int?
  /// Hidden-to-hidden layers; nil for as many as the task takes.
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
}

extension Architecture {
  /// Takes a size in place of the usual one.
  ///
  /// - Returns: how settings that were measured with the usual size follow.
  package mutating func resize(to size: NetworkSize) -> SizeScaling {
    let usual = width
    width = size.width ?? width
    hiddenLayers = size.hiddenLayers ?? hiddenLayers
    return SizeScaling(of: self, usualWidth: usual)
  }
}

/// How rates and frequencies follow the size of a network
/// (`Documentation/Decisions/0016-automatic-constants.md`).
package struct SizeScaling: Sendable {
  /// The width as a share of the usual one.
  package let relativeWidth: Double
  /// The factor of the learning rate.
  ///
  /// Narrow networks take larger steps, as Adam's rate wants to fall with the width (Yang et al., Tensor
  /// Programs V, arXiv:2203.03466). Deep ones are thrown off by as large ones, unless they are made of
  /// ramps.
  package let rate: Double

  init(of architecture: Architecture, usualWidth: Int) {
    relativeWidth = Double(architecture.width) / Double(max(usualWidth, 1))
    let ofWidth = pow(min(max(relativeWidth, 0.125), 8), -2.0 / 3)
    let isOfRamps = [ReLU.name, LeakyReLU.name, SoftReLU.name].contains(architecture.activation)
    let layers = isOfRamps ? 3 : max(architecture.hiddenLayers, 3)
    rate = ofWidth * pow(3 / Double(layers), 1.5)
  }

  /// The factor of the first layer's frequencies, at most 1, for a signal on a square.
  ///
  /// Those that a network narrower than usual has too few units for are noise. How many layers there are
  /// does not matter.
  package func frequency(samples: Int) -> Double {
    // The usual network has half a parameter for each of so many samples.
    let plenty = (262_144 / Double(max(samples, 1))).squareRoot()
    return min(1, min(1, relativeWidth * plenty) / min(1, plenty))
  }
}
