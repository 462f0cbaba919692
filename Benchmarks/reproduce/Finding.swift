import Foundation
import Imaging

/// What an experiment found.
package struct Finding: Sendable {
  package enum Verdict: String, Sendable {
    case seen = "Seen"
    case seenInPart = "Seen in part"
    case notSeen = "Not seen"

    init(_ isSeen: Bool, _ others: Bool...) {
      let seenCount = ([isSeen] + others).count { $0 }
      self = seenCount == others.count + 1 ? .seen : seenCount > 0 ? .seenInPart : .notSeen
    }
  }

  package let verdict: Verdict
  /// What was measured, in words and numbers.
  package let measured: String
  package let tables: [Table]
  package let figures: [Figure]

  package var sentence: String { "\(verdict.rawValue): \(measured)" }
}

/// Rows of numbers, with a name for each column.
package struct Table: Sendable {
  package let name: String
  package let columns: [String]
  package private(set) var rows: [[String]] = []

  init(_ name: String, columns: [String]) {
    self.name = name
    self.columns = columns
  }

  mutating func append(_ cells: Cell...) {
    precondition(cells.count == columns.count, "\(cells.count) cells, \(columns.count) columns")
    rows.append(cells.map(\.text))
  }

  package var csv: String {
    ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  enum Cell {
    case text(String)
    case count(Int)
    case number(Double)

    var text: String {
      switch self {
      case .text(let text): text
      case .count(let count): "\(count)"
      case .number(let number): String(format: "%.6g", number)
      }
    }
  }
}

/// A drawing as the bytes of one or two files.
package struct Figure: Sendable {
  package let name: String
  package let svg: Data?
  package let image: Image?

  init(_ name: String, charts: [LineChart]) {
    self.name = name
    svg = Data(LineChart.svg(charts).utf8)
    image = nil
  }

  /// - Parameter withSVG: false for drawings whose many polygons are no smaller than pixels.
  init(_ name: String, _ picture: VectorPicture, withSVG: Bool = true) {
    self.name = name
    svg = withSVG ? picture.svg : nil
    image = picture.image
  }
}
