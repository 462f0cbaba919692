/// What the program tells its caller at the end.
package enum ExitCode: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case wrongUsage = 2

  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .wrongUsage: "wrong usage"
    }
  }
}
