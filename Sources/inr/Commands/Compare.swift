import Foundation
import Imaging

extension Command {
  static let compare = Command(
    CommandSpecification(
      ["compare"], summary: "Tell how far two pictures are apart.",
      discussion: [
        "PSNR has a peak of 1 over all pixels and channels; SSIM has a Gaussian window of sigma 1.5, "
          + "as scikit-image with gaussian_weights computes it."
      ],
      operands: [Comparison.first, Comparison.second],
      sections: [OptionSection("Output", [TrainingOptions.json])],
      examples: [
        .init(
          "inr compare data/cameraman.png outputs/cameraman/reconstruction.png",
          "judge a reconstruction")
      ]),
    run: { try Comparison($0).run() })
}

/// One call of `inr compare`.
private struct Comparison {
  static let first = Operand.required("A", help: "A PNG or .npy file.")
  static let second = Operand.required("B", help: "Another one of the same size.")

  struct Figures: Encodable {
    let psnr: Double
    let ssim: Double?
    let identical: Bool
  }

  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let paths = (arguments[Self.first], arguments[Self.second])
    let (a, b) = (try Image.read(paths.0), try Image.read(paths.1))
    let shapes = ([a.width, a.height, a.channels], [b.width, b.height, b.channels])
    guard shapes.0 == shapes.1 else {
      throw CommandError.differentShapes(paths.0, shapes.0, paths.1, shapes.1)
    }
    let (decibels, similarity) = (psnr(a, b), ssim(a, b))
    if arguments[TrainingOptions.json] {
      // JSON has no infinity; identical pictures have 999 dB.
      let figures = Figures(
        psnr: min(decibels, 999), ssim: similarity, identical: decibels.isInfinite)
      try StandardOutput.write(try jsonText(figures) + "\n")
    } else {
      let ssimText =
        similarity.map { String(format: "%.6f", $0) } ?? "not defined for so small a picture"
      try StandardOutput.write(
        "PSNR  \(String(format: "%.4f", decibels)) dB\nSSIM  \(ssimText)\n")
    }
  }
}
