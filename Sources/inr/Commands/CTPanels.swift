import Compute
import Foundation
import Imaging
import Tomography

extension Command {
  static let ctPanels = Command(
    CommandSpecification(
      ["ct", "panels"], summary: "Put slices side by side in one picture, with captions.",
      discussion: [
        "All slices have the same size and the same window, so that their grays can be compared."
      ],
      operands: [CTPanels.slices],
      sections: [
        OptionSection(
          "Picture", [CTPanels.captions, CTPanels.window, CTPanels.output, TrainingOptions.quiet])
      ],
      examples: [
        .init(
          "inr ct panels fbp.npy tv.npy outputs/sinogram/slice.npy --captions FBP,TV,fit -o all.png",
          "three reconstructions of one sinogram")
      ]),
    run: { try CTPanels($0).run() })
}

/// One call of `inr ct panels`.
private struct CTPanels {
  static let slices = Operand.repeating(
    "SLICE.npy", help: "Slices [rows, columns], or pictures, whose white is 1.")
  static let captions = Option(
    "captions", .text("names, with commas between them"), placeholder: "NAME,NAME...",
    help: "What stands above the slices.", default: "the names of the files")
  static let window = Option(
    "window", .numbers(.any, count: 2), placeholder: "BLACK,WHITE",
    help: "Values that become black and white.",
    default: "those that 0.5 and 99.5 % of the last slice's values do not exceed")
  static let output = Option(
    "output", short: "o", .text("a .png file"), placeholder: "FILE.png",
    help: "Where the picture goes.", default: "panels.png")

  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let console = Console(arguments[TrainingOptions.quiet] ? .quiet : .normal)
    let paths = arguments[Self.slices]
    let captions = try captions(of: paths)
    let slices = try readSlices(paths)
    let limits = arguments[Self.window]
    if let limits, limits[0] == limits[1] {
      throw arguments.wrongValue(of: Self.window, expected: "two different numbers")
    }
    let window =
      limits.map { GrayWindow(black: $0[0], white: $0[1]) }
      ?? GrayWindow(showing: slices[slices.count - 1].elements)
    let output = arguments[Self.output] ?? "panels.png"
    try Image.panels(
      zip(captions, slices).map { (caption: $0, image: Image($1, window: window)) }
    ).write(to: output)
    console.message("\(output): black is \(decimal(window.black)), white \(decimal(window.white))")
  }

  private func readSlices(_ paths: [String]) throws -> [Matrix] {
    var slices: [Matrix] = []
    for path in paths {
      let slice = try CTSliceInput(path).slice(0)
      if let first = slices.first, (first.rows, first.columns) != (slice.rows, slice.columns) {
        throw CommandError.differentShapes(
          paths[0], [first.columns, first.rows, 1], path, [slice.columns, slice.rows, 1])
      }
      slices.append(slice)
    }
    return slices
  }

  private func captions(of paths: [String]) throws -> [String] {
    guard let text = arguments[Self.captions] else {
      return paths.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    }
    let captions = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard captions.count == paths.count else {
      throw arguments.wrongValue(of: Self.captions, expected: "\(paths.count) names")
    }
    return captions
  }
}
