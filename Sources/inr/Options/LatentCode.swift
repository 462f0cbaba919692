import Compute

/// The values of a network's first inputs, as they were given.
package enum LatentCode: Sendable, Equatable {
  case numbers([Double])
  /// A `.npy` file.
  case file(String)

  /// - Throws: ``NumpyFileError`` of a file that cannot be read.
  func numbers() throws -> [Double] {
    switch self {
    case .numbers(let numbers): numbers
    case .file(let path): try NumpyArray.read(path).elements.map { Double($0) }
    }
  }
}

extension ValueReader where Value == LatentCode {
  package static var latentCode: ValueReader {
    let numbers = ValueReader<[Double]>.numbers(.any)
    return ValueReader(
      placeholder: "V,V,...|FILE.npy",
      expectation: "numbers with commas between them, or a .npy file"
    ) { text in
      text.lowercased().hasSuffix(".npy") ? .file(text) : numbers.read(text).map { .numbers($0) }
    }
  }
}
