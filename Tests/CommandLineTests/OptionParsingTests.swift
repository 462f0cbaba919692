import Testing
import inr

struct OptionParsingTests {
  @Test(arguments: [
    ["--learning-rate", "1e-3"], ["--learning-rate=1e-3"], ["--learning-rate", ".001"],
    ["--learning-rate", "+0.001"],
  ])
  func aValueStandsBehindItsOptionOrAnEqualsSign(words: [String]) throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "photo.png"] + words)
    #expect(arguments[SampleCommand.rate] == 0.001)
    #expect(arguments[SampleCommand.level] == nil)
    #expect(arguments.texts.keys.sorted() == ["learning-rate"])
  }

  @Test(arguments: [["-o", "out"], ["-oout"], ["-o=out"], ["--output", "out"], ["-qo", "out"]])
  func aShortFormDoesWhatTheLongOneDoes(words: [String]) throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "photo.png"] + words)
    #expect(arguments[SampleCommand.output] == "out")
    #expect(arguments[SampleCommand.quiet] == (words[0] == "-qo"))
  }

  @Test(arguments: ["-0.5", "-.5", "-5e-1"])
  func aNegativeNumberIsAValue(text: String) throws {
    #expect(try SampleCommand.parse("--level", text)[SampleCommand.level] == -0.5)
    #expect(try SampleCommand.parse("--level=\(text)")[SampleCommand.level] == -0.5)
  }

  @Test func optionsAndOperandsMix() throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "-q", "a.png", "-v", "b.png"])
    #expect(arguments[SampleCommand.photo] == "a.png")
    #expect(arguments[SampleCommand.other] == "b.png")
    #expect(arguments[SampleCommand.quiet] && arguments[SampleCommand.verbose])
    #expect(arguments.words == ["-q", "a.png", "-v", "b.png"])
  }

  @Test func twoDashesEndTheOptions() throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "-q", "--", "--steps", "-o"])
    #expect(arguments[SampleCommand.photo] == "--steps")
    #expect(arguments[SampleCommand.other] == "-o")
    #expect(arguments[SampleCommand.count] == nil)
  }

  @Test func aDashAloneIsAnOperandOrAValue() throws {
    let arguments = try SampleCommand.parse(all: ["fit", "image", "-", "-o", "-"])
    #expect(arguments[SampleCommand.photo] == "-")
    #expect(arguments[SampleCommand.output] == "-")
  }

  @Test func everyKindOfValueIsRead() throws {
    let arguments = try SampleCommand.parse(
      "--steps", "12", "--layers=0", "--activation", "wire", "--size", "640x480", "--gains",
      "1.5,2", "--corners=-1,-1,1,1", "--noise", "readout=2,photons=30", "--hold-out", "0",
      "--ratio", "1", "--decay", "0", "--seed", "18446744073709551615")
    #expect(arguments[SampleCommand.count] == 12)
    #expect(arguments[SampleCommand.layers] == 0)
    #expect(arguments[SampleCommand.kind] == "wire")
    #expect(arguments[SampleCommand.size] == PixelSize(width: 640, height: 480))
    #expect(arguments[SampleCommand.gains] == [1.5, 2])
    #expect(arguments[SampleCommand.corners] == [-1, -1, 1, 1])
    #expect(arguments[SampleCommand.noise] == ["photons": 30, "readout": 2])
    #expect(arguments[SampleCommand.share] == 0)
    #expect(arguments[SampleCommand.ratio] == 1)
    #expect(arguments[SampleCommand.decay] == 0)
    #expect(arguments[SampleCommand.seed] == .max)
  }

  @Test func aListThatBeginsWithANegativeNumberIsAValue() throws {
    let arguments = try SampleCommand.parse("--corners", "-1,-0.5,1,2")
    #expect(arguments[SampleCommand.corners] == [-1, -0.5, 1, 2])
  }

  @Test func aRepeatingOperandTakesAllThatIsThere() throws {
    let arguments = try SampleCommand.parse(all: ["join", "a", "b", "c"])
    #expect(arguments[SampleCommand.inputs] == ["a", "b", "c"])
  }
}
