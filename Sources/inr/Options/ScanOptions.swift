import Tomography

/// How a sinogram was measured, and which slice is wanted of it; shared by all commands of
/// tomography.
package struct ScanOptions: OptionGroup {
  package let angles: AngleChoice?
  package let usesRadians: Bool
  package let layout: SinogramFile.Layout
  package let convention: Convention
  package let center: CenterChoice?
  package let binWidth: Double
  package let pixelSize: Double?
  package let size: PixelSize?
  package let beam: ScanGeometry.Beam
  /// Which of the views are used; all unless given.
  package let views: ViewSelection?
  /// Whether the slice is 0 outside the circle inscribed in it.
  package let isCircle: Bool
  package let projection: ProjectionModel
  let arguments: ParsedArguments

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    self.arguments = arguments
    angles = arguments[Self.angles]
    usesRadians = arguments[Self.radians]
    layout = arguments[Self.layout] ?? .viewsBins
    convention = arguments[Self.convention] ?? .scikitImage
    center = arguments[Self.center]
    binWidth = arguments[Self.binWidth] ?? 1
    pixelSize = arguments[Self.pixelSize]
    size = arguments[Self.size]
    views = arguments[Self.views]
    isCircle = arguments[Self.circle]
    projection = arguments[Self.projector] ?? .joseph
    guard let fan = arguments[Self.fan] else {
      beam = .parallel
      return
    }
    guard fan[1] >= fan[0] else {
      throw arguments.wrongValue(
        of: Self.fan,
        expected:
          "the source's distance from the rotation axis, then that from the detector, which "
          + "is larger, e.g. 500,1000")
    }
    beam = .fan(sourceToOrigin: fan[0], sourceToDetector: fan[1])
    if projection == .rotation {
      throw arguments.error(
        .conflict(
          "--projector rotation", "--fan",
          reason: "only parallel beams are sums along a turned slice; leave --projector out"))
    }
    if center == .automatic {
      throw arguments.wrongValue(
        of: Self.center,
        expected: "the number of a bin: the axis of a fan beam cannot be searched for")
    }
  }
}

extension ScanOptions {
  /// The side of a pixel where none was given: the width of a bin, seen at the axis.
  var slicePixelSize: Double {
    switch beam {
    case .parallel: binWidth
    case .fan(let sourceToOrigin, let sourceToDetector):
      binWidth * sourceToOrigin / sourceToDetector
    }
  }
}

// MARK: - The table

extension ScanOptions {
  package static let angles = Option(
    "angles", .angles,
    help:
      "The views' angles in degrees: evenly spaced, STOP excluded unless :inclusive follows; or "
      + "a .npy, .txt or .csv file. Write --angles=-90:90:180 where the first is negative.")
  package static let radians = Flag("radians", help: "Angles are in radians.")
  package static let layout = Option(
    "layout", .layout,
    help: "Axes of the sinogram's file: views,bins; bins,views as scikit-image has them; or "
      + "views,slices,bins. Stacks of the first two have slices before them. The views may also be "
      + "called angles.", default: "views,bins")
  package static let convention = Option(
    "convention", .choice(of: Convention.self),
    help:
      "Where the rotation axis is unless --center says it, and how filters are built: at bin and "
      + "pixel n/2, rounded down, or midway.", default: "scikit-image")
  package static let center = Option(
    "center", .center,
    help: "Bin of the rotation axis, counted from 0 and fractional; or auto to search for it.",
    default: "as the convention has it")
  package static let binWidth = Option(
    "bin-width", .number(.positive(example: "0.2")), placeholder: "LENGTH",
    help: "Distance of two bins on the detector, in the unit of the pixel size.", default: "1")
  package static let pixelSize = Option(
    "pixel-size", .number(.positive(example: "0.2")), placeholder: "LENGTH",
    help: "Side of a pixel of the slice.", default: "the width of a bin, seen at the axis")
  package static let size = Option(
    "size", .sliceSize, help: "Pixels of the slice.", default: "as many as bins, in both directions"
  )
  package static let fan = Option(
    "fan", .numbers(.positive(example: "500"), count: 2), placeholder: "SOD,SDD",
    help:
      "Fan beam on a flat detector: the source's distances from the axis and from the detector.",
    default: "parallel beams")
  package static let views = Option(
    "views", .views,
    help: "Use only some views, as a slice of Python: 0::2 is every other one.", default: "all")
  package static let circle = Flag(
    "circle", help: "Set the slice to 0 outside the circle inscribed in it, and judge only inside.")
  package static let projector = Option(
    "projector", .choice(of: ProjectionModel.self),
    help:
      "joseph: integrals along whole rays. rotation: the slice is turned within its own frame, and "
      + "its columns are summed, as radon of WIRE and of scikit-image (circle=True) have it; for "
      + "parallel beams.", default: "joseph")

  package static var section: OptionSection {
    OptionSection(
      "Scan and slice",
      [
        angles, radians, layout, views, convention, center, binWidth, fan, size, pixelSize, circle,
        projector,
      ])
  }
}

// MARK: - Values

/// Where the angles come from; in the unit that was chosen.
package enum AngleChoice: Sendable, Equatable {
  case range(start: Double, stop: Double, count: Int, includesStop: Bool)
  case file(String)
}

/// Where the rotation axis is.
package enum CenterChoice: Sendable, Equatable {
  case bin(Double)
  case automatic
}

/// Some of the views, as a slice of Python names them.
package struct ViewSelection: Sendable, Equatable {
  package let start: Int
  package let stop: Int?
  package let step: Int

  /// The views chosen of `count`, in order.
  package func indices(of count: Int) -> [Int] {
    Array(stride(from: start, to: min(stop ?? count, count), by: step))
  }
}

extension ValueReader where Value == AngleChoice {
  /// `START:STOP:COUNT`, the same with `:inclusive`, or a file.
  package static var angles: ValueReader {
    ValueReader(
      placeholder: "START:STOP:COUNT|FILE",
      expectation: "START:STOP:COUNT, e.g. 0:180:90 (add :inclusive to include STOP), or a .npy, "
        + ".txt or .csv file"
    ) { text in
      if [".npy", ".txt", ".csv"].contains(where: text.lowercased().hasSuffix) {
        return .file(text)
      }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard 3...4 ~= parts.count, parts.count == 3 || parts[3] == "inclusive",
        let start = NumberRule.any.read(parts[0]), let stop = NumberRule.any.read(parts[1]),
        let count = Int(parts[2]), 1...1_000_000 ~= count
      else { return nil }
      return .range(start: start, stop: stop, count: count, includesStop: parts.count == 4)
    }
  }
}

extension ValueReader where Value == SinogramFile.Layout {
  /// The axes of a file, whose views may also be called angles.
  package static var layout: ValueReader {
    let words = SinogramFile.Layout.allCases.map(\.rawValue)
    return ValueReader(
      placeholder: "AXES", expectation: "one of " + words.joined(separator: " | "), choices: []
    ) { SinogramFile.Layout(rawValue: $0.replacing("angles", with: "views")) }
  }
}

extension ValueReader where Value == CenterChoice {
  /// The number of a bin, or the word `auto`.
  package static var center: ValueReader {
    ValueReader(
      placeholder: "BIN|auto", expectation: "the number of a bin, e.g. 296.1, or auto"
    ) { text in
      text == "auto" ? .automatic : NumberRule.any.read(text).map { .bin($0) }
    }
  }
}

extension ValueReader where Value == PixelSize {
  /// `N` for a square slice, or `WIDTHxHEIGHT`.
  package static var sliceSize: ValueReader {
    let size = ValueReader.size
    return ValueReader(
      placeholder: "N|WxH",
      expectation: "the pixels of a side, e.g. 256, or a width and a height, e.g. 435x326"
    ) { text in
      size.read(Int(text) == nil ? text : "\(text)x\(text)")
    }
  }
}

extension ValueReader where Value == ViewSelection {
  /// `START:STOP` or `START:STOP:STEP`; each number can be left out.
  package static var views: ValueReader {
    ValueReader(
      placeholder: "START:STOP:STEP",
      expectation: "START:STOP:STEP of whole numbers, each of which can be left out, e.g. 0::2"
    ) { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      let numbers = parts.map { $0.isEmpty ? nil : Int($0) }
      guard 2...3 ~= parts.count,
        zip(parts, numbers).allSatisfy({ $0.isEmpty || ($1 ?? -1) >= 0 }),
        parts.count == 2 || numbers[2] != 0
      else { return nil }
      return ViewSelection(
        start: numbers[0] ?? 0, stop: numbers[1], step: parts.count == 3 ? numbers[2] ?? 1 : 1)
    }
  }
}
