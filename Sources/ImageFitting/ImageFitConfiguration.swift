import Networks
import Training

/// Everything that decides the result of a fit to a picture.
public struct ImageFitConfiguration: RunConfiguration {
  /// Path of the picture.
  public var picture: String
  /// Path of a picture that is white where pixels are given.
  public var mask: String?
  /// The field's K × K area averages are what matches the picture.
  public var downsample = 1
  public var noise: PictureNoise?
  public var coordinates = PixelCoordinates.pixelCentres
  /// Share of the pixels withheld from training.
  public var holdOut = 0.0
  /// The preset that settings come from where nothing else was asked for; they stand below.
  public var preset: String?
  public var aim = Aim.fit
  /// ``TargetBandwidth/radius`` of what the fit sees, which recommended settings come from.
  public var bandwidth: Double?
  public var architecture: Architecture
  public var outputBias = OutputBias.mean
  /// A model that the run starts from, in place of a network with random parameters.
  public var initialModel: InitialModel?
  public var training: TrainingConfiguration
  /// Ends the run once the trained pixels reach this PSNR.
  public var targetDecibels: Double?
  /// Ends the run after this many seconds of training.
  public var timeLimit: Double?

  public init(picture: String, architecture: Architecture, training: TrainingConfiguration) {
    self.picture = picture
    self.architecture = architecture
    self.training = training
  }
}
