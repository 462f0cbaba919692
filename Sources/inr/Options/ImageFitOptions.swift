import ImageFitting
import Networks

/// What of a picture is fitted.
package struct ImageFitOptions: OptionGroup {
  package let mask: String?
  package let downsampling: Int?
  package let noise: PictureNoise?
  package let coordinates: PixelCoordinates?
  package let aim: Aim?
  package let preset: Preset?

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    mask = arguments[Self.mask]
    downsampling = arguments[Self.downsample]
    noise = arguments[Self.noise]
    coordinates = arguments[Self.coordinates]
    aim = arguments[Self.aim]
    preset = arguments[Self.preset]
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

  package static let aim = Option(
    "aim", .choice(of: Aim.self),
    help: "What settings that are not given are chosen for: the given pixels alone (fit), or what "
      + "was not given: other pixels, detail below noise (generalise).",
    default: "generalise with --mask, --hold-out, --downsample and --noise, else fit")
  package static let preset = Option(
    "preset", ValueReader.choice(Preset.all.map(\.name)).map { Preset.named($0) },
    help: "Settings to begin with, explained below; whatever else is given overrides them.")

  package static var section: OptionSection {
    OptionSection("Picture", [mask, downsample, noise, coordinates, aim, preset])
  }

  /// The presets with what they buy and cost, for the help text.
  static var presets: ValueList {
    ValueList("Presets", Preset.all.map { ($0.name, $0.summary) })
  }

  /// What the run is for, where it was not told.
  func aim(heldOutShare: Double?) -> Aim {
    let asks = mask != nil || noise != nil || (downsampling ?? 1) > 1 || (heldOutShare ?? 0) > 0
    return aim ?? (asks ? .generalise : .fit)
  }
}

extension ValueReader where Value == PictureNoise {
  /// `photons=30,readout=2`, or without the read-out noise.
  package static var noise: ValueReader {
    ValueReader<[String: Double]>.settings(
      ["photons": .photons(example: "30"), "readout": .nonNegative],
      example: "photons=30,readout=2"
    ).map { settings in
      settings["photons"].map { PictureNoise(photons: $0, readout: settings["readout"] ?? 0) }
    }
  }
}
