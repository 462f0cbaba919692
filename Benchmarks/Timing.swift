import Dispatch
import Foundation

/// Repeats `body` for some time, at least once; the median seconds of one call.
func medianRun(seconds: Double, _ body: () throws -> Void) rethrows -> Double {
  func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
  var times: [Double] = []
  let end = now() + seconds
  repeat {
    let start = now()
    try body()
    times.append(now() - start)
  } while now() < end
  return median(times)
}

/// Calls `body` with a new folder, which is removed when it returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("inr-bench-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

extension String {
  /// The text with a section, from its heading to the next one of the same rank, replaced; or with the
  /// section at its end, if it has none of that heading.
  func replacingSection(_ heading: String, by section: String) -> String {
    guard let old = range(of: heading + "\n") else {
      return trimmingCharacters(in: .whitespacesAndNewlines) + "\n\n" + section
    }
    let next = self[old.upperBound...].range(of: "\n## ")?.lowerBound
    let rest = next.map { String(self[$0...]) } ?? ""
    return String(self[..<old.lowerBound]) + section + rest
  }
}
