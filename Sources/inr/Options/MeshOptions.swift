import Meshes
import SplineGeometry

/// How a surface is taken out of a field.
package struct MeshOptions: OptionGroup {
  /// How the surface is found.
  package enum Method: String, CaseIterable, Sendable {
    case exact
    case marchingCubes = "marching-cubes"
  }

  /// Where the solid is.
  package enum Inside: String, CaseIterable, Sendable {
    case above, below

    package var side: MarchingCubes.Side { self == .above ? .above : .below }
  }

  /// Nil: as the network allows.
  package let method: Method?
  package let resolution: Int
  package let level: Double?
  package let inside: Inside?
  package let bounds: Box?
  package let rim: MarchingCubes.Rim
  package let isSparse: Bool
  package let isTriangulated: Bool
  package let search: LevelSearch

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    method = try Self.method(arguments)
    resolution = arguments[Self.resolutionOption] ?? 256
    level = arguments[Self.levelOption]
    inside = arguments[Self.insideOption]
    rim = arguments[Self.cap] ? .capped : .open
    isSparse = arguments[Self.sparse]
    isTriangulated = arguments[Self.triangulate]
    search = arguments[Self.seeds].map { .lattice($0) } ?? .complete
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

  /// The options of marching cubes choose that method.
  private static func method(_ arguments: ParsedArguments) throws(UsageError) -> Method? {
    let method = arguments[methodOption]
    if method == .exact {
      try arguments.refuse(
        ofMarchingCubes, because: "the exact surface has no grid; for --method marching-cubes only")
    }
    if method == .marchingCubes { try refuseOptionsOfExactSurfaces(arguments) }
    let isSampled = ofMarchingCubes.contains { arguments.texts[$0.specification.name] != nil }
    return method ?? (isSampled ? .marchingCubes : nil)
  }

  static func refuseOptionsOfExactSurfaces(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.refuse(
      [seeds], because: "marching cubes looks at all samples; for exact surfaces only")
  }

  package static let methodOption = Option(
    "method", .choice(of: Method.self),
    help:
      "How the surface is found: by its flat faces, which a network has whose hidden layers are "
      + "all relu or leaky-relu and that has no encoding; or by samples on a grid, of any field.",
    default: "exact where the network allows, unless an option asks for a grid")
  package static let resolutionOption = Option(
    "resolution", .integer(.range(1...32768)),
    help: "Marching cubes: cells along the longest side of the box.",
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
  package static let boundsOption = Option(
    "bounds", .numbers(.any, count: 6), placeholder: "X0,X1,Y0,Y1,Z0,Z1",
    help: "Where to look, in the shape's own coordinates.",
    default: "the box that the model was trained in, else -1 to 1")
  package static let cap = Flag(
    "cap", help: "Close the surface where the solid reaches the sides of the box.")
  package static let sparse = Flag(
    "sparse",
    help:
      "Marching cubes: look at every 8th sample first, and follow from there what is found. Faster, but parts "
      + "that lie between these samples and touch no other part are missed.")
  package static let triangulate = Flag(
    "triangulate",
    help:
      "Divide the faces of an exact surface into triangles; else they are polygons, except in .stl "
      + "files.")

  package static let seeds = Option(
    "seeds", .lattice,
    help:
      "Follow the exact surface from where it meets the edges of a grid of N cells along each side of "
      + "the box. Several times faster than the proof that nothing is missed, but parts that meet no such "
      + "edge are.",
    default: "none: no part is missed")

  /// What means something for networks alone.
  static let ofNetworks: [any OptionDefinition] =
    [resolutionOption, OutputChoice.option, boundsOption, sparse, seeds] + ModelOptions.ofNetworks
    + ModelOptions.ofSplines

  /// What means something for samples on a grid alone.
  static let ofMarchingCubes: [any OptionDefinition] = [resolutionOption, sparse]

  package static var section: OptionSection {
    OptionSection(
      "Surface",
      [
        methodOption, levelOption, insideOption, OutputChoice.option, boundsOption, cap,
        triangulate, seeds, resolutionOption, sparse,
      ])
  }
}

extension ValueReader where Value == Int {
  /// `grid:N`.
  fileprivate static var lattice: ValueReader {
    ValueReader(
      placeholder: "grid:N", expectation: "grid: and a whole number from 1 to 1024, e.g. grid:64"
    ) { text in
      guard text.hasPrefix("grid:"), let count = Int(text.dropFirst(5)) else { return nil }
      return (1...1024).contains(count) ? count : nil
    }
  }
}
