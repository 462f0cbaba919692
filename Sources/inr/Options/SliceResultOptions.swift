import Compute
import Imaging

/// Where a slice or a sinogram goes, and what it is compared with.
package struct SliceResultOptions: OptionGroup {
  package let output: String?
  package let window: GrayWindow?
  /// The slice of a stack that is wanted; all unless given.
  package let slice: Int?
  package let reference: String?
  package let peak: Double?
  package let threads: Int?
  package let isQuiet: Bool
  package let printsJSON: Bool

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    output = arguments[Self.output]
    slice = arguments[Self.slice]
    reference = arguments[Self.reference]
    peak = arguments[Self.peak]
    threads = arguments[TrainingOptions.threads]
    isQuiet = arguments[TrainingOptions.quiet]
    printsJSON = arguments[TrainingOptions.json]
    try arguments.require(Self.reference, for: Self.peak)
    guard let limits = arguments[Self.window] else {
      window = nil
      return
    }
    guard limits[0] != limits[1] else {
      throw arguments.wrongValue(of: Self.window, expected: "two different numbers")
    }
    guard output?.lowercased().hasSuffix(".png") ?? false else {
      throw arguments.error(
        .notApplicable(
          option: "--window", reason: "only a picture has one; give an --output that ends in .png"))
    }
    window = GrayWindow(black: limits[0], white: limits[1])
  }

  var workers: Workers { Workers(count: threads ?? Workers.processorCount) }
}

extension SliceResultOptions {
  package static let output = Option(
    "output", short: "o", .text("a .npy or .png file"), placeholder: "FILE",
    help: "Where the result goes: .npy has the values as float32; .png is a picture of 16 bits.",
    default: "the operand's name with the command's, .npy")
  package static let window = Option(
    "window", .numbers(.any, count: 2), placeholder: "BLACK,WHITE",
    help: "Values that become black and white in a .png.",
    default: "those that 0.5 and 99.5 % of the values do not exceed; they are printed")
  package static let slice = Option(
    "slice", .integer(.atLeast(0)), placeholder: "K",
    help: "Take only this slice of a stack, counted from 0.", default: "all")
  package static let reference = Option(
    "reference", .text("a .npy or .png file"), placeholder: "SLICE.npy",
    help: "Print PSNR, SSIM and RMSE against this slice, or stack of slices.")
  package static let peak = Option(
    "peak", .number(.positive(example: "1")), placeholder: "VALUE",
    help: "The peak of the PSNR and the data range of the SSIM.",
    default: "the reference's maximum, and its maximum minus minimum")

  package static var section: OptionSection {
    OptionSection(
      "Result",
      [
        output, window, slice, reference, peak, TrainingOptions.threads, TrainingOptions.quiet,
        TrainingOptions.json,
      ])
  }
}
