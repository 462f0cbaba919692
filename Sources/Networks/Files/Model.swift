import Compute

/// A network, and what its file says about it.
///
/// The file is described in `Documentation/NetworkFile.md`.
public struct Model: Sendable {
  public var network: Network
  /// Where the outermost pixels of a picture lie; `nil` if the file does not say.
  public var coordinates: PixelCoordinates?
  /// The order of a picture's two coordinates; `nil` if the file does not say.
  public var axes: PictureAxes?
  /// What tasks add to the configuration: the size of a picture, the scaling of its values.
  ///
  /// Keys of ``ModelConfiguration/ownKeys`` are not written.
  public var properties: [String: JSON]
  /// Strings that other programs left in the file.
  public var metadata: [String: String]
  public internal(set) var activationSource = ActivationSource.file
  /// Tensors of the file that are no part of the network, by name.
  public internal(set) var ignoredTensors: [String] = []

  public init(
    network: Network, coordinates: PixelCoordinates? = nil, axes: PictureAxes? = nil,
    properties: [String: JSON] = [:], metadata: [String: String] = [:]
  ) {
    self.network = network
    self.coordinates = coordinates
    self.axes = axes
    self.properties = properties
    self.metadata = metadata
  }
}

/// How the activation of a model that was read became known.
public enum ActivationSource: Sendable, Equatable {
  /// The file names it.
  case file
  /// ``ModelOverrides/activation`` named it.
  case option
  /// Complex weights or second linear maps left no other.
  case inferred
  /// Nothing named it, so it was taken for ReLU.
  case assumed
}
