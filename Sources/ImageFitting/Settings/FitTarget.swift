import Imaging

/// What settings are chosen for: how much of which picture a fit sees, and what it is for.
public struct FitTarget: Sendable {
  /// How many pixels the fit sees.
  public var pixels: Int
  /// Width over height of the picture.
  public var aspect = 1.0
  public var channels = 1
  /// Points of the field that a pixel averages.
  public var pointsPerPixel = 1
  /// How often the fit will see each pixel; nil where that is left to the settings.
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

  /// Factors of x and y that turn equal frequencies per side into equal frequencies per pixel.
  var coordinateGains: [Double] {
    aspect == 1 ? [] : [aspect.squareRoot(), 1 / aspect.squareRoot()]
  }

  /// Pixels of a step: 512, or as many as have about 2048 points where a pixel has many.
  public var batch: Int {
    min(Int(bounded(2048 / Double(pointsPerPixel), 32...512)), pixels)
  }

  /// Samples along a side of the square [−1, 1]², if they are spread evenly.
  var side: Double { Double(pixels).squareRoot() }
}
