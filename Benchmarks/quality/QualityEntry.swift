/// A way to fit a picture, as the tables and the chart of `make bench-quality` call it.
struct QualityEntry {
  enum Program {
    /// `inr fit image` with these words.
    case inr(String)
    /// A recipe of Benchmarks/peers/quality_peer.py that trains with small batches.
    case pytorch(String)
  }

  enum Scope {
    /// All pictures with all budgets, the longest on the first one alone.
    case everywhere
    /// All pictures, without the shortest budgets: the networks of the field's protocol.
    case protocolNetwork
    /// The first picture alone, without the shortest and the longest budgets. All of them with `--long`.
    case firstPicture
  }

  let name: String
  let program: Program
  let scope: Scope

  /// Everything that is compared. A line adds an activation, an encoding or a preset.
  static let all =
    [
      inr("default", "", .everywhere),
      inr("default, single precision", "--precision single", .firstPicture),
      inr("preset fast", "--preset fast", .everywhere),
      inr("preset balanced", "--preset balanced", .everywhere),
      inr("preset best", "--preset best", .firstPicture),
      inr("sine, 2-256x4", "--activation sine --hidden-layers 3", .protocolNetwork),
      inr("finer", "--activation finer", .firstPicture),
      inr("finer, 2-256x4", "--activation finer --hidden-layers 3", .protocolNetwork),
      inr("split-sine", "--activation split-sine", .firstPicture),
      inr("wire", "--activation wire", .firstPicture),
      inr("wire, 2-181x4", "--activation wire --hidden-layers 3", .protocolNetwork),
      inr("wire2d", "--activation wire2d", .firstPicture),
      inr("gabor", "--activation gabor", .firstPicture),
      inr("gauss", "--activation gauss", .firstPicture),
      inr("relu, Fourier features", "--activation relu --encoding fourier", .firstPicture),
      inr("grid, as PyTorch's", smallGrid, .everywhere),
      inr("large grid, as PyTorch's", largeGrid, .everywhere),
    ]
    + [
      pytorch("siren", .everywhere), pytorch("siren-bfloat16", .everywhere),
      pytorch("finer", .firstPicture), pytorch("wire", .firstPicture),
      pytorch("grid", .everywhere), pytorch("large-grid", .everywhere),
      pytorch("large-grid-bfloat16", .everywhere),
    ]

  /// The networks and settings of quality_peer.py's recipes `grid` and `large-grid`.
  private static let grid =
    "--encoding grid --activation relu --width 64 --hidden-layers 1 --learning-rate 1e-2 "
    + "--batch 2048 --beta2 0.99 --grid-coarsest 64"
  private static let smallGrid =
    grid + " --grid-levels 4 --grid-features 4 --grid-finest 384 --grid-entries 14"
  private static let largeGrid =
    grid + " --grid-levels 3 --grid-features 8 --grid-finest 512 --grid-entries 17"

  var isOurs: Bool { if case .inr = program { true } else { false } }

  private static func inr(_ name: String, _ words: String, _ scope: Scope) -> QualityEntry {
    QualityEntry(name: "inr: \(name)", program: .inr(words), scope: scope)
  }

  private static func pytorch(_ recipe: String, _ scope: Scope) -> QualityEntry {
    QualityEntry(name: "PyTorch: \(recipe)", program: .pytorch(recipe), scope: scope)
  }
}
