// swift-tools-version: 6.2
import PackageDescription

// KERNELS_MARCH chooses the processor; the tiles that fit its registers follow from it.
let processor = Context.environment["KERNELS_MARCH"] ?? "x86-64-v4"
let tiles: [SwiftSetting] = processor == "x86-64-v3" ? [.define("SMALL_TILES")] : []

let package = Package(
  name: "kernels",
  targets: [
    .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .executableTarget(
      name: "kernels", dependencies: ["CDNNL"],
      swiftSettings: [
        .swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .unsafeFlags(["-Xcc", "-march=\(processor)"]),
      ] + tiles),
  ]
)
