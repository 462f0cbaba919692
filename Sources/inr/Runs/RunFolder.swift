import Compute
import Foundation
import Imaging
import Training

/// The folder that a fit writes its results to.
struct RunFolder {
  let path: String
  /// The folders that were made for it, the innermost first.
  private let made: [String]

  /// Makes the folder if need be, and makes sure that files can be written there.
  init(path: String) throws {
    self.path = path
    made = Self.missingFolders(of: path)
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      removeIfEmpty()
      throw RunFolderError.cannotCreate(path: path, reason: Self.reason(path))
    }
    AtomicFile.removeLeftovers(in: path)
    let probe = file(".probe")
    do {
      try AtomicFile.write(Data(), to: probe)
    } catch {
      removeIfEmpty()
      throw RunFolderError.cannotWrite(path: path)
    }
    try? FileManager.default.removeItem(atPath: probe)
  }

  /// The checkpoint in the folder of an interrupted run.
  static func checkpoint(in folder: String) throws -> String {
    let path = folder + "/" + Checkpoint.fileName
    guard FileManager.default.fileExists(atPath: path) else {
      let isFinished = FileManager.default.fileExists(atPath: folder + "/run.json")
      throw RunFolderError.nothingToResume(path: folder, isFinished: isFinished)
    }
    return path
  }

  /// Removes what an earlier run in this folder would have been resumed from.
  func removeCheckpoints() {
    for name in [Checkpoint.fileName, BlockFitRun.checkpointName] {
      try? FileManager.default.removeItem(atPath: file(name))
    }
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Takes back what ``init(path:)`` made, for a run that fails before its first file.
  func removeIfEmpty() {
    let files = FileManager.default
    for folder in made {
      guard let content = try? files.contentsOfDirectory(atPath: folder), content.isEmpty else {
        return
      }
      try? files.removeItem(atPath: folder)
    }
  }

  private static func missingFolders(of path: String) -> [String] {
    var missing: [String] = []
    var folder = URL(fileURLWithPath: path).standardizedFileURL
    while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
      missing.append(folder.path)
      folder.deleteLastPathComponent()
    }
    return missing
  }

  private static func reason(_ path: String) -> String {
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    if let type, type != .typeDirectory { return "a file of that name is in the way" }
    return "no permission, or a part of the path is a file"
  }

  // MARK: Results

  /// history.csv and history.svg: the batches' mean loss, how good the network was, and what was
  /// tracked; fields are empty where nothing was measured.
  func writeHistory(
    _ history: [HistoryEntry], of measure: HistoryMeasure = .psnr, tracking: Tracked?,
    title: String
  ) throws {
    let tracked = tracking?.measures ?? []
    let lines = history.map { entry in
      let quality =
        switch measure {
        case .psnr: rounded(peakSignalToNoise(entry.loss), 4)
        case .iou(let name): entry.measures[name].map { rounded($0, 6) } ?? ""
        }
      let figures = tracked.map { entry.measures[$0].map { String(format: "%.9g", $0) } ?? "" }
      let fields = ["\(entry.step)", rounded(entry.seconds, 3), "\(entry.loss)", quality] + figures
      return fields.joined(separator: ",")
    }
    let quality =
      switch measure {
      case .psnr: "psnr"
      case .iou(let name): name
      }
    let head = (["step", "seconds", "loss", quality] + tracked).joined(separator: ",")
    try AtomicFile.write(
      Data((([head] + lines).joined(separator: "\n") + "\n").utf8), to: file("history.csv"))
    let charts = charts(history, measure, title) + tracked.map { curve($0, of: history, title) }
    try AtomicFile.write(Data(LineChart.svg(charts).utf8), to: file("history.svg"))
  }

  typealias Tracked = TrainingConfiguration.Tracking

  private func curve(_ name: String, of history: [HistoryEntry], _ title: String) -> LineChart {
    let points = history.compactMap { entry in
      entry.measures[name].map { (Double(entry.step), $0) }
    }
    return LineChart(
      title: title, xAxis: LineChart.Axis("step"), yAxis: LineChart.Axis(name),
      series: [LineChart.Series(name, x: points.map(\.0), y: points.map(\.1))])
  }

  private func charts(
    _ history: [HistoryEntry], _ measure: HistoryMeasure, _ title: String
  ) -> [LineChart] {
    func chart(_ name: String, _ label: String, _ value: (HistoryEntry) -> Double) -> LineChart {
      LineChart(
        title: title, xAxis: LineChart.Axis("step"), yAxis: LineChart.Axis(label),
        series: [
          LineChart.Series(name, x: history.map { Double($0.step) }, y: history.map(value))
        ])
    }
    switch measure {
    case .psnr:
      return [chart("PSNR", "PSNR of the batches (dB)") { peakSignalToNoise($0.loss) }]
    case .iou(let name):
      let points = history.compactMap { entry in
        entry.measures[name].map { (entry.seconds, $0) }
      }
      let curve = LineChart.Series("IoU", x: points.map(\.0), y: points.map(\.1))
      return [
        LineChart(
          title: title, xAxis: LineChart.Axis("seconds of training"),
          yAxis: LineChart.Axis("IoU on random points"), series: [curve]),
        chart("loss", "loss of the batches", \.loss),
      ]
    }
  }

  private func peakSignalToNoise(_ loss: Double) -> Double { -10 * log10(max(loss, 1e-30)) }

  private func rounded(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}

/// A folder that cannot take results.
enum RunFolderError: Error, CustomStringConvertible {
  case cannotCreate(path: String, reason: String)
  case cannotWrite(path: String)
  case nothingToResume(path: String, isFinished: Bool)

  var description: String {
    switch self {
    case .cannotCreate(let path, let reason):
      "\(path): cannot make this output folder (\(reason)); choose another with --output"
    case .cannotWrite(let path):
      "\(path): no file can be made in this output folder; choose another with --output"
    case .nothingToResume(let path, isFinished: true):
      "\(path): this run is finished, there is nothing to resume"
    case .nothingToResume(let path, isFinished: false):
      "\(path): found no \(Checkpoint.fileName), expected the output folder of an interrupted run"
    }
  }
}
