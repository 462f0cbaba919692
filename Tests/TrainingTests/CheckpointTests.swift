import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct CheckpointTests {
  private static func state() -> TrainingState {
    var state = TrainingState()
    state.step = 41
    state.seconds = 1.0 / 3
    state.parameters = [1, -0.1, .greatestFiniteMagnitude]
    state.firstMoments = [0, 1e-30, 2]
    state.secondMoments = [3, 4, 5]
    state.history = [
      HistoryEntry(step: 5, seconds: 0.1, loss: 0.7),
      HistoryEntry(step: 10, seconds: 0.2, loss: 0.1, measures: ["iou": 0.3, "regions": 7]),
      HistoryEntry(step: 15, seconds: 0.3, loss: 0.09, measures: ["regions": 8]),
    ]
    state.lossSum = 0.1 + 0.2
    state.lossCount = 3
    state.preconditioner = [1.5, 1e-20, 4]
    state.targets = [0.5, -7]
    state.kept = [9, 8, 1e-30]
    state.keptScore = 1.0 / 7
    state.best = [-4, 0.1, 1e20]
    state.bestLoss = 1.0 / 11
    return state
  }

  /// Calls `body` with the path of a file that does not exist, and removes what it left there.
  private func withTemporaryPath(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: Checkpoint.fileName).path)
  }

  @Test func savingAndLoadingIsTheIdentity() throws {
    let unmeasured = [HistoryEntry(step: 5, seconds: 0.1, loss: 0.7)]
    for history in [Self.state().history, unmeasured, []] {
      var state = Self.state()
      state.history = history
      let checkpoint = Checkpoint(state: state, configuration: "{\"seed\": 7}")
      try withTemporaryPath { path in
        try checkpoint.write(to: path)
        #expect(try Checkpoint.read(path) == checkpoint)
      }
    }
  }

  @Test func aRunThatKeepsNothingSaysSo() throws {
    var state = Self.state()
    (state.targets, state.kept, state.keptScore) = ([], [], .infinity)
    (state.best, state.bestLoss) = ([], .infinity)
    let checkpoint = Checkpoint(state: state, configuration: "")
    try withTemporaryPath { path in
      try checkpoint.write(to: path)
      #expect(try Checkpoint.read(path) == checkpoint)
    }
  }

  @Test func aRunGoesOnFromItsFileInTheSameBits() throws {
    let data = MatrixData.random(100, outputs: 3, seed: 91)
    let network = SampleNetwork.make("wire")
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (30, 12)
    configuration.constants = .trained
    let whole = Trainer(network, data, configuration)
    try withTemporaryPath { path in
      _ = try whole.run(
        afterStep: { $0.step == 5 ? .save : .goOn },
        save: { try Checkpoint(state: $0, configuration: "").write(to: path) })
      let resumed = Trainer(network, data, configuration)
      resumed.restore(try Checkpoint.read(path).state)
      #expect(resumed.step == 5)
      try resumed.run()
      #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
    }
  }

  @Test func aFileThatIsNoCheckpointIsRefused() throws {
    try withTemporaryPath { path in
      #expect(throws: CheckpointError.self) { try Checkpoint.read(path) }
      try Safetensors(tensors: [], metadata: ["format": "pt"]).write(to: path)
      let error = CheckpointError.notACheckpoint(path: path, found: "pt")
      #expect(throws: error) { try Checkpoint.read(path) }
      #expect(
        error.description
          == "\(path): found format “pt”, expected a checkpoint of inr; "
          + "give the output folder of a run that was interrupted")
    }
  }

  /// What is taken out of a good file, or put in its place, and the entry that the error names.
  static let damages: [(entry: String, change: @Sendable (inout Safetensors) -> Void)] = [
    ("step", { $0.metadata["step"] = nil }),
    ("step", { $0.metadata["step"] = "many" }),
    ("step", { $0.metadata["step"] = "-1" }),
    ("seconds", { $0.metadata["seconds"] = "soon" }),
    ("loss_sum", { $0.metadata["loss_sum"] = "" }),
    ("loss_count", { $0.metadata["loss_count"] = "1.5" }),
    ("configuration", { $0.metadata["configuration"] = nil }),
    ("parameters", { $0 = $0.replacing("parameters", with: nil) }),
    ("second_moments", { $0 = $0.replacing("second_moments", with: nil) }),
    ("first_moments", { $0 = $0.replacing("first_moments", with: [1, 2]) }),
    ("preconditioner", { $0 = $0.replacing("preconditioner", with: nil) }),
    ("targets", { $0 = $0.replacing("targets", with: nil) }),
    ("kept", { $0 = $0.replacing("kept", with: nil) }),
    ("kept", { $0 = $0.replacing("kept", with: [1, 2]) }),
    ("kept_score", { $0.metadata["kept_score"] = "low" }),
    ("best", { $0 = $0.replacing("best", with: nil) }),
    ("best", { $0 = $0.replacing("best", with: [1, 2]) }),
    ("best_loss", { $0.metadata["best_loss"] = nil }),
    ("measures", { $0.metadata["measures"] = nil }),
    ("history", { $0.metadata["measures"] = "iou,regions,distance" }),
    ("history", { $0 = $0.replacing("history", with: [1, 2, 3, 4]) }),
    ("history", { $0 = $0.replacing("history", with: [.nan, 2, 3, 4, 5]) }),
    ("history", { $0 = $0.replacing("history", with: [1e30, 2, 3, 4, 5]) }),
  ]

  @Test(arguments: damages.indices)
  func damagedEntriesAreNamed(index: Int) throws {
    let damage = Self.damages[index]
    try withTemporaryPath { path in
      try Checkpoint(state: Self.state(), configuration: "{}").write(to: path)
      var file = try Safetensors.read(path)
      damage.change(&file)
      try file.write(to: path)
      let error = CheckpointError.damaged(path: path, entry: damage.entry)
      #expect(throws: error) { try Checkpoint.read(path) }
      #expect(
        error.description
          == "\(path): the checkpoint's entry “\(damage.entry)” is missing or damaged; "
          + "start the run anew")
    }
  }
}

extension Safetensors {
  /// The same file without a tensor, or with other numbers in it.
  fileprivate func replacing(_ name: String, with numbers: [Double]?) -> Safetensors {
    Safetensors(
      tensors: tensors.compactMap { tensor in
        guard tensor.name == name else { return tensor }
        return numbers.map { Tensor(name, shape: [$0.count], $0) }
      }, metadata: metadata)
  }
}
