import Networks

/// The shape of a grid encoding; `nil` where the task decides.
package struct GridOptions: Sendable {
  package let levels: Int?
  package let features: Int?
  package let coarsest: Int?
  package let finest: [Int]?
  package let entries: Int?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    levels = arguments[Self.levels]
    features = arguments[Self.features]
    coarsest = arguments[Self.coarsest]
    entries = arguments[Self.entries].map { 1 << $0 }
    let numbers = arguments[Self.finest]
    let range = 1...Double(GridEncoding.mostCells)
    guard numbers?.allSatisfy({ $0 == $0.rounded() && range ~= $0 }) ?? true else {
      throw arguments.wrongValue(
        of: Self.finest, expected: "whole numbers from 1 to \(GridEncoding.mostCells)")
    }
    finest = numbers?.map { Int($0) }
    if let coarsest, let least = finest?.min(), coarsest > least {
      throw arguments.wrongValue(
        of: Self.coarsest, expected: "at most the \(least) cells of --grid-finest")
    }
  }

  /// Throws unless the shape can be that of a grid over `axes` coordinates.
  func check(axes: Int, _ arguments: ParsedArguments) throws(UsageError) {
    guard let count = finest?.count, count != 1, count != axes else { return }
    throw arguments.wrongValue(
      of: Self.finest, expected: "one number, or \(axes), one for each axis")
  }
}

extension GridOptions {
  package static let levels = Option(
    "grid-levels", .integer(.range(1...64)),
    help: "Lattices of the encoding grid, each finer than the last by the same factor.")
  package static let features = Option(
    "grid-features", .integer(.range(1...GridEncoding.mostFeatures)),
    help: "Trained numbers at a vertex of the grid.")
  package static let coarsest = Option(
    "grid-coarsest", .integer(.range(1...GridEncoding.mostCells)),
    help: "Cells along an axis of the coarsest lattice, at most those of the finest.")
  package static let finest = Option(
    "grid-finest", .numbers(.positive(example: "256")), placeholder: "CELLS[,CELLS...]",
    help: "Cells along the axes of the finest lattice; one number for all axes, or one for each.")
  package static let entries = Option(
    "grid-entries", .integer(.range(4...24)), placeholder: "LOG2",
    help: "A lattice stores at most 2^LOG2 vertices; those of finer ones share entries by a hash.")

  static var options: [any OptionDefinition] { [levels, features, coarsest, finest, entries] }
}

extension GridShape {
  /// The shape with what was given in place of its own.
  mutating func apply(_ options: GridOptions) {
    levels = options.levels ?? levels
    features = options.features ?? features
    coarsest = options.coarsest ?? coarsest
    finest = options.finest ?? finest
    entries = options.entries ?? entries
  }
}
