import Synchronization
import Testing
import inr

/// What a console writes, kept in memory.
private final class Recorder: Sendable {
  private let parts = Mutex<[String]>([])

  var text: String { parts.withLock { $0.joined() } }

  func console(
    _ medium: Console.Medium, _ verbosity: Console.Verbosity = .normal
  ) -> Console {
    Console(
      verbosity, medium: { medium },
      write: { part in self.parts.withLock { $0.append(part) } })
  }

  /// The lines as a terminal of one row each shows them in the end.
  var screen: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var cells: [Character] = []
      var column = 0
      for character in line {
        if character == "\r" {
          column = 0
        } else {
          if column < cells.count { cells[column] = character } else { cells.append(character) }
          column += 1
        }
      }
      return String(cells.reversed().drop { $0 == " " }.reversed())
    }
  }
}

struct ConsoleTests {
  private func progress(_ step: Int, at seconds: Double) -> RunProgress {
    RunProgress(
      step: step, of: 1000, loss: 0.00123, psnr: 29.1, rowsPerSecond: 1_250_000, elapsed: seconds)
  }

  @Test func aLineTellsAllThatIsKnown() {
    #expect(
      ProgressLine.plain(progress(420, at: 42))
        == "42 %  step 420/1000  29.10 dB  loss 0.00123  1.25 M rows/s  0:42, 0:58 left")
    let solid = RunProgress(step: 1, of: 2, loss: 0.5, iou: 0.98765, elapsed: 1)
    #expect(ProgressLine.plain(solid) == "50 %  step 1/2  IoU 0.9877  loss 0.5  0:01, 0:01 left")
    let unknown = RunProgress(step: 7, elapsed: 3661)
    #expect(ProgressLine.plain(unknown) == "step 7  1:01:01")
  }

  @Test(arguments: [1, 10, 20, 30, 40, 60, 80, 100, 200])
  func aBarFitsIntoItsWidth(width: Int) {
    for step in [0, 1, 420, 999, 1000] {
      let line = ProgressLine.bar(progress(step, at: 42), width: width)
      #expect(line.count <= width, "\(line)")
    }
  }

  @Test func aNarrowBarKeepsWhatTellsMost() {
    #expect(
      ProgressLine.bar(progress(420, at: 42), width: 120)
        == "  42 % [############------------------]  step 420/1000  29.10 dB  loss 0.00123  "
        + "1.25 M rows/s  0:42, 0:58 left")
    #expect(
      ProgressLine.bar(progress(420, at: 42), width: 64)
        == "  42 % [#####--------]  step 420/1000  29.10 dB  0:42, 0:58 left")
    #expect(
      ProgressLine.bar(progress(420, at: 42), width: 34) == "  42 % [####------]  step 420/1000")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func figuresThatAreNotFiniteAreShownAsTheyAre(value: Double) {
    let odd = RunProgress(
      step: 1, of: 0, loss: value, psnr: value, rowsPerSecond: value, elapsed: value,
      share: value)
    #expect(ProgressLine.plain(odd).contains("step 1/0"))
    #expect(ProgressLine.bar(odd, width: 80).count <= 80)
  }

  @Test func aTerminalShowsOneLineThatEndsWhereTheRunEnds() {
    let recorder = Recorder()
    let console = recorder.console(.terminal(width: 80))
    for step in 0...1000 { console.show(progress(step, at: Double(step) / 100)) }
    console.message("hello")
    console.finishProgress()
    let screen = recorder.screen
    #expect(screen.count == 3 && screen[2].isEmpty)
    #expect(screen[0] == "hello")
    #expect(screen[1].hasPrefix(" 100 % [####"))
    // Ten times a second at most, in ten seconds.
    #expect(recorder.text.count(where: { $0 == "\r" }) <= 2 * 105)
    console.finishProgress()
    #expect(recorder.screen == screen)
  }

  @Test func aShorterLineLeavesNothingOfTheLongerOne() {
    let recorder = Recorder()
    let console = recorder.console(.terminal(width: 80))
    console.show(RunProgress(step: 1_000_000, elapsed: 0))
    console.show(RunProgress(step: 1, elapsed: 1))
    console.finishProgress()
    #expect(recorder.screen == ["  step 1  0:01", ""])
  }

  @Test func aLogGetsALineNowAndThen() {
    let recorder = Recorder()
    let console = recorder.console(.log)
    // 40 s, then an hour.
    for step in 0...1000 { console.show(progress(step, at: Double(step) * 0.04)) }
    console.finishProgress()
    let short = recorder.screen
    #expect((3...6).contains(short.count), "\(short)")
    #expect(short.last == "" && short[short.count - 2].hasPrefix("100 %"))
    #expect(!recorder.text.contains("\r"))
    let hour = Recorder()
    let other = hour.console(.log)
    for step in 0...1000 { other.show(progress(step, at: Double(step) * 3.6)) }
    other.finishProgress()
    #expect((20...70).contains(hour.screen.count))
  }

  @Test func aQuietConsoleWritesNothing() {
    let recorder = Recorder()
    let console = recorder.console(.terminal(width: 80), .quiet)
    console.message("hello")
    console.show(progress(1, at: 1))
    console.finishProgress()
    #expect(recorder.text.isEmpty)
  }
}
