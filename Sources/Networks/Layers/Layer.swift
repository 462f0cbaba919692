import Compute

/// One or two linear maps of the same input, and the activation that combines them.
public struct Layer: Sendable {
  /// One map, or two for activations such as WIRE2D; both of one shape and field.
  public var maps: [LinearMap]
  /// `nil` in the last layer, whose real part is the network's value.
  public var activation: (any Activation)?

  public init(maps: [LinearMap], activation: (any Activation)?) {
    self.maps = maps
    self.activation = activation
  }

  public init(_ map: LinearMap, activation: (any Activation)? = nil) {
    self.init(maps: [map], activation: activation)
  }

  public var inputs: Int { maps[0].inputs }
  public var units: Int { maps[0].outputs }
  public var field: Field { maps[0].field }

  /// Real numbers that can be trained, without the activation's constants.
  public var parameterCount: Int {
    maps.reduce(0) {
      $0 + ($1.weight.elements.count + $1.bias.count) * ($1.field == .real ? 1 : 2)
    }
  }
}
