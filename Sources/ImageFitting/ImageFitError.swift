import Compute
import Imaging
import Networks

/// A fit to a picture that cannot begin.
public enum ImageFitError: Error, CustomStringConvertible {
  case picture(ImageFileError)
  case maskSize(path: String, found: (Int, Int), expected: (Int, Int))
  case nothingShown(path: String)
  case nothingTrained(share: Double)
  case wrongRange(path: String, range: (Float, Float))
  case tooManyPixels(path: String, width: Int, height: Int)
  case tooLarge(width: Int, height: Int, factor: Int)
  case wrongModel(path: String, inputs: Int, outputs: Int, channels: Int)
  case memory(needed: Int, available: Int)

  public var description: String {
    switch self {
    case .picture(let error): error.description
    case .maskSize(let path, let found, let expected):
      "\(path): found a mask of \(found.0) x \(found.1) pixels, "
        + "expected \(expected.0) x \(expected.1) as the picture has"
    case .nothingShown(let path):
      "\(path): found no pixel of at least half white, expected white where pixels are given"
    case .nothingTrained(let share):
      "--hold-out \(share) leaves no pixel to train on; withhold less"
    case .wrongRange(let path, let range):
      "\(path): found values from \(range.0) to \(range.1), expected about 0 (black) to 1 (white); "
        + "scale them first"
    case .tooManyPixels(let path, let width, let height):
      "\(path): found \(width) x \(height) pixels, expected at most \(Int32.max) for one network; "
        + "fit it with --blocks"
    case .tooLarge(let width, let height, let factor):
      "--downsample \(factor): the field would have \(width) x \(height) points, expected at most "
        + "\(Int32.max) in all; choose a smaller factor"
    case .wrongModel(let path, let inputs, let outputs, let channels):
      "\(path): found a network of \(inputs) coordinates and \(outputs) values, "
        + "expected 2 coordinates and \(channels) values for this picture"
    case .memory(let needed, let available):
      "the run needs about \(megabytes(needed)), the machine has \(megabytes(available)) left; "
        + "use a smaller picture, network or --batch, or fewer --threads"
    }
  }

  private func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
}
