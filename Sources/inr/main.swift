import Compute
import Foundation

InterruptFlag.surviveBrokenPipes()
let program = Program(
  version: Version.current,
  summary: "implicit neural representations, fitted, rendered and measured",
  commands: Command.all)
exit(program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
