import Meshes
import Networks

/// What the values of a network of a solid mean, and where: all that is needed to get its surface
/// back, in the coordinates of the shape that it was fitted to.
///
/// It stands in the model file (`Documentation/NetworkFile.md`).
public struct ShapeField: Sendable, Equatable {
  /// What the network was fitted to.
  public enum Target: String, Sendable, Codable, CaseIterable {
    /// 1 inside, 0 outside (or logits of that).
    case occupancy
    /// The distance to the surface in the network's coordinates, negative inside.
    case sdf
  }

  public var target: Target
  /// The surface is where the network has this value.
  public var level: Double
  /// Where the network was trained, in its own coordinates.
  public var box: Box
  /// From the shape's coordinates to the network's.
  public var transformation: Similarity

  public init(
    target: Target = .occupancy, level: Double = 0,
    box: Box = Box(lower: [-1, -1, -1], upper: [1, 1, 1]),
    transformation: Similarity = Similarity()
  ) {
    self.target = target
    self.level = level
    self.box = box
    self.transformation = transformation
  }

  /// Which side of the level is the solid.
  public var inside: MarchingCubes.Side { target == .occupancy ? .above : .below }

  /// Whether a value is inside the solid, as marching cubes has it.
  public func isInside(_ value: Float) -> Bool {
    target == .occupancy ? Double(value) >= level : Double(value) < level
  }
}

// MARK: - In the model file

extension ShapeField {
  /// As the model file has it.
  public var properties: [String: JSON] {
    [
      "task": .string("shape"), "target": .string(target.rawValue), "level": JSON(level),
      "box": .array((box.lower.numbers + box.upper.numbers).map { JSON($0) }),
      "scale": JSON(transformation.scale),
      "translation": .array(transformation.translation.numbers.map { JSON($0) }),
    ]
  }

  /// What a model file says.
  ///
  /// - Returns: nil if the model was not fitted to a solid.
  /// - Throws: if it was, but something of it is missing or wrong.
  public init?(_ model: Model, path: String) throws(ShapeFieldError) {
    let properties = model.properties
    guard properties["task"] == .string("shape") else { return nil }
    func numbers(_ name: String, _ count: Int) throws(ShapeFieldError) -> [Double] {
      let list: [JSON] =
        switch properties[name] {
        case .array(let list): list
        case let value?: [value]
        case nil: []
        }
      let numbers = list.compactMap(\.double).filter(\.isFinite)
      guard numbers.count == count, list.count == count else {
        throw .wrong(path: path, name: name, expected: count == 1 ? "a number" : "\(count) numbers")
      }
      return numbers
    }
    guard case .string(let name) = properties["target"], let target = Target(rawValue: name) else {
      throw .wrong(path: path, name: "target", expected: "occupancy or sdf")
    }
    let (box, scale) = (try numbers("box", 6), try numbers("scale", 1)[0])
    let translation = try numbers("translation", 3)
    let corners = (SIMD3(box[0], box[1], box[2]), SIMD3(box[3], box[4], box[5]))
    guard (corners.1 - corners.0).min() > 0 else {
      throw .wrong(path: path, name: "box", expected: "lower corner, upper corner")
    }
    guard scale > 0 else { throw .wrong(path: path, name: "scale", expected: "a positive number") }
    self.init(
      target: target, level: try numbers("level", 1)[0],
      box: Box(lower: corners.0, upper: corners.1),
      transformation: Similarity(
        scale: scale, translation: SIMD3(translation[0], translation[1], translation[2])))
  }
}

/// A model file whose description of a solid cannot be used.
public enum ShapeFieldError: Error, Equatable, CustomStringConvertible {
  case wrong(path: String, name: String, expected: String)

  public var description: String {
    switch self {
    case .wrong(let path, let name, let expected):
      "\(path): the metadata of this model of a solid have no usable \"\(name)\", expected \(expected)"
    }
  }
}

extension SIMD3<Double> {
  var numbers: [Double] { [x, y, z] }
}

extension JSON {
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
