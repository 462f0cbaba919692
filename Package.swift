// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

func module(_ name: String, imports dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, imports dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: "\(name)Tests", dependencies: ["TestSupport"] + dependencies, resources: resources,
    swiftSettings: settings)
}

let package = Package(
  name: "inr",
  products: [
    .executable(name: "inr", targets: ["inr"]),
    .library(
      name: "ImplicitNeuralRepresentations",
      targets: [
        "Compute", "Networks", "Training", "Imaging", "ImageFitting", "Tomography", "Meshes",
        "ShapeFitting", "SplineGeometry",
      ]),
  ],
  targets: [
    // The system's libraries.
    .systemLibrary(
      name: "CFFTW", pkgConfig: "fftw3f",
      providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CLibPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    // Instructions that Swift has no name for.
    .systemLibrary(name: "CInstructions"),
    // Catches libpng's longjmp in C, where jumping is allowed.
    .target(name: "CPNG", dependencies: ["CLibPNG"]),

    // The program, from the bottom up; design and import rules: Documentation/Architecture.md.
    module("Compute", imports: ["COpenBLAS", "CFFTW", "CInstructions"]),
    module("Networks", imports: ["Compute"]),
    module("Training", imports: ["Compute", "Networks"]),
    module("Imaging", imports: ["Compute", "CPNG"]),
    module("Meshes", imports: ["Compute"]),
    module("ImageFitting", imports: ["Compute", "Networks", "Training", "Imaging"]),
    module("Tomography", imports: ["Compute", "Networks", "Training", "Imaging"]),
    module("ShapeFitting", imports: ["Compute", "Networks", "Training", "Meshes"]),
    module("SplineGeometry", imports: ["Compute", "Networks", "Meshes"]),
    .executableTarget(
      name: "inr",
      dependencies: [
        "Compute", "Networks", "Training", "Imaging", "ImageFitting", "Tomography", "Meshes",
        "ShapeFitting", "SplineGeometry",
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Compute", "Networks", "Training", "Imaging", "Tomography", "Meshes", "ShapeFitting",
        "SplineGeometry",
      ],
      path: "Benchmarks",
      exclude: [
        "common.sh", "constants", "ct", "geometry", "peers", "quality/curves.json", "reproduce",
        "RESULTS.md",
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "Reproductions",
      dependencies: [
        "Compute", "Networks", "Training", "Imaging", "ImageFitting", "Tomography",
        "SplineGeometry",
      ],
      path: "Benchmarks/reproduce", swiftSettings: settings),

    // Slow twins in Double, golden files, and the laws that the modules obey.
    .target(
      name: "TestSupport", dependencies: ["Compute", "Networks"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests(of: "Compute", imports: ["Compute"]),
    tests(of: "Networks", imports: ["Compute", "Networks"], resources: [.copy("Fixtures")]),
    tests(
      of: "Training", imports: ["Compute", "Networks", "Training"], resources: [.copy("Fixtures")]),
    tests(of: "Imaging", imports: ["Compute", "Imaging"], resources: [.copy("Fixtures")]),
    tests(of: "Meshes", imports: ["Compute", "Meshes"]),
    tests(
      of: "ImageFitting", imports: ["Compute", "Networks", "Training", "Imaging", "ImageFitting"]),
    tests(
      of: "Tomography", imports: ["Compute", "Networks", "Training", "Imaging", "Tomography"],
      resources: [.copy("Fixtures")]),
    tests(
      of: "ShapeFitting", imports: ["Compute", "Networks", "Training", "Meshes", "ShapeFitting"]),
    tests(
      of: "SplineGeometry", imports: ["Compute", "Networks", "Meshes", "SplineGeometry"],
      resources: [.copy("Fixtures")]),
    tests(
      of: "CommandLine",
      imports: ["Compute", "Networks", "Imaging", "Tomography", "Meshes", "ShapeFitting", "inr"]),
    tests(of: "Reproductions", imports: ["Compute", "Reproductions"]),
  ]
)
