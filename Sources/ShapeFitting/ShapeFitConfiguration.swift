import Meshes
import Networks
import Training

/// Everything that decides the result of a fit to a solid.
public struct ShapeFitConfiguration: RunConfiguration {
  /// What is made small.
  public enum Loss: String, Sendable, Codable, CaseIterable {
    /// Of values 0 and 1, with the surface at ½.
    case squared
    /// Of logits, with the surface at 0.
    case crossEntropy = "cross-entropy"
    /// The absolute error of distances.
    case absolute
  }

  /// Path of the mesh, or of the volume.
  public var shape: String
  public var target = ShapeField.Target.sdf
  public var loss = Loss.absolute
  /// Weight of `(‖∇f‖ − 1)²`; for distances alone.
  public var eikonal = 0.0
  /// In the shape's coordinates: lower corner, upper corner; the bounds with a margin where it is not
  /// given.
  public var bounds: [Double]?
  /// What is left free around a mesh on each side, in shares of its longest side.
  public var margin = 0.1
  /// Elements of a volume above it are full.
  public var threshold = 0.5
  /// [D, H, W] of a volume packed by numpy.packbits.
  public var packed: [Int]?
  /// Points of an epoch.
  public var samples = 262_144
  /// The share of the points that are near the surface, and their standard deviation from it in
  /// shares of the box's longest side.
  public var nearShare = 0.8
  public var nearSpread = 0.005
  /// Cells along the longest side of the grid on which a fit to a mesh is judged.
  public var gridResolution = 128
  /// Cells along the longest side for the mesh of the result.
  public var meshResolution = 192
  public var architecture: Architecture
  /// A model that the run starts from, in place of a network with random parameters.
  public var initialModel: InitialModel?
  public var training: TrainingConfiguration
  /// Ends the run after this many seconds of training.
  public var timeLimit: Double?

  public init(shape: String, architecture: Architecture, training: TrainingConfiguration) {
    self.shape = shape
    self.architecture = architecture
    self.training = training
  }

  /// Whether a file's name is that of a volume; others are meshes.
  public static func isVolume(_ path: String) -> Bool { path.lowercased().hasSuffix(".npy") }

  /// The losses that go with a target, the recommended one first.
  public static func losses(of target: ShapeField.Target) -> [Loss] {
    target == .occupancy ? [.crossEntropy, .squared] : [.absolute, .squared]
  }

  /// The spread of points near the surface in the coordinates of a box.
  func nearSpread(in box: Box) -> Double { nearSpread * box.size.max() }

  /// The value of the network at the surface.
  public var level: Double { target == .occupancy && loss == .squared ? 0.5 : 0 }
}
