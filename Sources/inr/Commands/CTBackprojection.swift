import Tomography

extension Command {
  static let ctFBP = Command(
    CommandSpecification(
      ["ct", "fbp"], summary: "Reconstruct slices by filtered back projection.",
      discussion: [
        "The best slice in one pass where there are many views and little noise. A fan beam gets its "
          + "cosine weights, and Parker's in a short scan."
      ],
      operands: [CTReconstruction.sinogram],
      sections: [
        ScanOptions.section.without(["projector"]),
        OptionSection("Filter", [FilterOptions.filter, FilterOptions.scale]),
        SliceResultOptions.section,
      ],
      examples: [
        .init(
          "inr ct fbp sinogram.npy --angles 0:180:90 -o slice.npy", "90 views over half a turn"),
        .init(
          "inr ct fbp sinogram.npy --angles angles.txt --center auto --filter hann -o slice.png",
          "a measured scan whose axis is not known, as a picture"),
        .init(
          "inr ct fbp radon.npy --layout bins,views --angles 0:180:100 --reference truth.npy",
          "what radon of scikit-image made, judged"),
        .init(
          "inr ct fbp fan.npy --angles 0:360:720 --fan 410.66,553.74 --bin-width 0.2",
          "a fan beam; all lengths in millimetres"),
      ]),
    run: { arguments in
      let filter = FilterOptions(arguments)
      let command = try CTReconstruction(arguments, method: "fbp")
      try command.run { data, workers in
        let method = FilteredBackprojection(
          data.scan, data.grid, window: filter.window, frequencyScale: filter.frequencyScale,
          convention: command.scanOptions.convention, workers: workers)
        return { sinogram, _ in .init(slice: method.reconstruct(sinogram)) }
      }
    })

  static let ctBackproject = Command(
    CommandSpecification(
      ["ct", "backproject"],
      summary: "Spread sinograms back over their rays: the exact adjoint of inr ct project.",
      discussion: [
        "This is no reconstruction, but a building block of one; inr ct fbp filters first."
      ],
      operands: [CTReconstruction.sinogram],
      sections: [ScanOptions.section, SliceResultOptions.section],
      examples: [
        .init(
          "inr ct backproject sinogram.npy --angles 0:180:90 -o spread.npy",
          "the adjoint of what inr ct project does with the same angles")
      ]),
    run: { arguments in
      let command = try CTReconstruction(arguments, method: "backproject")
      try command.run { data, workers in
        let projector = Projector(
          data.scan, data.grid, model: command.scanOptions.projection, workers: workers)
        return { sinogram, _ in .init(slice: projector.backproject(sinogram)) }
      }
    })
}

/// How views are filtered before they are spread over the slice.
private struct FilterOptions {
  static let filter = Option(
    "filter", .choice(of: RampFilter.Window.self),
    help: "Window of the ramp filter, from sharp to smooth; none leaves the ramp out, too.",
    default: "ram-lak")
  static let scale = Option(
    "frequency-scale", .number(.positiveUpTo1), placeholder: "SHARE",
    help: "The share of the frequencies that pass; less is smoother.", default: "1")

  let window: RampFilter.Window
  let frequencyScale: Double

  init(_ arguments: ParsedArguments) {
    window = arguments[Self.filter] ?? .ramLak
    frequencyScale = arguments[Self.scale] ?? 1
  }
}
