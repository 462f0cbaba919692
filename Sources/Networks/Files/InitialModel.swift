/// A model file, and what the user said of it that the file may not say.
public struct InitialModel: Sendable, Equatable, Codable {
  public var path: String
  public var activation: String?
  public var constants: [String: Float]
  public var firstConstants: [String: Float]

  public init(
    path: String, activation: String? = nil, constants: [String: Float] = [:],
    firstConstants: [String: Float] = [:]
  ) {
    self.path = path
    self.activation = activation
    self.constants = constants
    self.firstConstants = firstConstants
  }

  /// - Throws: ``ModelFileError``.
  public func read() throws(ModelFileError) -> Model {
    let overrides = ModelOverrides(
      activation: activation, constants: constants, firstConstants: firstConstants)
    return try Model.read(path, overrides: overrides)
  }
}
