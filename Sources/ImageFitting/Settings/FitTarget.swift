import Compute
import Imaging
import Networks

/// What settings are chosen for: how much of which picture a fit sees, and what it is for.
public struct FitTarget: Sendable {
  /// How many pixels the fit sees.
  public var pixels: Int
  /// Width over height of the picture.
  public var aspect = 1.0
  public var channels = 1
  /// Points of the field that a pixel averages.
  public var pointsPerPixel = 1
  /// How often the run will see each pixel; nil if that is as often as is usual.
  public var passes: Double?
  public var aim = Aim.fit
  /// Whether photon noise is added to the picture.
  public var isNoisy = false
  /// How fine the picture is; nil where that is not known.
  public var bandwidth: TargetBandwidth?

  /// A target of which no more than its size is known.
  public init(pixels: Int) { self.pixels = max(pixels, 1) }

  /// - Parameter selection: which pixels of the picture the fit sees.
  public init(_ picture: Image, _ selection: PixelSelection) {
    self.init(pixels: selection.trained.count)
    aspect = Double(picture.width) / Double(picture.height)
    channels = picture.channels
    bandwidth = TargetBandwidth(of: picture, seen: selection.trained)
  }

  /// About how often a run of some seconds sees each pixel.
  ///
  /// A point takes six operations a parameter, of which a core does about 6e10 in a second, or 9e10 with
  /// rounded factors: 7e10 and 1.1e11 were measured with AVX-512. Frequencies chosen by it change by a
  /// fifth where it is wrong by a factor of two.
  public func passes(
    in seconds: Double, by architecture: Architecture, rounding: FactorRounding? = nil, threads: Int
  ) -> Double {
    let rate = rounding == nil ? 6e10 : 9e10
    let parameters = Double(architecture.floatCount(inputs: 2, outputs: channels))
    let points = Double(pixels) * Double(pointsPerPixel)
    return seconds * Double(threads) * rate / (6 * max(parameters, 1) * points)
  }

  /// Factors of x and y that turn equal frequencies per side into equal frequencies per pixel.
  var coordinateGains: [Double] {
    aspect == 1 ? [] : [aspect.squareRoot(), 1 / aspect.squareRoot()]
  }

  /// Samples along a side of the square [−1, 1]², if they are spread evenly.
  var side: Double { Double(pixels).squareRoot() }
}
