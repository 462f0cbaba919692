import Foundation

/// Another program that computes the same networks, in a process of its own that is idle between
/// requests. The conversation is described in Benchmarks/peers/README.md.
final class Peer {
  let name: String
  let description: String
  private let process = Process()
  private let requests = Pipe()
  private let replies = Pipe()
  private var pending = Data()
  /// How many cores other processes kept busy during each of its measurements, as far as it knows.
  private(set) var otherLoads: [Double] = []

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(named name: String, python: String, threads: Int) throws {
    self.name = name
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["\(folder)/peers/\(name)_peer.py", "--threads", "\(threads)"]
    process.standardInput = requests
    process.standardOutput = replies
    var hello: [String: Any] = [:]
    try process.run()
    hello = try Self.ask(["task": "hello"], requests, replies, &pending)
    let versions = hello.filter { $0.value is String }.map { "\($0.key) \($0.value)" }.sorted()
    description = "\(name): \(versions.joined(separator: ", "))"
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Rows a second, and the variant of the program that was fastest.
  func rate(_ request: [String: Any]) throws -> (rows: Double, variant: String) {
    var reply: [String: Any] = [:]
    // A peer whose threads wait for one another by spinning suffers from any other process.
    for _ in 0..<3 {
      reply = try ask(request)
      if let load = reply["other_load"] as? Double, load > 0.25 { continue }
      break
    }
    guard let rate = reply["rows_per_second"] as? Double else {
      throw Failure(description: "\(name): \(reply["error"] ?? "no rate in its answer")")
    }
    return (rate, reply["variant"] as? String ?? "")
  }

  /// The answer to a request.
  func ask(_ request: [String: Any]) throws -> [String: Any] {
    let reply = try Self.ask(request, requests, replies, &pending)
    if let load = reply["other_load"] as? Double { otherLoads.append(load) }
    return reply
  }

  private static func ask(
    _ request: [String: Any], _ requests: Pipe, _ replies: Pipe, _ pending: inout Data
  ) throws -> [String: Any] {
    var line = try JSONSerialization.data(withJSONObject: request)
    line.append(0x0A)
    try requests.fileHandleForWriting.write(contentsOf: line)
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let reply = pending[pending.startIndex..<end]
        pending = Data(pending[(end + 1)...])
        let object = try JSONSerialization.jsonObject(with: reply)
        guard let dictionary = object as? [String: Any] else {
          throw Failure(description: "a peer answered with something else than an object")
        }
        return dictionary
      }
      let data = replies.fileHandleForReading.availableData
      guard !data.isEmpty else { throw Failure(description: "a peer ended before it answered") }
      pending.append(data)
    }
  }
}
