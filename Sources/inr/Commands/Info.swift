import Foundation
import ImageFitting
import Networks
import SplineGeometry

extension Command {
  static let info = Command(
    CommandSpecification(
      ["info"], summary: "Tell what a model file holds.",
      operands: [Description.model],
      sections: [
        OptionSection("Output", [TrainingOptions.json]), ModelOptions.section,
      ],
      examples: [
        .init("inr info outputs/cameraman/model.safetensors", "layers, sizes, constants"),
        .init("inr info network.onnx", "of another program's network"),
      ]),
    run: { try Description($0).run() })
}

/// One call of `inr info`.
private struct Description {
  static let model = Operand.required("MODEL", help: "A safetensors or ONNX file.")

  struct LayerRecord: Encodable {
    let inputs: Int
    let units: Int
    let maps: Int
    let field: String
    let activation: String?
    let constants: [String: Float]
    let parameters: Int
  }

  struct Record: Encodable {
    let network: String
    let inputs: Int
    let outputs: Int
    let encoding: String
    let parameters: Int
    let coordinates: String?
    let axes: String?
    let properties: [String: JSON]
    let layers: [LayerRecord]
    let ignoredTensors: [String]
  }

  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    if let blocks = try BlockModel.ifStored(in: arguments[Self.model]) {
      return try describe(BlockModelRecord(blocks))
    }
    let found = try SplineModel.read(
      arguments[Self.model], try ModelOptions(arguments), telling: Console(.normal))
    let isJSON = arguments[TrainingOptions.json]
    if let model = found.model {
      let record = Record(model)
      try StandardOutput.write(isJSON ? try jsonText(record) + "\n" : record.text)
    } else if let imported = found.imported {
      let record = ImportRecord(imported)
      try StandardOutput.write(isJSON ? try jsonText(record) + "\n" : record.text)
    }
  }

  private func describe(_ record: BlockModelRecord) throws {
    try StandardOutput.write(
      arguments[TrainingOptions.json] ? try jsonText(record) + "\n" : record.text)
  }
}

extension Description.Record {
  fileprivate init(_ model: Model) {
    let network = model.network
    self.init(
      network: network.summary, inputs: network.inputs, outputs: network.outputs,
      encoding: network.encoding.name, parameters: network.parameterCount,
      coordinates: model.coordinates?.rawValue, axes: model.axes?.rawValue,
      properties: model.properties, layers: network.layers.map { Description.LayerRecord($0) },
      ignoredTensors: model.ignoredTensors)
  }

  fileprivate var text: String {
    var lines = ["network     \(network)", "parameters  \(parameters)"]
    lines.append("input       \(counted(inputs, "coordinate")), encoding \(encoding)")
    if let coordinates { lines.append("pixels      \(coordinates), axes \(axes ?? "xy")") }
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      let label = name.padding(toLength: max(name.count, 11), withPad: " ", startingAt: 0)
      lines.append("\(label) \(value.text)")
    }
    for (k, layer) in layers.enumerated() {
      let maps = layer.maps == 1 ? "" : ", \(layer.maps) maps"
      let constants = layer.constants.sorted { $0.key < $1.key }.map { " \($0.key) \($0.value)" }
      lines.append(
        "layer \(k)     \(layer.inputs) → \(layer.units), \(layer.field)\(maps), "
          + "\(layer.activation ?? "linear")\(constants.joined(separator: ","))")
    }
    if !ignoredTensors.isEmpty {
      lines.append("not used    \(ignoredTensors.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Description.LayerRecord {
  fileprivate init(_ layer: Layer) {
    let constants = layer.activation.map { activation in
      zip(type(of: activation).constants.map(\.name), activation.values)
    }
    self.init(
      inputs: layer.inputs, units: layer.units, maps: layer.maps.count, field: "\(layer.field)",
      activation: layer.activation.map { name(of: $0) },
      constants: Dictionary(constants.map(Array.init) ?? [], uniquingKeysWith: { $1 }),
      parameters: layer.parameterCount)
  }
}

extension JSON {
  /// As people write it: strings without quotes.
  fileprivate var text: String {
    if let string { return string }
    return (try? jsonText(self)) ?? ""
  }
}
