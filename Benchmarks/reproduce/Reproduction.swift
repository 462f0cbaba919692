/// A published finding that is looked for anew.
///
/// The stored properties of an experiment are its configuration.
package protocol Reproduction: Sendable {
  /// As `--only` and the folder of the results call it.
  static var name: String { get }
  /// What was published, and where.
  static var published: String { get }

  init()
  /// A configuration that takes a moment, to see that everything runs; its verdict means nothing.
  var quick: Self { get }

  func run(in laboratory: Laboratory) throws -> Finding
}
