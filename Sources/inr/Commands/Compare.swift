import Foundation
import Imaging
import Meshes

extension Command {
  static let compare = Command(
    CommandSpecification(
      ["compare"], summary: "Tell how far two pictures, or two meshes, are apart.",
      discussion: [
        "Pictures: PSNR has a peak of 1 over all pixels and channels; SSIM has a Gaussian window of sigma 1.5, "
          + "as scikit-image with gaussian_weights computes it.",
        "Meshes: Chamfer distances, of distances and of their squares, are given as the mean of both "
          + "directions and as their sum; normal consistency is the mean of |n n'|; the volumes' "
          + "intersection over union has its standard error. Names that end in .obj, .ply or .stl are "
          + "meshes'.",
      ],
      operands: [Comparison.first, Comparison.second],
      sections: [
        MeshComparisonOptions.section, OptionSection("Output", [TrainingOptions.json]),
      ],
      examples: [
        .init(
          "inr compare data/cameraman.png outputs/cameraman/reconstruction.png",
          "judge a reconstruction"),
        .init(
          "inr compare outputs/bunny/mesh.obj bunny.ply", "judge a mesh; the second is the truth"),
      ]),
    run: { try Comparison($0).run() })
}

/// One call of `inr compare`.
private struct Comparison {
  static let first = Operand.required(
    "A", help: "A PNG or .npy file, or a .obj, .ply or .stl file.")
  static let second = Operand.required(
    "B", help: "Another one: a picture of the same size, or a mesh.")

  struct Figures: Encodable {
    let psnr: Double
    let ssim: Double?
    let identical: Bool
  }

  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let paths = (arguments[Self.first], arguments[Self.second])
    switch (MeshFormat(endingOf: paths.0) != nil, MeshFormat(endingOf: paths.1) != nil) {
    case (true, true): return try MeshComparisonRun(arguments: arguments, paths: paths).run()
    case (true, false): throw MeshCommandError.twoKinds(mesh: paths.0, other: paths.1)
    case (false, true): throw MeshCommandError.twoKinds(mesh: paths.1, other: paths.0)
    case (false, false): break
    }
    try arguments.refuse(
      MeshComparisonOptions.options, because: "it has a meaning for meshes, not for pictures")
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
