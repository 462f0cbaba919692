import Testing
import inr

/// Each wrong call and what it is told: the text is what a user sees.
struct UsageErrorTests {
  @Test func aWrongCallIsToldWhatWasFoundAndWhatWasExpected() {
    let wrong: [(words: [String], message: String)] = [
      (
        ["--learning-rate", "abc"],
        #"--learning-rate: found "abc", expected a positive number, e.g. 1e-3"#
      ),
      (["--learning-rate="], #"--learning-rate: found "", expected a positive number, e.g. 1e-3"#),
      (
        ["--learning-rate"],
        "--learning-rate: found no value, expected a positive number, e.g. 1e-3"
      ),
      (
        ["--learning-rate", "--quiet"],
        "--learning-rate: found no value, expected a positive number, e.g. 1e-3"
      ),
      (["--learn", "1"], "unknown option --learn; did you mean --learning-rate?"),
      (["--setps", "1"], "unknown option --setps; did you mean --steps?"),
      (["--stpes=1"], "unknown option --stpes; did you mean --steps?"),
      (["--nonsense"], "unknown option --nonsense"),
      (["-steps", "1"], "unknown option -steps; did you mean --steps?"),
      (["-x"], "unknown option -x"),
      (["--steps", "1", "--steps", "1"], "--steps: found twice, expected once"),
      (["-q", "--quiet"], "--quiet: found twice, expected once"),
      (["--quiet=yes"], #"--quiet: found the value "yes", but this option takes none"#),
      (["-q=1"], #"-q: found the value "1", but this option takes none"#),
      (
        ["--activation", "sinus"],
        #"--activation: found "sinus", expected one of relu, sine, wire"#
      ),
      (
        ["--activation", "sin"],
        #"--activation: found "sin", expected one of relu, sine, wire; did you mean sine?"#
      ),
      (["--steps", "0"], #"--steps: found "0", expected a whole number of at least 1"#),
      (["--steps", "1.5"], #"--steps: found "1.5", expected a whole number of at least 1"#),
      (["--layers", "10"], #"--layers: found "10", expected a whole number from 0 to 9"#),
      (
        ["--hold-out", "1"],
        #"--hold-out: found "1", expected a number from 0 to below 1, e.g. 0.5"#
      ),
      (
        ["--size", "640"],
        #"--size: found "640", expected a width and a height in pixels, e.g. 1024x768"#
      ),
      (
        ["--corners", "1,2"],
        #"--corners: found "1,2", expected 4 numbers (each a number) with commas between them, "#
          + "e.g. -0.5,-0.5,-0.5,-0.5"
      ),
      (
        ["--noise", "photon=3"],
        #"--noise: found "photon=3", expected photons=NUMBER (a positive number) and "#
          + "readout=NUMBER (a number of at least 0), e.g. photons=30,readout=2"
      ),
      (["b.png", "c.png"], #"found "c.png", expected no operand but PHOTO OTHER"#),
      (["--output", ""], #"--output: found "", expected a folder"#),
    ]
    for (words, message) in wrong {
      #expect(throws: UsageError.self) {
        _ = try SampleCommand.program().parse(["fit", "image", "photo.png"] + words)
      }
      #expect(told(words) == "inr fit image: " + message, "\(words)")
    }
  }

  /// The message for `words` behind `fit image PHOTO`.
  private func told(_ words: [String]) -> String? {
    do {
      _ = try SampleCommand.program().parse(["fit", "image", "photo.png"] + words)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    arguments: [
      "nan", "-nan", "inf", "-inf", "infinity", "1e999", "1e-60", "1e39", "0", "-1", "1,5",
    ],
    ["--learning-rate", "--learning-rate="])
  func aRateIsPositiveAndFiniteInSinglePrecision(text: String, option: String) {
    let words = option.hasSuffix("=") ? [option + text] : [option, text]
    let option = "--learning-rate"
    #expect(
      told(words)
        == #"inr fit image: \#(option): found "\#(text)", expected a positive number, e.g. 1e-3"#)
  }

  @Test(arguments: ["0x5", "5x", "x5", "5x5x5", "-1x5", "axb", "5", "5X5.0", "1000001x1", "5xx5"])
  func aSizeHasTwoPositiveSides(text: String) {
    #expect(SampleCommand.message(for: "--size", text) != nil)
  }

  @Test(arguments: [
    "photons=0", "photons=30,photons=30", "photons", "=3", "photons=30,", "photons=3=4", "",
    "photons=nan",
  ])
  func aSettingHasAKnownNameOnceAndANumber(text: String) {
    #expect(SampleCommand.message(for: "--noise", text) != nil)
  }

  @Test func whatWasFoundStaysOnOneLine() throws {
    let message = try #require(
      SampleCommand.message(for: "--steps", "1\n2\u{1B}[31m" + String(repeating: "x", count: 500)))
    #expect(!message.contains { $0.isNewline || $0 == "\u{1B}" })
    #expect(message.count < 200)
  }

  @Test func aMissingOperandIsCalledByItsName() {
    #expect(
      throws: UsageError("inr fit image", .missingOperand(name: "PHOTO", help: "The picture."))
    ) {
      _ = try SampleCommand.program().parse(["fit", "image", "--quiet"])
    }
  }

  @Test(arguments: [
    (["ft", "image"], #"inr: found "ft", expected one of fit, join; did you mean fit?"#),
    (["fit"], "inr fit: expected one of image, ct, shape"),
    (
      ["fit", "imgae", "a.png"],
      #"inr fit: found "imgae", expected one of image, ct, shape; did you mean image?"#
    ),
    (["fit", "--quiet"], "inr fit: expected one of image, ct, shape"),
    (["--quiet", "fit"], #"inr: found "--quiet" before the command; options stand behind it"#),
    (["help", "fti"], #"inr: found "fti", expected one of fit, join; did you mean fit?"#),
    ([""], #"inr: found "", expected one of fit, join"#),
  ])
  func aWrongVerbIsToldTheRightOnes(words: [String], message: String) {
    let error = #expect(throws: UsageError.self) { _ = try SampleCommand.program().parse(words) }
    #expect(error?.description == message)
  }
}
