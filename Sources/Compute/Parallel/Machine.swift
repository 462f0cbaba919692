import Foundation

/// What this machine has, as far as a run needs to know and to record.
public enum Machine {
  /// Bytes that a process can have without swapping, or `nil` where the system does not tell.
  public static var availableMemory: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return Int(exactly: ProcessInfo.processInfo.physicalMemory)
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return kibibytes.map { $0 * 1024 }
  }

  public static var physicalMemory: Int {
    Int(clamping: ProcessInfo.processInfo.physicalMemory)
  }

  /// The processor's name, as the system gives it.
  public static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").dropFirst().first ?? "unknown"
    return name.trimmingCharacters(in: .whitespaces)
  }

  public static var operatingSystem: String {
    ProcessInfo.processInfo.operatingSystemVersionString
  }
}
