import Compute
import Foundation
import Testing

/// A folder of its own for each test.
private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

private func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

@Test(arguments: [0, 1, 70_000, 3_000_000])
func whatIsWrittenCanBeRead(count: Int) throws {
  try withFolder { folder in
    let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 * 31) })
    try AtomicFile.write(data, to: folder + "/numbers")
    #expect(try readFile(folder + "/numbers") == data)
    #expect(try names(in: folder) == ["numbers"])
  }
}

@Test func writingReplacesTheWholeFile() throws {
  try withFolder { folder in
    try AtomicFile.write(Data("a long first text".utf8), to: folder + "/text")
    try AtomicFile.write(Data("second".utf8), to: folder + "/text")
    #expect(try readFile(folder + "/text") == Data("second".utf8))
    #expect(try names(in: folder) == ["text"])
  }
}

@Test func aFileThatCannotGetItsNameLeavesNothingBehind() throws {
  // The hidden file is written, next to the file without a name; renaming it fails.
  #expect(
    throws: FileError.notWritable(
      path: "", reason: "No such file or directory", advice: "give the file a name")
  ) { try AtomicFile.write(Data([1]), to: "") }
  let hidden = ".inr-\(ProcessInfo.processInfo.processIdentifier)-"
  #expect(try !names(in: ".").contains { $0.hasPrefix(hidden) })
}

@Test func aNameTooLongIsRefused() throws {
  try withFolder { folder throws in
    let path = folder + "/" + String(repeating: "x", count: 300)
    #expect(
      throws: FileError.notWritable(
        path: path, reason: "File name too long", advice: "choose a shorter name")
    ) { try AtomicFile.write(Data([1]), to: path) }
    #expect(try names(in: folder).isEmpty)
  }
}

@Test func aHiddenFileOfAnotherRunIsNotTouched() throws {
  try withFolder { folder in
    let hidden = ".inr-\(ProcessInfo.processInfo.processIdentifier)-0.partial"
    try Data("other".utf8).write(to: URL(filePath: folder + "/" + hidden))
    try AtomicFile.write(Data("mine".utf8), to: folder + "/text")
    #expect(try readFile(folder + "/" + hidden) == Data("other".utf8))
    #expect(try names(in: folder) == [hidden, "text"])
  }
}

@Test func aSymbolicLinkKeepsItsPlace() throws {
  try withFolder { folder in
    try FileManager.default.createDirectory(
      atPath: folder + "/real", withIntermediateDirectories: false)
    try Data("old".utf8).write(to: URL(filePath: folder + "/real/text"))
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link", withDestinationPath: "real/text")
    try AtomicFile.write(Data("new".utf8), to: folder + "/link")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link")
        == "real/text")
    #expect(try readFile(folder + "/real/text") == Data("new".utf8))
  }
}

@Test func writersAtTheSameTimeLeaveOneWholeFile() async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in 0..<16 {
      group.addTask {
        try AtomicFile.write(Data(repeating: UInt8(writer), count: 100_000), to: folder + "/file")
      }
    }
    try await group.waitForAll()
  }
  let data = try readFile(folder + "/file")
  #expect(data.count == 100_000)
  #expect(Set(data).count == 1)
  #expect(try names(in: folder) == ["file"])
}

@Test func aFullDeviceIsReportedAndStaysADevice() throws {
  #expect(
    throws: FileError.notWritable(
      path: "/dev/full", reason: "No space left on device",
      advice: "make room, or write to another disk")
  ) { try AtomicFile.write(Data([1]), to: "/dev/full") }
  try AtomicFile.write(Data([1]), to: "/dev/null")
  #expect(try readFile("/dev/null").isEmpty)
}

@Test func writingSaysWhatIsWrong() throws {
  try withFolder { folder in
    #expect(throws: FileError.folderMissing(path: folder + "/no/file", folder: folder + "/no")) {
      try AtomicFile.write(Data([1]), to: folder + "/no/file")
    }
    #expect(throws: FileError.isFolder(path: folder)) {
      try AtomicFile.write(Data([1]), to: folder)
    }
    try AtomicFile.write(Data([1]), to: folder + "/file")
    #expect(
      throws: FileError.notWritable(
        path: folder + "/file/inside", reason: "Not a directory",
        advice: "a part of the path is a file, not a folder")
    ) { try AtomicFile.write(Data([1]), to: folder + "/file/inside") }
    #expect(try names(in: folder) == ["file"])
  }
}

@Test func readingSaysWhatIsWrong() throws {
  try withFolder { folder in
    #expect(throws: FileError.missing(path: folder + "/none")) { try readFile(folder + "/none") }
    #expect(throws: FileError.isFolder(path: folder)) { try readFile(folder) }
    try AtomicFile.write(Data([1]), to: folder + "/file")
    #expect(
      throws: FileError.notReadable(path: folder + "/file/inside", reason: "Not a directory")
    ) { try readFile(folder + "/file/inside") }
  }
}

@Test func fileErrorsReadAsOneLine() {
  #expect(
    FileError.missing(path: "a.png").description
      == "a.png: there is no such file; check the name and the folder")
  #expect(
    FileError.folderMissing(path: "out/a.png", folder: "out").description
      == "out/a.png cannot be written: there is no folder out; make it first")
  #expect(
    FileError.notWritable(path: "a", reason: "No space left on device", advice: "make room")
      .description == "a cannot be written (No space left on device); make room")
}
