extension Image {
  /// Gray pictures of one size side by side with captions, as an RGB picture.
  ///
  /// Small pictures are enlarged by whole factors until their captions fit, but thin and tall ones
  /// only as far as they are not taller than that; large ones are averaged until all have at most
  /// `maximumWidth` columns.
  public static func panels(
    _ panels: [(caption: String, image: Image)], maximumWidth: Int = 2400
  ) -> Image {
    guard let first = panels.first?.image else {
      return Image(width: 1, height: 1, channels: 3, filledWith: 1)
    }
    let margin = 16
    let room = max(1, (maximumWidth - (panels.count + 1) * margin) / panels.count)
    let shrinking = (max(first.width, first.height) + room - 1) / room
    let pictures = panels.map { $0.image.areaAveraged(by: shrinking) }
    let longest = panels.map(\.caption.count).max() ?? 0
    let scale = 2
    let wanted = longest * BitmapFont.advance * scale
    let largest = max(pictures[0].width, pictures[0].height)
    let enlarging = max(1, (wanted + largest - 1) / largest)
    let (width, height) = (pictures[0].width * enlarging, pictures[0].height * enlarging)
    let cell = max(width, wanted)
    let top = margin + scale * BitmapFont.height + margin / 2
    var page = Image(
      width: panels.count * (cell + margin) + margin, height: top + height + margin, channels: 3,
      filledWith: 1)
    for (index, picture) in pictures.enumerated() {
      precondition(picture.width == pictures[0].width && picture.height == pictures[0].height)
      let left = margin + index * (cell + margin)
      page.draw(
        panels[index].caption, row: margin, column: left, scale: scale,
        color: SIMD3(repeating: 0.1))
      for row in 0..<height {
        for column in 0..<width {
          let value = picture[row / enlarging, column / enlarging, 0]
          for channel in 0..<3 {
            page[top + row, left + column, channel] = min(max(value, 0), 1)
          }
        }
      }
    }
    return page
  }
}
