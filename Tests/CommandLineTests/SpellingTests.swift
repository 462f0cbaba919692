import Testing
import inr

struct SpellingTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("sine", "sien", 1),
    ("steps", "setps", 1), ("gabor", "gabor", 0), ("ca", "abc", 3),
  ])
  func editDistanceCountsSlips(source: String, target: String, distance: Int) {
    #expect(editDistance(source, target) == distance)
    #expect(editDistance(target, source) == distance)
  }

  @Test func theNearestWordIsSuggestedOnlyIfItIsNear() {
    let known = ["relu", "leaky-relu", "sine", "finer"]
    #expect(nearest(to: "rleu", among: known) == "relu")
    #expect(nearest(to: "leaky", among: known) == "leaky-relu")
    #expect(nearest(to: "finner", among: known) == "finer")
    #expect(nearest(to: "softplus", among: known) == nil)
    #expect(nearest(to: "", among: known) == nil)
    #expect(nearest(to: "relu", among: []) == nil)
  }
}
