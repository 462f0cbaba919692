import Foundation

/// Prints measures as they come, as text or together as JSON, and puts them into the folder.
struct MeasurePrinting {
  let folder: MeasureFolder?
  let isJSON: Bool
  let console: Console
  private var records = NamedRecords()

  init(folder: MeasureFolder?, isJSON: Bool, console: Console) {
    self.folder = folder
    self.isJSON = isJSON
    self.console = console
  }

  mutating func add(_ name: String, _ result: MeasureResult) throws {
    records.records.append((name, result.record))
    try folder?.flush()
    if !isJSON { try StandardOutput.write(result.text) }
  }

  func finish() throws {
    let text = try jsonText(records) + "\n"
    try folder?.write(Data(text.utf8), as: "measures.json")
    if isJSON { try StandardOutput.write(text) }
    if let folder { console.message("wrote " + folder.files.joined(separator: ", ")) }
  }
}
