import Foundation

extension AtomicFile {
  /// Removes the hidden files that a killed program left in a folder.
  ///
  /// Those of programs that still run stay; they will get their names.
  public static func removeLeftovers(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names {
      guard let match = name.wholeMatch(of: /\.inr-(\d+)-\d+\.partial/),
        let writer = pid_t(match.1), !isRunning(writer)
      else { continue }
      FileSystemCalls.remove("\(folder)/\(name)")
    }
  }

  private static func isRunning(_ process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno == EPERM
  }
}
