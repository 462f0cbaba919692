/// A command: what can be given to it, and what it does.
package struct Command: Sendable {
  package let specification: CommandSpecification
  package let run: @Sendable (ParsedArguments) throws -> Void

  package init(
    _ specification: CommandSpecification,
    run: @escaping @Sendable (ParsedArguments) throws -> Void
  ) {
    self.specification = specification
    self.run = run
  }
}

extension Command {
  /// Every command, in the order of the help text. A new one is a file beside this one, and a line
  /// here.
  package static let all: [Command] = [
    fitImage, fitCT, fitShape, render, mesh, contour, regions, measure, compare, info, evaluate,
    ctPhantom,
    ctProject, ctPrepare, ctFBP, ctBackproject, ctSIRT, ctCGLS, ctTV, ctPanels,
  ]
}
