import Foundation
import SplineGeometry

/// A quantity of a piecewise-affine network. What each is, and who defined it:
/// `Documentation/Measures.md`.
enum Measure: String, CaseIterable, Sendable {
  case norms, regions, lines, distance, level, complexity, condition, lipschitz, patterns
  case sensitivity
  case fisherRao = "fisher-rao"
  case tangentKernel = "ntk"
  case surface, entropy

  /// Whether it is taken if nobody says which.
  var isUsual: Bool {
    switch self {
    case .level, .fisherRao, .patterns: false
    default: true
    }
  }

  /// Why a network, or what is known of it, does not allow it; nil if it does.
  func obstacle(in context: MeasureContext) -> String? {
    switch self {
    case .norms, .lines, .distance, .complexity, .lipschitz, .patterns, .entropy:
      return nil
    case .regions, .condition, .level:
      return context.domain == nil ? context.needsPlane : nil
    case .surface:
      if context.domain == nil { return context.needsPlane }
      let (inputs, outputs) = (context.spline.inputs, context.spline.outputs)
      guard outputs >= inputs else {
        return "the network has \(counted(outputs, "value")), fewer than its "
          + counted(inputs, "coordinate")
      }
      return nil
    case .fisherRao:
      if context.targets == nil { return "it needs --points and --targets" }
      return context.linearUnitsProblem
    case .sensitivity, .tangentKernel:
      return context.linearUnitsProblem
    }
  }

  func take(in context: MeasureContext) throws -> MeasureResult {
    switch self {
    case .norms: try context.norms()
    case .regions: try context.regions()
    case .lines: try context.lines()
    case .distance: context.distance()
    case .level: try context.levelDistance()
    case .complexity: try context.complexity()
    case .condition: try context.condition()
    case .lipschitz: try context.lipschitz()
    case .patterns: try context.patterns()
    case .sensitivity: try context.sensitivity()
    case .fisherRao: try context.fisherRao()
    case .tangentKernel: try context.tangentKernel()
    case .surface: try context.surface()
    case .entropy: try context.entropy()
    }
  }
}

/// A measure's figures: as lines of text and for `--json`.
struct MeasureResult {
  let title: String
  let rows: [(label: String, text: String)]
  let record: any Encodable

  init(_ title: String, _ rows: [(String, String)], record: any Encodable) {
    self.title = title
    self.rows = rows.map { (label: $0.0, text: $0.1) }
    self.record = record
  }

  /// A heading, and below it the figures in two columns.
  var text: String {
    let width = rows.map(\.label.count).max() ?? 0
    return title + "\n"
      + rows.map {
        "  \($0.label.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.text)\n"
      }
      .joined()
  }
}

/// Things to print under names that only the call knows.
struct NamedRecords: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var records: [(name: String, record: any Encodable)] = []

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (name, record) in records {
      try record.encode(to: container.superEncoder(forKey: Key(stringValue: name)))
    }
  }
}
