import Foundation
import Networks
import ShapeFitting
import Training

/// What of a solid is fitted, and where its samples are.
package struct ShapeFitOptions: OptionGroup {
  private let arguments: ParsedArguments

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    self.arguments = arguments
    try arguments.exclude(
      Self.bounds, Self.margin, because: "--bounds says where the box is, --margin how far around")
    if let counts = arguments[Self.packed] {
      guard counts.allSatisfy({ $0 >= 1 && $0 <= 65_536 && $0 == $0.rounded() }) else {
        throw arguments.wrongValue(of: Self.packed, expected: "three whole numbers from 1 to 65536")
      }
    }
  }

  /// Puts what was given in the place of defaults.
  func apply(to configuration: inout ShapeFitConfiguration) throws {
    let target = target(of: configuration.shape)
    configuration.target = target
    configuration.loss = arguments[Self.loss] ?? ShapeFitConfiguration.losses(of: target)[0]
    configuration.eikonal = arguments[Self.eikonal] ?? configuration.eikonal
    configuration.bounds = arguments[Self.bounds]
    configuration.margin = arguments[Self.margin] ?? configuration.margin
    configuration.threshold = arguments[Self.threshold] ?? configuration.threshold
    configuration.packed = arguments[Self.packed].map { $0.map { Int($0) } }
    configuration.samples = arguments[Self.samples] ?? configuration.samples
    configuration.nearShare = arguments[Self.nearShare] ?? configuration.nearShare
    configuration.nearSpread = arguments[Self.nearSpread] ?? configuration.nearSpread
    configuration.gridResolution = arguments[Self.grid] ?? configuration.gridResolution
    configuration.meshResolution = arguments[Self.resolution] ?? configuration.meshResolution
  }

  func target(of path: String) -> ShapeField.Target {
    arguments[Self.target] ?? RecommendedShapeSettings.target(of: path)
  }

  /// Options that do not fit the kind of the shape.
  func check(path: String) throws(UsageError) {
    let (isVolume, target) = (ShapeFitConfiguration.isVolume(path), target(of: path))
    if target == .occupancy, arguments.isGiven(Self.eikonal) {
      throw arguments.error(
        .notApplicable(
          option: "--eikonal", reason: "only distances have slopes of length 1 (--target sdf)"))
    }
    let losses = ShapeFitConfiguration.losses(of: target)
    if let loss = arguments[Self.loss], !losses.contains(loss) {
      let expected = losses.map(\.rawValue).joined(separator: " or ")
      throw arguments.wrongValue(
        of: Self.loss, expected: "\(expected), which go with --target \(target.rawValue)")
    }
    let wrong: [any OptionDefinition] =
      isVolume ? [Self.bounds, Self.margin, Self.grid] : [Self.threshold, Self.packed]
    for option in wrong where arguments.texts[option.specification.name] != nil {
      throw arguments.error(
        .notApplicable(
          option: "--\(option.specification.name)",
          reason: isVolume
            ? "a volume is fitted as a whole, on its own voxels" : "only a volume (.npy) has voxels"
        ))
    }
  }
}

extension ShapeFitOptions {
  package static let target = Option(
    "target", .choice(of: ShapeField.Target.self),
    help: "What the network says of a point: whether it is inside, or its signed distance from the "
      + "surface (negative inside).",
    default: "sdf for a mesh, occupancy for a volume")
  package static let loss = Option(
    "loss", .choice(of: ShapeFitConfiguration.Loss.self),
    help: "Squared error, cross-entropy of logits (occupancies), absolute error (distances).",
    default: "absolute for sdf, cross-entropy for occupancy")
  package static let eikonal = Option(
    "eikonal", .number(.nonNegative), placeholder: "WEIGHT",
    help: "Weight of the squared deviation of the gradient's length from 1; doubles the time.",
    default: "0")
  package static let bounds = Option(
    "bounds", .numbers(.any, count: 6), placeholder: "X0,X1,Y0,Y1,Z0,Z1",
    help: "The box of the network, in the mesh's coordinates.")
  package static let margin = Option(
    "margin", .number(.nonNegative), placeholder: "SHARE",
    help: "What the box leaves free around the mesh, in shares of its longest side.", default: "0.1"
  )
  package static let threshold = Option(
    "threshold", .number(.any), placeholder: "VALUE",
    help: "Elements of a volume above it are full.",
    default: "0.5")
  package static let packed = Option(
    "packed", .numbers(.positive(example: "512"), count: 3), placeholder: "D,H,W",
    help: "The volume's shape, if the file holds bits packed by numpy.packbits.")
  package static let samples = Option(
    "samples", .integer(.range(1...100_000_000)), placeholder: "N",
    help: "Points of an epoch; each epoch draws its own.", default: "262144")
  package static let nearShare = Option(
    "near-share", .number(.range(0...1)), placeholder: "SHARE",
    help: "Share of the points that is near the surface; the others are anywhere in the box.",
    default: "0.8 for sdf, 0.5 for occupancy")
  package static let nearSpread = Option(
    "near-spread", .number(.positive(example: "0.005")), placeholder: "SHARE",
    help: "Their standard deviation from the surface, in shares of the box's longest side; half of "
      + "them have a quarter of it.", default: "0.005")
  package static let grid = Option(
    "grid", .integer(.range(2...2048)), placeholder: "N",
    help: "Voxels along the longest side of the grid on which the fit to a mesh is judged.",
    default: "128")
  package static let resolution = Option(
    "resolution", .integer(.range(1...4096)), placeholder: "N",
    help: "Cells of marching cubes along the longest side, for the mesh of the result.",
    default: "192")

  package static var section: OptionSection {
    OptionSection(
      "Shape",
      [
        target, loss, eikonal, bounds, margin, threshold, packed, samples, nearShare, nearSpread,
        grid, resolution,
      ])
  }
}

extension ShapeFitConfiguration {
  /// What was given on the command line, and recommended settings for the rest.
  init(_ arguments: ParsedArguments, _ options: TrainingOptions, shape path: String) throws {
    let network = try NetworkOptions(arguments)
    let given = try ShapeFitOptions(arguments)
    try given.check(path: path)
    let initial = network.initialModel.map {
      InitialModel(
        path: URL(fileURLWithPath: $0).path, activation: network.activation,
        constants: network.constants, firstConstants: network.firstLayerConstants)
    }
    let model = try initial?.read()
    let activation =
      model?.network.activationName ?? network.activation(else: RecommendedShapeSettings.activation)
    try network.checkConstants(of: activation)
    var settings = RecommendedShapeSettings(
      activation: activation, size: network.size(of: model), target: given.target(of: path))
    let encoding = model?.network.encoding.kind ?? network.encoding
    if encoding == .grid { settings.takeGrid() }
    settings.architecture.apply(
      network, fourierScale: settings.fourierScale, grid: settings.grid)
    try network.checkGrid(of: settings.architecture.features.kind, axes: 3)
    try options.checkTracking(
      of: model?.network, else: settings.architecture, arguments)
    self.init(
      shape: URL(fileURLWithPath: path).path, architecture: settings.architecture,
      training: settings.training)
    nearShare = settings.nearShare
    try given.apply(to: &self)
    training.batch = min(training.batch, samples)
    training.apply(options, samples: samples, trainsConstants: network.trainsConstants)
    if training.schedule.warmUp > 1 {
      throw arguments.wrongValue(
        of: TrainingOptions.warmUp, expected: "at most the \(training.steps) steps of the run")
    }
    initialModel = initial
    timeLimit = options.timeLimit
  }
}
