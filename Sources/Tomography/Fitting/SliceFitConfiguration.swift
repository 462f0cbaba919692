import Networks
import Training

/// Everything that decides the result of a fit to a sinogram.
public struct SliceFitConfiguration: RunConfiguration {
  /// How the network gets from the sinogram to the slice.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Between passes a solver on pixels improves a slice that explains the data under priors, and the
    /// next pass fits the network to it.
    case split
    /// Every step projects the field and sends the gradient of a loss back through the adjoint.
    case direct
  }

  /// What the direct method makes small.
  public enum Loss: String, Sendable, Codable, CaseIterable {
    /// The mean squared residual of the sinogram.
    case projection
    /// The residual weighted by the ramp filter, which by the Fourier slice theorem is nearly the
    /// mean squared error of the slice.
    case filtered
  }

  public enum Start: String, Sendable, Codable, CaseIterable {
    case random
    /// The network is first fitted to the filtered back projection.
    case fbp
  }

  /// Path of the sinogram, and which slice of a stack it is.
  public var sinogram: String
  public var layout: String
  public var slice: Int
  /// Which views are used; all where there is none.
  public var views: [Int]?
  public var scan: ScanGeometry
  public var grid: SliceGrid
  /// ``ProjectionModel/rotation`` is for parallel beams without supersampling.
  public var projection = ProjectionModel.joseph
  public var method = Method.split
  public var loss = Loss.filtered
  public var window = RampFilter.Window.hann
  /// Whether the window gives way to the plain ramp in the course of the run.
  public var annealsWindow = false
  /// Where the direct loss turns from quadratic to linear, in sinogram values.
  public var huber: Double?
  public var start = Start.random
  /// Counts of an unattenuated ray, and the path of a file of weights: what each ray is worth.
  public var photons: Double?
  public var attenuation = 1.0
  public var weights: String?
  /// The standard deviation of the values of a ray of average worth, where it is known.
  public var noiseLevel: Double?
  /// Strength of the total variation, for slices whose densest values are 1 and pixels of side 1. The
  /// split method searches for it where it is not given; for the direct one it is 0 then.
  public var totalVariation: Double?
  /// How different neighbourhoods may look whose pixels are averaged by the split method's prior, in
  /// shares of the densest values; 0 for no averaging, chosen by the noise where it is not given.
  public var similarity: Double?
  /// How strongly the split method's slice is drawn to its averages, a view, where data alone have a
  /// strength of about 1; chosen by the noise and the views where it is not given.
  public var anchor: Double?
  public var isNonNegative = true
  /// Whether the slice is zero outside the inscribed circle.
  public var isCircle = false
  /// Points of the field along each side of a pixel.
  public var supersampling = 1
  /// Share of the rays (or of the views) withheld from training.
  public var holdOut = 0.0
  public var holdsOutViews = false
  public var architecture: Architecture
  /// A model that the run starts from, in place of a network with random parameters.
  public var initialModel: InitialModel?
  public var training: TrainingConfiguration
  /// Ends the run after this many seconds of training.
  public var timeLimit: Double?

  public init(
    sinogram: String, layout: String = "views,bins", slice: Int = 0, scan: ScanGeometry,
    grid: SliceGrid, architecture: Architecture, training: TrainingConfiguration
  ) {
    self.sinogram = sinogram
    self.layout = layout
    self.slice = slice
    self.scan = scan
    self.grid = grid
    self.architecture = architecture
    self.training = training
  }
}
