import Compute
import Foundation

/// run.json: what was run, on what, and how it went.
struct RunRecord<Configuration: Encodable, Metrics: Encodable>: Encodable {
  struct MachineRecord: Encodable {
    let processor: String
    let threads: Int
    let memoryBytes: Int
    let system: String
  }

  let program = "inr"
  let version: String
  let task: String
  /// The words of the call.
  let arguments: [String]
  let started: String
  let seed: UInt64
  let machine: MachineRecord
  let configuration: Configuration
  let metrics: Metrics

  init(
    task: String, arguments: [String], started: Date, seed: UInt64, threads: Int,
    configuration: Configuration, metrics: Metrics
  ) {
    version = Version.current
    self.task = task
    self.arguments = arguments
    self.started = ISO8601DateFormatter().string(from: started)
    self.seed = seed
    machine = MachineRecord(
      processor: Machine.processor, threads: threads, memoryBytes: Machine.physicalMemory,
      system: Machine.operatingSystem)
    self.configuration = configuration
    self.metrics = metrics
  }
}

/// One JSON object with keys in snake case.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
