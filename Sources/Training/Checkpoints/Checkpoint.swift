import Compute
import Foundation
import Networks

/// A run's state in a file, with the configuration that it belongs to.
///
/// The file is a safetensors file: `parameters`, `first_moments` and `second_moments` as F32 in the
/// engine's layout, `preconditioner` (empty but for K-FAC and SOAP), `targets` (empty but for targets
/// that follow the field), `kept` (empty unless a run keeps its best parameters) and `best` (empty
/// before the first line of the history) as F32, `history` as F64 `[lines, 3 + measures]` (step, seconds,
/// loss, and what was measured, NaN where nothing was), and in the metadata the counters, the names of
/// the measures with commas between them, and the configuration as JSON.
public struct Checkpoint: Sendable, Equatable {
  public static let fileName = "checkpoint.safetensors"
  private static let format = "inr checkpoint 5"

  public var state: TrainingState
  /// JSON of the task's own making.
  public var configuration: String

  public init(state: TrainingState, configuration: String) {
    self.state = state
    self.configuration = configuration
  }

  /// Writes the file as a whole or not at all.
  public func write(to path: String) throws(FileError) {
    let measures = Set(state.history.flatMap(\.measures.keys)).sorted()
    let history = state.history.flatMap { entry in
      [Double(entry.step), entry.seconds, entry.loss]
        + measures.map { entry.measures[$0] ?? .nan }
    }
    func all(_ name: String, _ numbers: [Float]) -> Safetensors.Tensor {
      Safetensors.Tensor(name, shape: [numbers.count], numbers)
    }
    try Safetensors(
      tensors: [
        all("parameters", state.parameters), all("first_moments", state.firstMoments),
        all("second_moments", state.secondMoments),
        all("preconditioner", state.preconditioner), all("targets", state.targets),
        all("kept", state.kept), all("best", state.best),
        Safetensors.Tensor("history", shape: [state.history.count, 3 + measures.count], history),
      ],
      metadata: [
        "format": Self.format, "configuration": configuration, "step": "\(state.step)",
        "seconds": "\(state.seconds)", "loss_sum": "\(state.lossSum)",
        "loss_count": "\(state.lossCount)", "kept_score": "\(state.keptScore)",
        "best_loss": "\(state.bestLoss)",
        "measures": measures.joined(separator: ","),
      ]
    ).write(to: path)
  }

  public static func read(_ path: String) throws(CheckpointError) -> Checkpoint {
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.read(path) } catch { throw .file(error) }
    guard file.metadata["format"] == format else {
      throw .notACheckpoint(path: path, found: file.metadata["format"])
    }
    func number<Number: LosslessStringConvertible>(_ name: String) throws(CheckpointError) -> Number
    {
      guard let number = file.metadata[name].flatMap({ Number($0) }) else {
        throw .damaged(path: path, entry: name)
      }
      return number
    }
    func floats(_ name: String) throws(CheckpointError) -> [Float] {
      guard let floats = file[name]?.floats else { throw .damaged(path: path, entry: name) }
      return floats
    }
    var state = TrainingState()
    state.step = try number("step")
    guard state.step >= 0 else { throw .damaged(path: path, entry: "step") }
    state.seconds = try number("seconds")
    state.lossSum = try number("loss_sum")
    state.lossCount = try number("loss_count")
    state.parameters = try floats("parameters")
    state.firstMoments = try floats("first_moments")
    state.secondMoments = try floats("second_moments")
    state.preconditioner = try floats("preconditioner")
    state.targets = try floats("targets")
    state.kept = try floats("kept")
    state.keptScore = try number("kept_score")
    state.best = try floats("best")
    state.bestLoss = try number("best_loss")
    for (name, numbers) in [("kept", state.kept), ("best", state.best)]
    where !numbers.isEmpty && numbers.count != state.parameters.count {
      throw .damaged(path: path, entry: name)
    }
    state.history = try history(of: file, path)
    guard state.firstMoments.count == state.parameters.count,
      state.secondMoments.count == state.parameters.count
    else { throw .damaged(path: path, entry: "first_moments") }
    guard let configuration = file.metadata["configuration"] else {
      throw .damaged(path: path, entry: "configuration")
    }
    return Checkpoint(state: state, configuration: configuration)
  }

  private static func history(of file: Safetensors, _ path: String) throws(CheckpointError)
    -> [HistoryEntry]
  {
    guard let measures = file.metadata["measures"]?.split(separator: ",").map(String.init) else {
      throw .damaged(path: path, entry: "measures")
    }
    let columns = 3 + measures.count
    guard let numbers = file["history"]?.doubles, numbers.count % columns == 0 else {
      throw .damaged(path: path, entry: "history")
    }
    var history: [HistoryEntry] = []
    for start in stride(from: 0, to: numbers.count, by: columns) {
      guard let step = Int(exactly: numbers[start]) else {
        throw .damaged(path: path, entry: "history")
      }
      var entry = HistoryEntry(step: step, seconds: numbers[start + 1], loss: numbers[start + 2])
      for (name, value) in zip(measures, numbers[(start + 3)...]) where !value.isNaN {
        entry.measures[name] = value
      }
      history.append(entry)
    }
    return history
  }
}

/// A checkpoint that cannot be read.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case file(SafetensorsError)
  case notACheckpoint(path: String, found: String?)
  case damaged(path: String, entry: String)
  case otherTask(path: String, command: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .notACheckpoint(let path, let found):
      "\(path): found \(found.map { "format “\($0)”" } ?? "no format"), expected a checkpoint of inr; "
        + "give the output folder of a run that was interrupted"
    case .damaged(let path, let entry):
      "\(path): the checkpoint's entry “\(entry)” is missing or damaged; start the run anew"
    case .otherTask(let path, let command):
      "\(path): found the settings of another kind of run, expected those of \(command); resume it with "
        + "the command that began it"
    }
  }
}
