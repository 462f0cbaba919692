import ImageFitting
import Networks

/// What of a picture is fitted.
package struct ImageFitOptions: OptionGroup {
  package let mask: String?
  package let downsampling: Int?
  package let noise: PictureNoise?
  package let coordinates: PixelCoordinates?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    mask = arguments[Self.mask]
    downsampling = arguments[Self.downsample]
    noise = arguments[Self.noise]
    coordinates = arguments[Self.coordinates]
    try arguments.exclude(
      Self.mask, Self.downsample,
      because: "a mask names pixels, and --downsample sees only averages of them")
  }
}

extension ImageFitOptions {
  package static let mask = Option(
    "mask", .text("a PNG file"), placeholder: "MASK.png",
    help: "Fit only the pixels that are white here, and report the PSNR of the others.")
  package static let downsample = Option(
    "downsample", .integer(.range(1...1024)), placeholder: "K",
    help: "Fit a picture K times as large whose K x K averages are the given one.", default: "1")
  package static let noise = Option(
    "noise", .noise,
    help: "Add noise first: Poisson with this peak count, plus readout noise in counts. "
      + "The fit is compared with the clean picture.")
  package static let coordinates = Option(
    "coordinates", .choice(of: PixelCoordinates.self),
    help: "Where the pixels lie in -1...1.", default: "pixel-centres")

  package static var section: OptionSection {
    OptionSection("Picture", [mask, downsample, noise, coordinates])
  }
}

extension ValueReader where Value == PictureNoise {
  /// `photons=30,readout=2`, or without the read-out noise.
  package static var noise: ValueReader {
    ValueReader<[String: Double]>.settings(
      ["photons": .positive(example: "30"), "readout": .nonNegative],
      example: "photons=30,readout=2"
    ).map { settings in
      settings["photons"].map { PictureNoise(photons: $0, readout: settings["readout"] ?? 0) }
    }
  }
}
