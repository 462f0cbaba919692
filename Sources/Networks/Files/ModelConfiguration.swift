/// What the metadata of a network file says: the JSON object under the key `inr`.
struct ModelConfiguration: Equatable {
  static let metadataKey = "inr"
  static let format = 1
  static let ownKeys: Set = [
    "format", "activation", "constants", "encoding", "coordinates", "axes",
  ]

  /// An encoding without its frequencies or tables, which are tensors.
  enum EncodingKind: Equatable {
    case none, fourier
    case grid([GridEncoding.Level], features: Int)
    case positional(frequencies: Int)
  }

  /// Names of the hidden layers' activations: one for all of them, or one for each.
  enum Activations: Equatable {
    case same(String)
    case each([String])
  }

  var activations: Activations
  /// By name, a value for each hidden layer, or `nil` where the layer's activation lacks it.
  var constants: [String: [Float?]]
  var encoding: EncodingKind
  var coordinates: PixelCoordinates?
  var axes: PictureAxes?
  var properties: [String: JSON]

  /// What is wrong with a configuration.
  enum Problem: Error {
    case text(String)
    case newerFormat(Int)
  }

  init(_ model: Model) {
    let hidden = model.network.layers.dropLast().compactMap(\.activation)
    let names = hidden.map(name(of:))
    activations = Set(names).count == 1 ? .same(names[0]) : .each(names)
    constants = [:]
    for name in Set(hidden.flatMap { type(of: $0).constants.map(\.name) }) {
      constants[name] = hidden.map { $0.value(of: name) }
    }
    switch model.network.encoding {
    case .none: encoding = .none
    case .positional(let frequencies): encoding = .positional(frequencies: frequencies)
    case .fourier: encoding = .fourier
    case .grid(let grid): encoding = .grid(grid.levels, features: grid.features)
    }
    coordinates = model.coordinates
    axes = model.axes
    properties = model.properties.filter { !Self.ownKeys.contains($0.key) }
  }

  init(_ json: JSON) throws(Problem) {
    guard case .object(let object) = json else { throw .text("\"inr\" is no JSON object") }
    guard case .integer(let format) = object["format"], format > 0 else {
      throw .text("\"format\" is not a positive whole number")
    }
    guard format <= Self.format else { throw .newerFormat(format) }
    activations = try Self.activations(object["activation"])
    constants = try Self.constants(object["constants"])
    encoding = try Self.encoding(object["encoding"])
    coordinates = try Self.choice("coordinates", object["coordinates"])
    axes = try Self.choice("axes", object["axes"])
    properties = object.filter { !Self.ownKeys.contains($0.key) }
  }
}

// Reading.
extension ModelConfiguration {
  private static func activations(_ json: JSON?) throws(Problem) -> Activations {
    switch json {
    case .string(let name): return .same(name)
    case .array(let names):
      let strings = names.compactMap(\.string)
      if strings.count == names.count { return .each(strings) }
      fallthrough
    default: throw .text("\"activation\" is neither a name nor a list of names")
    }
  }

  private static func constants(_ json: JSON?) throws(Problem) -> [String: [Float?]] {
    guard case .object(let object) = json ?? .object([:]) else {
      throw .text("\"constants\" is no JSON object")
    }
    var constants: [String: [Float?]] = [:]
    for (name, values) in object {
      guard case .array(let values) = values, values.allSatisfy({ $0 == .null || $0.float != nil })
      else { throw .text("the constant \"\(name)\" is not a list of numbers, one for each layer") }
      constants[name] = values.map(\.float)
    }
    return constants
  }

  private static func encoding(_ json: JSON?) throws(Problem) -> EncodingKind {
    guard let json else { return .none }
    guard case .object(let object) = json, let name = object["name"]?.string else {
      throw .text("\"encoding\" is no JSON object with a \"name\"")
    }
    switch name {
    case "none": return .none
    case "fourier": return .fourier
    case "positional":
      guard case .integer(let frequencies) = object["frequencies"], 0...64 ~= frequencies else {
        throw .text("the positional encoding has no number of \"frequencies\" from 0 to 64")
      }
      return .positional(frequencies: frequencies)
    case "grid": return try grid(object)
    default: throw .text("the encoding \"\(name)\" is not none, positional, fourier or grid")
    }
  }

  private static func grid(_ object: [String: JSON]) throws(Problem) -> EncodingKind {
    func integers(_ json: JSON) -> [Int]? {
      guard case .array(let elements) = json else { return nil }
      let numbers = elements.compactMap {
        if case .integer(let number) = $0 { number } else { nil }
      }
      return numbers.count == elements.count ? numbers : nil
    }
    guard case .array(let rows) = object["cells"], case .integer(let features) = object["features"],
      let entries = object["entries"].flatMap(integers), entries.count == rows.count
    else {
      throw .text(
        "the grid encoding lacks \"features\", \"cells\" of each level and axis, or \"entries\" of "
          + "each level")
    }
    let cells = rows.compactMap(integers)
    guard cells.count == rows.count else {
      throw .text("the \"cells\" of the grid encoding are not whole numbers for each axis")
    }
    return .grid(
      zip(cells, entries).map { GridEncoding.Level(cells: $0, entries: $1) }, features: features)
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ json: JSON?
  ) throws(Problem) -> Choice? {
    guard let json, json != .null else { return nil }
    if let name = json.string, let choice = Choice(rawValue: name) { return choice }
    let known = Choice.allCases.map(\.rawValue).joined(separator: " or ")
    throw .text("\"\(key)\" is not \(known)")
  }
}

// Writing.
extension ModelConfiguration {
  var json: JSON {
    var object = properties
    object["format"] = .integer(Self.format)
    switch activations {
    case .same(let name): object["activation"] = .string(name)
    case .each(let names): object["activation"] = .array(names.map(JSON.string))
    }
    object["constants"] = .object(
      constants.mapValues { values in .array(values.map { $0.map { JSON($0) } ?? .null }) })
    switch encoding {
    case .none: object["encoding"] = .object(["name": .string("none")])
    case .fourier: object["encoding"] = .object(["name": .string("fourier")])
    case .positional(let frequencies):
      object["encoding"] = .object([
        "name": .string("positional"), "frequencies": .integer(frequencies),
      ])
    case .grid(let levels, let features):
      object["encoding"] = .object([
        "name": .string("grid"), "features": .integer(features),
        "cells": .array(levels.map { .array($0.cells.map(JSON.integer)) }),
        "entries": .array(levels.map { .integer($0.entries) }),
      ])
    }
    object["coordinates"] = coordinates.map { .string($0.rawValue) }
    object["axes"] = axes.map { .string($0.rawValue) }
    return .object(object)
  }
}
