// swift-tools-version: 6.1
import PackageDescription

// A package of somebody else: it takes two formats of this one and nothing more.
let package = Package(
    name: "examples",
    dependencies: [.package(name: "flux", path: "..")],
    targets: [
        .executableTarget(
            name: "nodes",
            dependencies: [
                .product(name: "RFC29Hostlist", package: "flux"),
                .product(name: "RFC23FSD", package: "flux"),
            ])
    ],
    swiftLanguageModes: [.v6])
