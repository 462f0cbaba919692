import Compute
import Imaging
import Testing

/// `inr ct panels`, as people call it.
struct CTPanelsEndToEndTests {
  @Test func slicesStandSideBySideInOneWindow() throws {
    let workspace = try Workspace()
    let dark = workspace.file("dark.npy")
    let light = workspace.file("light.npy")
    let size = 64
    try NumpyArray(shape: [size, size], elements: Array(repeating: 0.25, count: size * size))
      .write(to: dark)
    try NumpyArray(shape: [size, size], elements: Array(repeating: 0.75, count: size * size))
      .write(to: light)
    let output = workspace.file("both.png")
    let result = try workspace.run([
      "ct", "panels", dark, light, "--captions", "a,b", "--window", "0,1", "-o", output,
    ])
    #expect(result.exitCode == 0)
    let page = try Image.read(output)
    // The middle of the left and of the right half.
    let row = page.height - 30
    #expect(abs(page[row, page.width / 4, 0] - 0.25) < 0.01)
    #expect(abs(page[row, 3 * page.width / 4, 0] - 0.75) < 0.01)
  }

  @Test func slicesOfOtherSizesAreRefused() throws {
    let workspace = try Workspace()
    let (small, large) = (workspace.file("small.npy"), workspace.file("large.npy"))
    try NumpyArray(shape: [2, 2], elements: [0, 1, 2, 3]).write(to: small)
    try NumpyArray(shape: [3, 3], elements: Array(repeating: 1, count: 9)).write(to: large)
    let result = try workspace.run([
      "ct", "panels", small, large, "-o", workspace.file("x.png"),
    ])
    #expect(result.exitCode == 1)
    #expect(result.errors.contains("large.npy"))
  }
}
