// swift-tools-version: 6.1
import PackageDescription

// Measures the project from outside: formats as any importer has them, programs as any user starts them.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "flux", path: "..")],
    targets: [
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CAllocationCount",
                .product(name: "FluxJSON", package: "flux"),
                .product(name: "RFC03Message", package: "flux"),
                .product(name: "RFC14Jobspec", package: "flux"),
                .product(name: "RFC18Eventlog", package: "flux"),
                .product(name: "RFC19FLUID", package: "flux"),
                .product(name: "RFC20R", package: "flux"),
                .product(name: "RFC22Idset", package: "flux"),
                .product(name: "RFC29Hostlist", package: "flux"),
                .product(name: "RFC34Taskmap", package: "flux"),
            ]),
    ],
    swiftLanguageModes: [.v6])
