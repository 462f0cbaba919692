import Compute
import Foundation
import ImageFitting
import Imaging
import Meshes
import Networks

extension Command {
  static let render = Command(
    CommandSpecification(
      ["render"], summary: "Draw the picture that a network is, at any size, or a mesh.",
      discussion: [
        "A file whose name ends in .obj, .ply or .stl is a mesh: opaque and matt, lit from the camera, "
          + "before a white background; any other file is a model."
      ],
      operands: [RenderRun.model],
      sections: [
        OptionSection(
          "Picture",
          [
            RenderRun.size, RenderRun.scale, RenderRun.rectangle, RenderRun.bitDepth,
            RenderRun.range, ImageFitOptions.coordinates, RenderRun.axes, RenderRun.output,
          ]
        ).defaults(["coordinates": "as the model says, else pixel-centres"]),
        CameraOptions.section, ModelOptions.section,
      ],
      examples: [
        .init(
          "inr render outputs/cameraman/model.safetensors", "at the size of the picture fitted"),
        .init("inr render model.safetensors --scale 4 -o large.png", "four times as large"),
        .init(
          "inr render model.safetensors --size 8192x8192 --rectangle 4096,2048,512,512",
          "a part of a large rendering"),
        .init(
          "inr render siren.safetensors --activation sine --axes yx --range -1,1 --size 512x512",
          "a SIREN saved from PyTorch"),
        .init("inr render bunny.ply --azimuth 120 -o bunny.png", "a mesh, seen from behind"),
      ]),
    run: { try RenderRun($0).run() })
}

/// One call of `inr render`.
struct RenderRun {
  static let model = Operand.required(
    "MODEL|MESH", help: "A safetensors file, or a .obj, .ply or .stl file.")
  static let size = Option(
    "size", .size, help: "Pixels of the whole picture.",
    default: "as fitted, or 512x512 if the model does not say; 1024x768 for a mesh")
  static let scale = Option(
    "scale", .number(.positive(example: "2")), placeholder: "FACTOR",
    help: "Size as a multiple of that of the picture fitted.")
  static let rectangle = Option(
    "rectangle", .numbers(.nonNegative, count: 4), placeholder: "X,Y,WIDTH,HEIGHT",
    help: "Draw only this part: left, top, width and height in pixels of the whole picture.")
  static let bitDepth = Option(
    "bit-depth", .choice(["8", "16"]), placeholder: "8|16", help: "Bits of a PNG file's samples.",
    default: "as the picture fitted, else 8")
  static let range = Option(
    "range", .numbers(.any, count: 2), placeholder: "BLACK,WHITE",
    help: "Values of the network that become black and white.", default: "0,1")
  static let axes = Option(
    "axes", .choice(of: PictureAxes.self),
    help: "Order of the coordinates: x to the right, y downwards.",
    default: "as the model says, else xy")
  static let output = Option(
    "output", short: "o", .text("a .png or .npy file"), placeholder: "FILE",
    help: "Where the picture goes.", default: "the name of MODEL or MESH with .png")

  let arguments: ParsedArguments
  let options: ModelOptions
  let console = Console(.normal)

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    options = try ModelOptions(arguments)
    try arguments.exclude(Self.size, Self.scale, because: "both say how large the picture is")
    if let range = arguments[Self.range], range[0] == range[1] {
      throw arguments.wrongValue(of: Self.range, expected: "two different numbers")
    }
    if MeshFormat(endingOf: arguments[Self.model]) != nil {
      let ofModels: [any OptionDefinition] =
        [Self.scale, Self.rectangle, Self.range, Self.axes, ImageFitOptions.coordinates]
        + ModelOptions.ofNetworks
      try arguments.refuse(ofModels, because: "a mesh is no picture of a network")
    } else {
      try arguments.refuse(CameraOptions.options, because: "only meshes are seen from somewhere")
    }
  }

  func run() throws {
    let path = arguments[Self.model]
    let output =
      arguments[Self.output]
      ?? URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".png"
    _ = try Image.FileFormat(endingOf: output)
    if MeshFormat(endingOf: path) != nil {
      return try RenderMeshRun(arguments, path: path, output: output).run()
    }
    if let blocks = try BlockModel.ifStored(in: path) {
      return try RenderBlocksRun(run: self, path: path, output: output, model: blocks).draw()
    }
    let model = try readModel(path, options, telling: console)
    guard model.network.inputs == 2, 1...4 ~= model.network.outputs else {
      throw CommandError.notAPicture(
        path: path, inputs: model.network.inputs, outputs: model.network.outputs)
    }
    let lattice = try lattice(for: model, path: path)
    let bitDepth = try bitDepth(for: model, path: path)
    try checkMemory(
      width: lattice.width, height: lattice.height, channels: model.network.outputs)
    let evaluator = FieldEvaluator(
      model.network, workers: Workers(count: options.threads ?? Workers.processorCount))
    let samples = shaded(evaluator.values(at: lattice))
    if let i = samples.firstIndex(where: { !$0.isFinite }) {
      let (row, column) = (i / model.network.outputs).quotientAndRemainder(
        dividingBy: lattice.width)
      throw CommandError.notFinite(path: path, value: samples[i], column: column, row: row)
    }
    let image = Image(
      width: lattice.width, height: lattice.height, channels: model.network.outputs,
      samples: samples, bitDepth: bitDepth)
    try image.write(to: output)
    console.message("\(output): \(image.width) x \(image.height) pixels")
  }

  private func lattice(for model: Model, path: String) throws -> PixelLattice {
    let size = try size(for: model, path: path)
    let part = try rectangle(width: size.width, height: size.height)
    try checkCount(part)
    return PixelLattice(
      width: size.width, height: size.height, rectangle: part,
      coordinates: arguments[ImageFitOptions.coordinates] ?? model.coordinates ?? .pixelCentres,
      axes: arguments[Self.axes] ?? model.axes ?? .xy)
  }

  /// Pixels of the whole picture.
  private func size(for model: Model, path: String) throws -> PixelSize {
    if let size = arguments[Self.size] { return size }
    let sides = try ["width", "height"].map { name in
      let side = model.integer(name) ?? 512
      guard 1...PixelSize.largestSide ~= side else {
        throw CommandError.wrongProperty(
          path: path, name: name, found: side,
          expected: "1 to \(PixelSize.largestSide); give the --size")
      }
      return side
    }
    return try size(fitted: PixelSize(width: sides[0], height: sides[1]))
  }

  /// Pixels of the whole picture, if the one fitted has so many.
  func size(fitted: PixelSize) throws -> PixelSize {
    if let size = arguments[Self.size] { return size }
    let sides = [fitted.width, fitted.height].map {
      (Double($0) * (arguments[Self.scale] ?? 1)).rounded()
    }
    guard sides.allSatisfy({ 1...Double(PixelSize.largestSide) ~= $0 }) else {
      throw arguments.wrongValue(
        of: Self.scale, expected: "a picture of 1 to \(PixelSize.largestSide) pixels a side")
    }
    return PixelSize(width: Int(sides[0]), height: Int(sides[1]))
  }

  func rectangle(width: Int, height: Int) throws -> PixelRectangle {
    guard let numbers = arguments[Self.rectangle] else {
      return PixelRectangle(x: 0, y: 0, width: width, height: height)
    }
    let largest = Double(PixelSize.largestSide)
    let whole = numbers.compactMap { $0 <= largest ? Int(exactly: $0) : nil }
    guard whole.count == 4, whole[2] > 0, whole[3] > 0, whole[0] + whole[2] <= width,
      whole[1] + whole[3] <= height
    else {
      throw arguments.wrongValue(
        of: Self.rectangle,
        expected: "four whole numbers, and a part of the \(width) x \(height) pixels")
    }
    return PixelRectangle(x: whole[0], y: whole[1], width: whole[2], height: whole[3])
  }

  private func bitDepth(for model: Model, path: String) throws -> Image.BitDepth {
    try bitDepth(fitted: model.integer("bit_depth") ?? 8, path: path)
  }

  func bitDepth(fitted: Int, path: String) throws -> Image.BitDepth {
    let bits = arguments[Self.bitDepth].flatMap { Int($0) } ?? fitted
    guard let depth = Image.BitDepth(rawValue: bits) else {
      throw CommandError.wrongProperty(
        path: path, name: "bit_depth", found: bits, expected: "8 or 16; give the --bit-depth")
    }
    return depth
  }

  /// Throws if a picture of so many pixels cannot be held.
  func checkCount(_ part: PixelRectangle) throws {
    guard part.width * part.height <= Int(Int32.max) else {
      throw CommandError.tooManyPixels(width: part.width, height: part.height)
    }
  }

  func checkMemory(width: Int, height: Int, channels: Int) throws {
    // The samples, twice where they are shaded or go to a .npy file, and those of the file.
    // (Measured: up to 13.3 bytes a sample.)
    let needed = width * height * channels * 14
    guard let available = Machine.availableMemory, needed >= available else { return }
    throw CommandError.memory(
      width: width, height: height, needed: needed, available: available)
  }

  /// Values with black and white moved to 0 and 1.
  private func shaded(_ values: [Float]) -> [Float] {
    guard let range = arguments[Self.range] else { return values }
    let (black, span) = (Float(range[0]), Float(range[1] - range[0]))
    return values.map { ($0 - black) / span }
  }
}

extension Model {
  /// A whole number that a task left in the file.
  func integer(_ name: String) -> Int? {
    guard case .integer(let value) = properties[name] else { return nil }
    return value
  }
}
