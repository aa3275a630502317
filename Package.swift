// swift-tools-version: 6.2
import PackageDescription

// The manifest is evaluated once and cached, so it reads the environment and never the disk.
// The Makefile sets NN_DIST_MARCH (target processor) and NN_DIST_STRICT (warnings are errors).
#if arch(x86_64)
  let processor = Context.environment["NN_DIST_MARCH"] ?? "x86-64-v3"
#else
  let processor = Context.environment["NN_DIST_MARCH"] ?? "native"
#endif

// Without oneDNN 2.x OpenBLAS computes, and the folders that speak to oneDNN are left out.
let hasOneDNN = Context.environment["NN_DIST_ONEDNN"] != "0"
let withoutOneDNN = hasOneDNN ? [] : ["OneDNN"]

let strict: [SwiftSetting] =
  Context.environment["NN_DIST_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .unsafeFlags(["-Xcc", "-march=\(processor)", "-Xcc", "-fno-math-errno"]),
  ] + strict + (hasOneDNN ? [.define("ONEDNN")] : [])

/// A Swift module in `Sources/<name>` with its tests in `Tests/<name>Tests`.
func module(
  _ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = [],
  leaving: [String] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies, exclude: ["README.md"] + leaving,
      swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [.byName(name: name), "TestSupport"] + dependencies + tests,
      swiftSettings: settings),
  ]
}

/// A program that uses the library, as a user would write it.
func example(
  _ name: String, in folder: String = "Examples", settings: [SwiftSetting] = strict
) -> Target {
  .executableTarget(
    name: name, dependencies: ["Neuron"], path: "\(folder)/\(name)",
    swiftSettings: [.swiftLanguageMode(.v6)] + settings)
}

/// A C library: a module map and a header of inline functions, imported by exactly one module.
func library(_ name: String, pkgConfig: String? = nil, package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let libraries: [Target] =
  [
    library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    library("CElementwise", package: "libc6-dev"),
    library("CHDF5", pkgConfig: "hdf5", package: "libhdf5-dev"),
    library("CLinux", package: "libc6-dev"),
    library("CMPI", pkgConfig: "ompi-c", package: "libopenmpi-dev"),
    library("COpenBLAS", package: "libopenblas0"),
    library("COpenMP", package: "libgomp1"),
    library("CPNG", pkgConfig: "libpng", package: "libpng-dev"),
    library("CSockets", package: "libc6-dev"),
    library("CTiles", package: "libc6-dev"),
    library("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
    library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
  ] + (hasOneDNN ? [library("COneDNN", package: "libdnnl-dev")] : [])

// From the bottom up: a module depends only on modules above it in this list. What only one
// command imports, and nothing that trains, is a module beside Training: GradientChecks,
// Inspections, Planning, Drafts, Environment.
let modules: [[Target]] = [
  module("Diagnostics", []),
  module("Reports", ["Diagnostics", "Elementary"]),
  module("Elementary", []),
  module("Randomness", ["Elementary"]),
  module("Configuration", ["Diagnostics", "CYAML"]),
  module("Processes", ["Diagnostics", "CLinux"]),
  module("Communication", ["Diagnostics", "Processes", "CMPI", "CLinux"]),
  module("Files", ["Diagnostics", "CCrypto"]),
  module(
    "HDF5Files", ["Diagnostics", "Processes", "Files", "CHDF5", "CLinux", "CSockets"]),
  module("Graphs", []),
  module("JSON", ["Diagnostics"]),
  module("RunFiles", ["Diagnostics", "Files", "JSON", "Reports"]),
  module("Charts", ["Diagnostics", "Reports"]),
  module("EventFiles", ["Diagnostics", "Files"]),
  module(
    "Pages", ["Diagnostics", "Configuration", "Files", "Reports", "RunFiles", "Charts"]),
  module("Explanations", ["Diagnostics", "Graphs"]),
  module(
    "Kernels",
    ["Diagnostics", "Elementary", "CElementwise", "COpenBLAS", "COpenMP", "CLinux", "CTiles"]
      + (hasOneDNN ? ["COneDNN"] : []),
    leaving: withoutOneDNN),
  module(
    "Execution", ["Diagnostics", "Processes", "Graphs", "Kernels", "Randomness"],
    tests: ["HDF5Files"],
    leaving: withoutOneDNN),
  module(
    "Networks", ["Diagnostics", "Configuration", "Elementary", "Graphs", "Randomness"]),
  module("Optimizers", ["Diagnostics", "Configuration", "Elementary"]),
  module(
    "Datasets",
    [
      "Diagnostics", "Processes", "Configuration", "Elementary", "Files", "HDF5Files", "Randomness",
      "CPNG", "CZlib",
    ]),
  module("Checkpoints", ["Diagnostics", "Files", "HDF5Files", "Graphs"]),
  module(
    "ModelFiles", ["Diagnostics", "Processes", "Files", "JSON", "Networks"],
    tests: ["Graphs", "Configuration"]),
  module("CommandLineOptions", ["Diagnostics"]),
  module(
    "Training",
    [
      "Diagnostics", "Processes", "Elementary", "Randomness", "Configuration", "Communication",
      "Files", "HDF5Files", "Graphs", "Kernels", "Execution", "Networks", "Optimizers", "Datasets",
      "Checkpoints", "ModelFiles", "Reports", "Explanations", "RunFiles", "Charts", "EventFiles",
      "Pages",
    ], tests: ["GradientChecks"]),
  module(
    "GradientChecks",
    [
      "Diagnostics", "Randomness", "Processes", "Graphs", "Kernels", "Execution", "Networks",
      "Datasets", "Reports", "Training",
    ]),
  module(
    "Inspections",
    [
      "Diagnostics", "Configuration", "Graphs", "Networks", "Files", "HDF5Files", "Datasets",
      "Checkpoints", "ModelFiles", "Reports", "Training",
    ]),
  module(
    "Neuron",
    [
      "Diagnostics", "Processes", "Elementary", "Randomness", "Configuration", "Communication",
      "Files", "Graphs", "Kernels", "Execution", "Networks", "Optimizers", "Datasets", "ModelFiles",
      "Reports", "Charts", "Training",
    ], tests: ["colours", "digits", "normal", "NeuronDocument", "NeuronModels", "NeuronRanks"]),
  module(
    "Planning",
    [
      "Diagnostics", "Elementary", "Randomness", "Configuration", "Communication", "Files",
      "Graphs", "Networks", "Datasets", "Checkpoints", "JSON", "Reports", "Charts", "Training",
    ]),
  module(
    "Drafts", ["Diagnostics", "Configuration", "Files", "HDF5Files", "Datasets"],
    tests: ["Training"]),
  module("Environment", ["Diagnostics", "Communication", "Kernels", "Files", "CLinux"]),
]

// Builds of another kind need the lower modules alone: NN_DIST_UP_TO names the last of them.
let last = Context.environment["NN_DIST_UP_TO"].flatMap { name in
  modules.firstIndex { $0[0].name == name }
}
let built = modules.prefix((last ?? modules.count) + 1)

let support: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["Graphs", "Communication", "Reports"],
    path: "Tests/TestSupport",
    swiftSettings: settings)
]

let programs: [Target] = [
  .executableTarget(
    name: "nn-dist",
    dependencies: [
      "CommandLineOptions", "Training", "Diagnostics", "Communication", "Configuration",
      "Explanations", "Checkpoints", "Datasets", "Drafts", "Environment", "Execution", "Files",
      "Graphs", "GradientChecks", "HDF5Files", "Inspections", "ModelFiles", "Planning", "Processes",
      "Reports", "RunFiles", "Charts", "Pages",
    ],
    exclude: ["README.md"],
    swiftSettings: settings),
  example("colours"), example("digits"), example("normal"),
  // Its samples stand as they were published, with what gives warnings.
  example("NeuronDocument", in: "Tests", settings: [.unsafeFlags(["-suppress-warnings"])]),
  example("NeuronModels", in: "Tests"), example("NeuronRanks", in: "Tests"),
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "TestSupport", "CommandLineOptions", "Training", "Configuration", "Checkpoints",
      "Datasets", "Diagnostics", "Files", "HDF5Files", "Inspections", "RunFiles",
    ],
    swiftSettings: settings),
]

let package = Package(
  name: "nn-dist",
  products: last == nil
    ? [
      .executable(name: "nn-dist", targets: ["nn-dist"]),
      .library(name: "Neuron", targets: ["Neuron"]),
    ] : [],
  targets: libraries + built.flatMap { $0 } + support + (last == nil ? programs : [])
)
