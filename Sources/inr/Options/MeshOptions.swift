import Meshes

/// How a surface is taken out of a field.
package struct MeshOptions: OptionGroup {
  /// How the surface is found.
  package enum Method: String, CaseIterable, Sendable {
    case marchingCubes = "marching-cubes"
  }

  /// Where the solid is.
  package enum Inside: String, CaseIterable, Sendable {
    case above, below

    package var side: MarchingCubes.Side { self == .above ? .above : .below }
  }

  package let method: Method
  package let resolution: Int
  package let level: Double?
  package let inside: Inside?
  package let output: Int?
  package let bounds: Box?
  package let rim: MarchingCubes.Rim
  package let isSparse: Bool

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    method = arguments[Self.methodOption] ?? .marchingCubes
    resolution = arguments[Self.resolutionOption] ?? 256
    level = arguments[Self.levelOption]
    inside = arguments[Self.insideOption]
    output = arguments[Self.outputIndex]
    rim = arguments[Self.cap] ? .capped : .open
    isSparse = arguments[Self.sparse]
    bounds = try arguments[Self.boundsOption].map { numbers throws(UsageError) in
      let box = Box(
        lower: SIMD3(numbers[0], numbers[2], numbers[4]),
        upper: SIMD3(numbers[1], numbers[3], numbers[5]))
      guard box.size.min() > 0 else {
        throw arguments.wrongValue(
          of: Self.boundsOption, expected: "a box with a volume: x0 < x1, y0 < y1 and z0 < z1")
      }
      return box
    }
  }

  package static let methodOption = Option(
    "method", .choice(of: Method.self), help: "How the surface is found.",
    default: "marching-cubes")
  package static let resolutionOption = Option(
    "resolution", .integer(.range(1...32768)), help: "Cells along the longest side of the box.",
    default: "256")
  package static let levelOption = Option(
    "level", .number(.any), placeholder: "VALUE", help: "The surface is where the field is this.",
    default: "as the model says, else 0; 0.5 for a volume of values from 0 to 1")
  package static let insideOption = Option(
    "inside", .choice(of: Inside.self), placeholder: "above|below",
    help:
      "Whether the solid is where the field is above the level, as an occupancy is, or below it, "
      + "as a signed distance is.",
    default: "as the model says, else above")
  package static let outputIndex = Option(
    "output-index", .integer(.atLeast(0)), placeholder: "K",
    help: "Of a network with several values, the one that is the field, counted from 0.",
    default: "0")
  package static let boundsOption = Option(
    "bounds", .numbers(.any, count: 6), placeholder: "X0,X1,Y0,Y1,Z0,Z1",
    help: "Where to look, in the shape's own coordinates.",
    default: "the box that the model was trained in, else -1 to 1")
  package static let cap = Flag(
    "cap", help: "Close the surface where the solid reaches the sides of the box.")
  package static let sparse = Flag(
    "sparse",
    help: "Look at every 8th sample first, and follow from there what is found. Faster, but parts "
      + "that lie between these samples and touch no other part are missed.")

  /// What means something for networks alone.
  static let ofNetworks: [any OptionDefinition] =
    [resolutionOption, outputIndex, boundsOption, sparse] + ModelOptions.ofNetworks

  package static var section: OptionSection {
    OptionSection(
      "Surface",
      [
        methodOption, resolutionOption, levelOption, insideOption, outputIndex, boundsOption, cap,
        sparse,
      ])
  }
}
