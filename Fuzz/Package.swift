// swift-tools-version: 6.1
import PackageDescription

// The decoders under libFuzzer, which brings its own main. Built by scripts/fuzz --guided with --sanitize fuzzer.
let package = Package(
    name: "guided-fuzz",
    dependencies: [.package(name: "flux", path: "..")],
    targets: [
        .executableTarget(
            name: "decoders",
            dependencies: [.product(name: "ConformanceKit", package: "flux")],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    ],
    swiftLanguageModes: [.v6])
