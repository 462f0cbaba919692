/// What the reader of a model knows that its file may not say.
public struct ModelOverrides: Sendable, Equatable {
  /// The name of an activation.
  public var activation: String?
  /// Constants of the activation, by name.
  public var constants: [String: Float]
  /// Constants of the first layer where they differ.
  public var firstConstants: [String: Float]
  /// Of a file with several networks: what the names of the wanted tensors begin with.
  public var prefix: String?

  public init(
    activation: String? = nil, constants: [String: Float] = [:],
    firstConstants: [String: Float] = [:], prefix: String? = nil
  ) {
    self.activation = activation
    self.constants = constants
    self.firstConstants = firstConstants
    self.prefix = prefix
  }

  /// The constant called `name` in a hidden layer.
  func constant(_ name: String, layer: Int) -> Float? {
    (layer == 0 ? firstConstants[name] : nil) ?? constants[name]
  }
}
