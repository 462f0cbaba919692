import SplineGeometry

/// Which part of the input space is divided into regions, and how it is drawn.
struct RegionOptions: OptionGroup {
  /// What the regions' colours tell.
  enum Coloring: String, CaseIterable, Sendable {
    case slope, pattern, layer, plain
  }

  /// The numbers of `--plane` or `--through`.
  struct Plane: Sendable {
    /// The origin and two directions, or three points.
    let vectors: [[Double]]
    let option: Option<[[Double]]>
    let isThroughPoints: Bool
  }

  let plane: Plane?
  let segment: [[Double]]?
  /// Two or four numbers.
  let bounds: [ClosedRange<Double>]?
  /// Counter-clockwise.
  let polygon: [SIMD2<Double>]?
  let level: Double?
  let coloring: Coloring
  let showsLayers: Bool
  /// Pixels of the longest side.
  let size: Int?
  let y: ContourOptions.YDirection?
  let maximum: Int

  init(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.exclude(
      Self.planeOption, Self.throughOption, because: "both say which plane to look at")
    try arguments.exclude(
      Self.boundsOption, Self.polygonOption, because: "both say where to look")
    for other in [Self.boundsOption as any OptionDefinition] + Self.ofPlanes {
      try arguments.exclude(
        Self.segmentOption, other, because: "a segment has its ends, and a graph for its drawing")
    }
    plane = Plane(arguments)
    segment = arguments[Self.segmentOption]
    bounds = try Self.readBounds(arguments)
    polygon = arguments[Self.polygonOption].map(Self.counterClockwise)
    level = arguments[Self.levelOption]
    coloring = arguments[Self.colorOption] ?? .slope
    showsLayers = arguments[Self.layers]
    size = arguments[Self.sizeOption]
    y = arguments[ContourOptions.yOption]
    maximum = arguments[Self.maximumOption] ?? 20_000_000
  }

  private static func readBounds(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> [ClosedRange<Double>]? {
    guard let numbers = arguments[boundsOption] else { return nil }
    guard numbers.count == 2 || numbers.count == 4 else {
      throw arguments.wrongValue(
        of: boundsOption, expected: "4 numbers for a plane, or 2 for a network of one coordinate")
    }
    for k in stride(from: 0, to: numbers.count, by: 2) where numbers[k] >= numbers[k + 1] {
      throw arguments.wrongValue(
        of: boundsOption, expected: "ends in ascending order: S0 < S1 and T0 < T1")
    }
    return stride(from: 0, to: numbers.count, by: 2).map { numbers[$0]...numbers[$0 + 1] }
  }

  private static func counterClockwise(_ corners: [[Double]]) -> [SIMD2<Double>] {
    let points = corners.map { SIMD2($0[0], $0[1]) }
    var area = 0.0
    for (k, a) in points.enumerated() {
      let (p, q) = (a - points[0], points[(k + 1) % points.count] - points[0])
      area += p.x * q.y - p.y * q.x
    }
    return area < 0 ? points.reversed() : points
  }

  static let planeOption = Option(
    "plane", .vectors(count: 3), placeholder: "'O;U;V'",
    help:
      "Look at the plane x = O + s U + t V, each a vector with commas between its numbers: "
      + "'0,0,0;1,0,0;0,1,0' is the plane z = 0.")
  static let throughOption = Option(
    "through", .vectors(count: 3), placeholder: "'P;Q;R'",
    help: "Look at the plane through three points: P is at s = t = 0, Q at s = 1, R at t = 1.")
  static let segmentOption = Option(
    "segment", .vectors(count: 2), placeholder: "'A;B'",
    help: "Look at the segment between two points, t from 0 at A to 1 at B.")
  static let boundsOption = Option(
    "bounds", .numbers(.any), placeholder: "S0,S1,T0,T1",
    help:
      "Where to look, in the plane's coordinates, or the network's own; S0,S1 of a network of one "
      + "coordinate.",
    default: "the box that the file tells of such coordinates, else -1 to 1")
  static let polygonOption = Option(
    "polygon", .vectors(atLeast: 3, ofLength: 2), placeholder: "'S,T;S,T;...'",
    help: "Look inside this convex polygon.")
  static let levelOption = Option(
    "level", .number(.any), placeholder: "VALUE",
    help: "The value whose level set is drawn on top, in red.", default: "0; 0.5 for a picture")
  static let colorOption = Option(
    "color", .choice(of: Coloring.self), placeholder: "NAME",
    help:
      "What a drawing shows: slope, the length of the regions' gradients; pattern, a hue for each "
      + "activation pattern, the same while a network trains; layer, edges in the colour of the "
      + "layer that bends there; plain, edges alone.",
    default: "slope")
  static let layers = Flag(
    "layers",
    help: "Draw a picture for each hidden layer: the regions of the layers up to it, and how its "
      + "neurons' lines are folded by those before.")
  static let sizeOption = Option(
    "size", .integer(.range(16...16384)), placeholder: "N",
    help: "Pixels of a drawing's longest side.", default: "800; of each picture of --layers 400")
  static let maximumOption = Option(
    "max-regions", .integer(.range(1...1_000_000_000)), placeholder: "N",
    help: "Stop at so many regions, write what was found, and fail.", default: "20000000")

  /// Options that mean nothing along a line.
  static var ofPlanes: [any OptionDefinition] {
    [planeOption, throughOption, polygonOption, colorOption, layers, ContourOptions.yOption]
  }

  static var section: OptionSection {
    OptionSection(
      "Where",
      [planeOption, throughOption, segmentOption, boundsOption, polygonOption, maximumOption])
  }

  static var drawing: OptionSection {
    OptionSection(
      "Drawing",
      [colorOption, layers, levelOption, OutputChoice.option, sizeOption, ContourOptions.yOption])
  }
}

extension RegionOptions.Plane {
  /// Nil if no plane is given.
  init?(_ arguments: ParsedArguments) {
    if let vectors = arguments[RegionOptions.planeOption] {
      self.init(vectors: vectors, option: RegionOptions.planeOption, isThroughPoints: false)
    } else if let points = arguments[RegionOptions.throughOption] {
      self.init(vectors: points, option: RegionOptions.throughOption, isThroughPoints: true)
    } else {
      return nil
    }
  }

  /// The plane in a network's input space.
  func slice(of network: SplineNetwork, _ arguments: ParsedArguments) throws -> AffineSlice {
    try arguments.checkLength(of: vectors, option, inputs: network.inputs)
    do throws(SplineNetworkError) {
      return isThroughPoints
        ? try AffineSlice(through: vectors)
        : try AffineSlice(origin: vectors[0], directions: Array(vectors.dropFirst()))
    } catch {
      throw arguments.wrongValue(
        of: option,
        expected: isThroughPoints
          ? "three points that do not lie on a line"
          : "two directions that are not 0 and not along one line")
    }
  }
}

extension ParsedArguments {
  /// Throws if an option's vectors are no points of a network.
  func checkLength(
    of vectors: [[Double]], _ option: Option<[[Double]]>, inputs: Int
  ) throws(UsageError) {
    guard vectors[0].count == inputs else {
      throw wrongValue(
        of: option,
        expected: "vectors of \(counted(inputs, "number")), the network's coordinates")
    }
  }
}

extension ValueReader where Value == [[Double]] {
  /// Vectors of one length with semicolons between them.
  static func vectors(count: Int) -> ValueReader {
    vectors(
      "\(count) vectors of one length with semicolons between them, e.g. '"
        + Array(repeating: "0,0,1", count: count).joined(separator: ";") + "'"
    ) { $0.count == count && $0[0].count == $0[count - 1].count }
  }

  static func vectors(atLeast count: Int, ofLength length: Int) -> ValueReader {
    vectors(
      "at least \(count) points of \(length) numbers with semicolons between them, e.g. "
        + "'0,0;1,0;0,1'"
    ) { $0.count >= count && $0[0].count == length }
  }

  private static func vectors(
    _ expectation: String, _ isRight: @escaping @Sendable ([[Double]]) -> Bool
  ) -> ValueReader {
    ValueReader(placeholder: "VECTORS", expectation: expectation) { text in
      let vectors = text.split(separator: ";", omittingEmptySubsequences: false).map { vector in
        vector.split(separator: ",", omittingEmptySubsequences: false).map {
          Double($0.trimmingPrefix(" "))
        }
      }
      let numbers = vectors.map { $0.compactMap { $0 } }
      guard zip(vectors, numbers).allSatisfy({ $0.count == $1.count }),
        numbers.allSatisfy({ $0.count == numbers[0].count && $0.allSatisfy(\.isFinite) }),
        isRight(numbers)
      else { return nil }
      return numbers
    }
  }
}
