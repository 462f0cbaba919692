import Tomography

/// The noise of a detector that counts photons, where a command makes a sinogram.
package struct PhotonOptions: OptionGroup {
  /// `nil` for a sinogram without noise.
  package let noise: PhotonNoise?
  package let seed: UInt64

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    seed = arguments[TrainingOptions.seed] ?? 0
    try arguments.exclude(
      Self.attenuation, Self.peakAttenuation, because: "both say how much the object attenuates")
    for companion in [Self.electronicNoise, Self.attenuation, Self.peakAttenuation] {
      try arguments.require(Self.photons, for: companion)
    }
    noise = arguments[Self.photons].map { photons in
      PhotonNoise(
        photons: photons, electronicNoise: arguments[Self.electronicNoise] ?? 0,
        floor: min(0.5, photons),
        attenuation: arguments[Self.attenuation].map { .factor($0) }
          ?? .peak(arguments[Self.peakAttenuation] ?? 4))
    }
  }
}

extension PhotonOptions {
  package static let photons = Option(
    "photons", .number(.photons(example: "1e4")), placeholder: "N",
    help: "Add noise: a ray without the object is seen as N photons, Poisson distributed.")
  package static let electronicNoise = Option(
    "electronic-noise", .number(.nonNegative), placeholder: "SIGMA",
    help: "Standard deviation of the detector's own noise, in photons.", default: "0")
  package static let attenuation = Option(
    "attenuation", .number(.positive(example: "1")), placeholder: "FACTOR",
    help: "Attenuation per unit of the sinogram: a ray of value p has N exp(-FACTOR p) photons.")
  package static let peakAttenuation = Option(
    "peak-attenuation", .number(.positive(example: "4")), placeholder: "A",
    help: "The same, so that the largest value of the sinogram has N exp(-A) photons.",
    default: "4")

  package static var section: OptionSection {
    OptionSection(
      "Noise",
      [photons, electronicNoise, attenuation, peakAttenuation, TrainingOptions.seed])
  }
}
