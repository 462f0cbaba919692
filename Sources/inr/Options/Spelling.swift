/// A number and what it counts: "1 step", "2 steps".
func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// The word that someone may have meant to type, if one is near enough.
///
/// The beginning of a word counts as near, so that `--learn` finds `--learning-rate`.
package func nearest(to word: String, among known: [String]) -> String? {
  let bare = word.drop { $0 == "-" }
  // A single letter resembles every other one.
  guard bare.count >= 2 else { return nil }
  if let longer = known.first(where: { $0.drop { $0 == "-" }.hasPrefix(bare) }) { return longer }
  // A third of the letters may be wrong.
  let limit = max(1, bare.count / 3)
  return known.map { (word: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= limit }
    .min { $0.distance < $1.distance }?.word
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `source` into `target`.
///
/// No letter is moved twice ("optimal string alignment").
package func editDistance(_ source: String, _ target: String) -> Int {
  let (source, target) = (Array(source), Array(target))
  var beforePrevious: [Int] = []
  var previous = Array(0...target.count)
  for i in source.indices {
    var row = [i + 1]
    for j in target.indices {
      var best = min(
        previous[j + 1] + 1, row[j] + 1, previous[j] + (source[i] == target[j] ? 0 : 1))
      if i > 0, j > 0, source[i] == target[j - 1], source[i - 1] == target[j] {
        best = min(best, beforePrevious[j - 1] + 1)
      }
      row.append(best)
    }
    (beforePrevious, previous) = (previous, row)
  }
  return previous[target.count]
}
