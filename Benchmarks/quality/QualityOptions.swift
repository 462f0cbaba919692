/// What `--only quality` was asked for.
struct QualityOptions {
  /// The program that is compared.
  var inr = ".build/release/inr"
  /// A folder with colour pictures.
  var data: String?
  /// Pictures of the user's own, in place of the usual ones.
  var pictures: [String] = []
  /// Larger pictures are averaged down to so many pixels a side.
  var side: Int?
  /// Where the charts go.
  var charts = "outputs/quality"
  /// All entries on all pictures with all budgets.
  var isLong = false
  /// Seconds of training, growing.
  var budgets = [0.1, 0.3, 1, 5, 15, 60]
  /// Of each program; all cores unless given.
  var threads: Int?
  /// A factor of all times, to try the benchmark out.
  var scale = 1.0
  /// Parts of names; an entry or recipe is left out unless its name has one of them.
  var entries: [String] = []
  /// Make curves of public recipes, of so many steps, in place of comparing.
  var curveSteps: Int?

  /// Takes an option of the command line over; false if it is none of these, or the value is wrong.
  mutating func take(_ name: String, _ value: String) -> Bool {
    let words = value.split(separator: ",").map(String.init)
    switch name {
    case "--inr": inr = value
    case "--data": data = value
    case "--picture": pictures.append(value)
    case "--charts": charts = value
    case "--entries": entries = words
    case "--budgets":
      budgets = words.compactMap(Double.init)
      return budgets.count == words.count && !budgets.isEmpty && budgets == budgets.sorted()
    case "--scale":
      guard let factor = Double(value), factor > 0 else { return false }
      scale = factor
    case "--threads":
      guard let count = Int(value), count > 0 else { return false }
      threads = count
    case "--side":
      guard let pixels = Int(value), pixels >= 16 else { return false }
      side = pixels
    case "--curves":
      guard let steps = Int(value), steps > 0 else { return false }
      curveSteps = steps
    default: return false
    }
    return true
  }

  static let longBudgets = [0.1, 0.3, 1, 2, 5, 15, 30, 60]

  func isWanted(_ name: String) -> Bool {
    entries.isEmpty || entries.contains { name.contains($0) }
  }

  /// Whether an entry of a scope has this budget: the shortest are for entries that matter, the longest
  /// for these on the first picture and for the field's protocol.
  func hasBudget(_ budget: Double, _ scope: QualityEntry.Scope, _ isFirst: Bool) -> Bool {
    if isLong || budgets.count == 1 { return true }
    return switch scope {
    case .everywhere: budget < 60 || isFirst
    case .protocolNetwork: budget >= 5
    case .firstPicture: (5..<60).contains(budget)
    }
  }
}
