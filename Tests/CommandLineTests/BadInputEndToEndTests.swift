import Compute
import Foundation
import Imaging
import Testing

/// A wrong call, the exit code that it gets, and what its message names.
struct WrongCall: Sendable, CustomTestStringConvertible {
  let words: [String]
  let code: Int32
  let parts: [String]

  init(_ call: String, _ code: Int32, _ parts: String...) {
    words = call.split(separator: " ").map(String.init)
    self.code = code
    self.parts = parts
  }

  var testDescription: String { words.joined(separator: " ") }
}

/// What bad input gets: one line that names the file or option, what was found and what was
/// expected, and no file.
struct BadInputEndToEndTests {
  private func workspace() throws -> Workspace {
    let workspace = try Workspace(channels: 1)
    try FileManager.default.createDirectory(
      atPath: workspace.file("folder"), withIntermediateDirectories: true)
    let whole = try workspace.data("picture.png")
    try workspace.write(whole.prefix(whole.count / 2), to: "cut.png")
    try workspace.write(whole.dropLast(), to: "cut-at-the-end.png")
    try workspace.write("hello\n", to: "text.png")
    try workspace.write("", to: "empty.png")
    func image(_ name: String, _ width: Int, _ height: Int, _ value: Float) throws {
      try Image(width: width, height: height, channels: 1, filledWith: value)
        .write(to: workspace.file(name))
    }
    try image("small.png", 5, 4, 1)
    try image("black.png", 16, 12, 0)
    try image("bytes.npy", 4, 4, 200)
    try Workspace.picture(channels: 3).write(to: workspace.file("rgb.png"))
    try NumpyArray(shape: [2, 2], elements: [0, .nan, 0, 0]).write(to: workspace.file("nan.npy"))
    try NumpyArray(shape: [2, 2, 5], elements: [Float](repeating: 0, count: 20))
      .write(to: workspace.file("five.npy"))
    return workspace
  }

  @Test(arguments: [
    WrongCall("missing.png", 1, "missing.png", "there is no such file"),
    WrongCall("folder", 1, "folder is a folder", "a file was expected"),
    WrongCall("text.png", 1, "text.png", "found text", "expected a PNG or .npy file"),
    WrongCall("empty.png", 1, "empty.png", "found an empty file", "expected a PNG"),
    WrongCall("cut.png", 1, "cut.png", "cut short"),
    WrongCall("cut-at-the-end.png", 1, "cut-at-the-end.png", "cut short"),
    WrongCall("nan.npy", 1, "nan.npy", "row 0, column 1", "nan", "expected numbers"),
    WrongCall("five.npy", 1, "five.npy", "[2, 2, 5]", "1 to 4 channels"),
    WrongCall("bytes.npy", 1, "bytes.npy", "200.0", "expected about 0 (black) to 1 (white)"),
    WrongCall("picture.png --mask small.png", 1, "small.png", "5 x 4", "expected 16 x 12"),
    WrongCall("picture.png --mask black.png", 1, "black.png", "no pixel", "expected white"),
    WrongCall("picture.png --mask missing.png", 1, "missing.png", "no such file"),
    WrongCall("picture.png --mask cut.png", 1, "cut.png", "cut short"),
    WrongCall("picture.png --init-from missing", 1, "missing", "no such file"),
    WrongCall("picture.png --init-from picture.png", 1, "picture.png", "header"),
    WrongCall("picture.png --init-from empty.png", 1, "empty.png", "found an empty file"),
  ])
  func aPictureThatCannotBeFittedIsNamed(call: WrongCall) throws {
    try expectRefusal(
      of: ["fit", "image"] + Workspace.options(call.words), with: call.code, naming: call.parts,
      in: try workspace())
  }

  @Test(arguments: [
    WrongCall("compare picture.png rgb.png", 1, "picture.png", "1 channel", "rgb.png", "3"),
    WrongCall("compare small.png picture.png", 1, "5 x 4", "16 x 12", "one size"),
    WrongCall("compare picture.png missing.png", 1, "missing.png", "no such file"),
    WrongCall("compare cut.png picture.png", 1, "cut.png", "cut short"),
    WrongCall("compare folder folder", 1, "folder is a folder"),
    WrongCall("compare picture.png", 2, "B is missing"),
    WrongCall("compare picture.png picture.png rgb.png", 2, "rgb.png", "no operand but A B"),
  ])
  func picturesThatCannotBeComparedAreNamed(call: WrongCall) throws {
    try expectRefusal(of: call.words, with: call.code, naming: call.parts, in: try workspace())
  }

  @Test(arguments: [
    WrongCall("", 2, "PICTURE is missing"),
    WrongCall("picture.png rgb.png", 2, #""rgb.png""#, "no operand but PICTURE"),
    WrongCall("picture.png --learning-rte 1", 2, "--learning-rte", "did you mean --learning-rate"),
    WrongCall("picture.png --seed 1 --seed 2", 2, "--seed", "found twice, expected once"),
    WrongCall("picture.png -o a --output b", 2, "--output", "twice"),
    WrongCall("picture.png --learning-rate fast", 2, "--learning-rate", #""fast""#, "positive"),
    WrongCall("picture.png --learning-rate -1", 2, "--learning-rate", #""-1""#, "positive"),
    WrongCall("picture.png --learning-rate nan", 2, "--learning-rate", #""nan""#, "positive"),
    WrongCall("picture.png --learning-rate inf", 2, "--learning-rate", #""inf""#),
    WrongCall("picture.png --learning-rate 0", 2, "--learning-rate", #""0""#),
    WrongCall("picture.png --learning-rate 1e99", 2, "--learning-rate", #""1e99""#),
    WrongCall("picture.png --learning-rate", 2, "--learning-rate", "found no value"),
    WrongCall("picture.png --steps 1.5", 2, "--steps", #""1.5""#, "whole number"),
    WrongCall("picture.png --steps 99999999999999999999", 2, "--steps", "whole number"),
    WrongCall("picture.png --steps 3 --epochs 3", 2, "--steps and --epochs"),
    WrongCall("picture.png --epochs 2 --warm-up 50", 2, "--warm-up", #""50""#, "2 steps"),
    WrongCall("picture.png --batch 0", 2, "--batch", #""0""#, "or full"),
    WrongCall("picture.png --hold-out 1", 2, "--hold-out", #""1""#, "below 1"),
    WrongCall("picture.png --downsample 0", 2, "--downsample", #""0""#, "from 1 to 1024"),
    WrongCall("picture.png --downsample 5000", 2, "--downsample", #""5000""#, "from 1 to 1024"),
    WrongCall("picture.png --mask rgb.png --downsample 2", 2, "--mask and --downsample"),
    WrongCall("picture.png --noise photons=0", 2, "--noise", #""photons=0""#, "photons=30"),
    WrongCall("picture.png --noise loud", 2, "--noise", #""loud""#),
    WrongCall("picture.png --weight-gain 1,,2", 2, "--weight-gain", #""1,,2""#),
    WrongCall("picture.png --activation sin", 2, "--activation", "did you mean sine"),
    WrongCall("picture.png --activation relu --omega0 3", 2, "--omega0", "relu"),
    WrongCall("picture.png --threads 0", 2, "--threads", #""0""#, "from 1 to 1024"),
    WrongCall("picture.png --time-limit -1", 2, "--time-limit", #""-1""#),
    WrongCall("picture.png --target-psnr nan", 2, "--target-psnr", #""nan""#),
    WrongCall("picture.png --quiet=yes", 2, "--quiet", #""yes""#, "takes none"),
    WrongCall("picture.png --init-from m --width 8", 2, "--init-from and --width"),
  ])
  func anOptionThatIsWrongIsNamed(call: WrongCall) throws {
    try expectRefusal(
      of: ["fit", "image"] + call.words, with: call.code, naming: call.parts, in: try workspace())
  }

  @Test(arguments: ["picture.png", "picture.png/a/b", "/proc/inr", "/proc", "/dev/null/a"])
  func anOutputFolderThatCannotBeWrittenIsNamed(folder: String) throws {
    try expectRefusal(
      of: ["fit", "image", "picture.png", "--steps", "3", "-o", folder], with: 1,
      naming: ["\(folder):", "output folder", "choose another with --output"],
      in: try workspace())
  }

  // MARK: Too much

  @Test(arguments: [
    "--width 65536 --hidden-layers 1000", "--activation wire2d --width 65536 --hidden-layers 100",
    "--encoding fourier --frequencies 65536 --width 65536 --hidden-layers 100 --batch full",
  ])
  func aRunThatTheMachineHasNoMemoryForIsRefusedAtOnce(options: String) throws {
    let words = options.split(separator: " ").map(String.init)
    try expectRefusal(
      of: ["fit", "image"] + Workspace.options(["picture.png"] + words), with: 1,
      naming: ["the run needs about", "the machine has", "use a smaller"], in: try workspace())
  }

  @Test func aFieldOfTooManyPointsIsRefused() throws {
    let workspace = try Workspace()
    try Workspace.picture(width: 50, height: 50).write(to: workspace.file("picture.png"))
    try expectRefusal(
      of: ["fit", "image", "picture.png", "--downsample", "1000"], with: 1,
      naming: ["--downsample 1000", "50000 x 50000", "2147483647"], in: workspace)
  }

  // MARK: Disks

  /// A file that may not grow beyond some bytes fails in the middle, as on a disk that fills up.
  @Test(arguments: [
    "fit image picture.png --width 64 -o new/run", "render model.safetensors -o new.png",
    "evaluate model.safetensors points.npy -o new.npy",
  ])
  func aWriteThatFailsInTheMiddleLeavesNothing(call: String) throws {
    let workspace = try workspace()
    try workspace.fit("--steps", "1")
    try workspace.write(try workspace.data("run/model.safetensors"), to: "model.safetensors")
    try NumpyArray(shape: [9000, 2], elements: [Float](repeating: 0, count: 18_000))
      .write(to: workspace.file("points.npy"))
    let before = workspace.contents
    let size = call.hasPrefix("render") ? "--size 300x300" : ""
    let outcome = try BuiltProgram.shell(
      "trap '' XFSZ; ulimit -f 4; $inr \(call) \(size)", in: workspace.path)
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    let problem = try #require(outcome.errors.split(separator: "\n").last)
    #expect(problem.hasPrefix("inr: new") && problem.contains("cannot be written (File too large)"))
    #expect(workspace.contents == before)
  }

  /// Whether a file system of our own can be mounted, as it can on most Linux machines.
  private static let canMount =
    (try? BuiltProgram.shell("unshare -rm mount -t tmpfs none /mnt"))?.exitCode == 0

  /// A disk without room for the bytes, and one without room for another name.
  @Test(
    .enabled(if: canMount),
    arguments: [
      (
        "size=64k",
        "/mnt/a/run/checkpoint.safetensors cannot be written (No space left on device); make room"
      ),
      ("nr_inodes=3", "/mnt/a/run: no file can be made in this output folder"),
    ])
  func aFullDiskIsNamedAndKeepsNothingHalfWritten(limit: String, message: String) throws {
    let workspace = try workspace()
    let outcome = try BuiltProgram.shell(
      """
      unshare -rm sh -c "mount -t tmpfs -o \(limit) none /mnt
        '$inr' fit image picture.png --width 64 --steps 3 -o /mnt/a/run; echo \\$?; ls -A /mnt"
      """, in: workspace.path)
    #expect(outcome.output == "1\n")
    #expect(outcome.errors.contains("inr: " + message), "\(outcome.errors)")
  }
}
