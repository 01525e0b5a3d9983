// swift-tools-version: 6.1
import PackageDescription

// The tree of docs/architecture.md. Every row names a target and what it may import;
// Tests/ArchitectureTests compares the sources with these rows and with the table of that page.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Nothing is left to the dynamic linker: 0.74 ms of CPU from spawn to exit against 1.9 with the runtime alone linked
// statically. Not for programs that look up users or load libraries.
let staticExecutable: [LinkerSetting] = [.unsafeFlags(["-static-executable", "-Xlinker", "--gc-sections"])]

// ArgumentParser brings FoundationEssentials along, whose own parts have to be named when linked statically.
let staticRuntime: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections"]),
    .linkedLibrary("_FoundationCollections"), .linkedLibrary("_FoundationCShims"),
    .linkedLibrary("swiftSynchronization"),
]

// One RFC = one library product: standard library, FluxJSON and the RFC modules named here, nothing else.
let formats: [(name: String, imports: [String])] = [
    ("FluxJSON", []),
    ("RFC03Message", ["FluxJSON"]),
    ("RFC06RPC", ["FluxJSON", "RFC03Message"]),
    ("RFC10Content", []),
    ("RFC11TreeObject", ["FluxJSON", "RFC10Content"]),
    ("RFC13PMI", []),
    ("RFC14Jobspec", ["FluxJSON", "RFC22Idset", "RFC26Dependency", "RFC29Hostlist", "RFC45Range"]),
    ("RFC16JobSchema", ["RFC19FLUID"]),
    ("RFC18Eventlog", ["FluxJSON"]),
    ("RFC19FLUID", []),
    ("RFC20R", ["FluxJSON", "RFC22Idset", "RFC29Hostlist", "RFC31Constraint"]),
    ("RFC21JobStates", ["FluxJSON", "RFC18Eventlog"]),
    ("RFC22Idset", []),
    ("RFC23FSD", []),
    ("RFC24IO", ["FluxJSON", "RFC18Eventlog", "RFC22Idset"]),
    ("RFC26Dependency", ["FluxJSON"]),
    ("RFC27ResourceAllocation", ["FluxJSON"]),
    ("RFC28ResourceAcquisition", ["FluxJSON", "RFC22Idset"]),
    ("RFC29Hostlist", []),
    ("RFC31Constraint", ["FluxJSON", "RFC22Idset", "RFC29Hostlist"]),
    ("RFC32Execution", ["FluxJSON"]),
    ("RFC33Queue", ["FluxJSON", "RFC23FSD"]),
    ("RFC34Taskmap", ["FluxJSON", "RFC22Idset"]),
    ("RFC35ConstraintQuery", ["FluxJSON", "RFC31Constraint"]),
    ("RFC36Directives", []),
    ("RFC37FileArchive", ["FluxJSON"]),
    ("RFC38KVEncoding", []),
    ("RFC39Signature", ["FluxJSON", "RFC38KVEncoding"]),
    ("RFC40JGF", ["FluxJSON"]),
    ("RFC41JobInfo", ["FluxJSON", "RFC18Eventlog"]),
    ("RFC42Subprocess", ["FluxJSON", "RFC24IO"]),
    (
        "RFC43JobList",
        [
            "FluxJSON", "RFC14Jobspec", "RFC18Eventlog", "RFC20R", "RFC21JobStates", "RFC22Idset", "RFC29Hostlist",
        ]
    ),
    ("RFC44ResourceEvents", ["FluxJSON", "RFC18Eventlog", "RFC22Idset"]),
    ("RFC45Range", ["FluxJSON", "RFC22Idset"]),
    ("RFC46Shape", ["FluxJSON", "RFC45Range"]),
    ("RFC49TreePool", ["FluxJSON", "RFC20R", "RFC22Idset"]),
    ("RFC50ExecEvents", ["FluxJSON", "RFC18Eventlog"]),
]

// Formats with tests of their own beside the golden vectors: what the tests of a module import besides it.
let formatTests: [(name: String, imports: [String])] = [
    ("RFC19FLUID", []),
    ("RFC22Idset", []),
    ("RFC23FSD", []),
    ("RFC29Hostlist", []),
    ("RFC34Taskmap", ["RFC22Idset"]),
    ("RFC45Range", ["FluxJSON"]),
    ("RFC46Shape", ["FluxJSON"]),
]

let formatNames = formats.map(\.name)

// C libraries: a module map each; `link` lines in the map name the library.
let systemLibraries = ["CZMQ", "CHwloc", "CSQLite", "CYAML", "CLZ4", "CCrypto", "CArchive"]

// Everything above the formats: (name, path, imports).
let runtime: [(name: String, path: String, imports: [String])] = [
    ("Digest", "System/Digest", ["CCrypto"]),
    ("YAML", "System/YAML", ["CYAML", "FluxJSON"]),
    ("Reactor", "Runtime/Reactor", ["CSystemShims"]),
    ("Subprocess", "Runtime/Subprocess", ["CSystemShims", "Reactor"]),
    ("Client", "Runtime/Client", ["CSystemShims", "Reactor", "FluxJSON", "RFC03Message", "RFC06RPC"]),
    (
        "JobSubmission", "Commands/JobSubmission",
        [
            "FluxJSON", "RFC14Jobspec", "RFC21JobStates", "RFC22Idset", "RFC26Dependency", "RFC35ConstraintQuery",
            "RFC36Directives", "RFC37FileArchive", "RFC46Shape",
        ]
    ),
    ("CommandKit", "Commands/CommandKit", ["Client", "Reactor", "FluxJSON", "RFC03Message"]),
    (
        "InstanceCommands", "Commands/Instance",
        [
            "CommandKit", "Client", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC13PMI", "RFC22Idset", "RFC23FSD",
            "RFC24IO", "RFC29Hostlist", "RFC34Taskmap", "RFC42Subprocess",
        ]
    ),
    (
        "DiagnosticsCommands", "Commands/Diagnostics",
        ["CommandKit", "Client", "Reactor", "FluxJSON", "RFC03Message", "RFC22Idset", "RFC23FSD", "RFC29Hostlist"]
    ),
    ("Service", "Runtime/Service", ["Client", "Reactor", "FluxJSON", "RFC03Message"]),
    ("Config", "Runtime/Config", ["CTOMLPlusPlus", "FluxJSON"]),
    ("ExecServer", "Runtime/ExecServer",
     ["Client", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC24IO", "RFC42Subprocess"]),
    ("Shell", "Shell",
     ["CSystemShims", "Client", "ExecServer", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC13PMI",
      "RFC18Eventlog", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC23FSD", "RFC24IO", "RFC29Hostlist",
      "RFC34Taskmap"]),
    ("Rexec", "Services/Rexec", ["Service", "Client", "ExecServer", "FluxJSON", "Reactor", "RFC03Message", "Subprocess"]),
    ("KVSClient", "Runtime/KVSClient", ["Client", "FluxJSON", "RFC03Message"]),
    ("JobExec", "Services/JobExec", [
        "Service", "Client", "KVSClient", "Blob", "Reactor", "FluxJSON", "RFC03Message", "RFC10Content", "RFC11TreeObject",
        "RFC18Eventlog", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC23FSD", "RFC24IO", "RFC29Hostlist", "RFC42Subprocess",
    ]),
    ("JobInfo", "Services/JobInfo", [
        "Service", "Client", "KVSClient", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID",
    ]),
    ("JobList", "Services/JobList", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID",
        "RFC21JobStates", "RFC43JobList",
    ]),
    ("JobIngest", "Services/JobIngest", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC14Jobspec", "RFC19FLUID", "RFC23FSD",
        "RFC39Signature",
    ]),
    ("JobManager", "Services/JobManager", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC14Jobspec", "RFC18Eventlog", "RFC19FLUID", "RFC20R",
        "RFC21JobStates", "RFC22Idset", "RFC23FSD",
    ]),
    ("Blob", "Runtime/Blob", ["Digest", "RFC10Content"]),
    (
        "KVS", "Services/KVS",
        [
            "Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content", "RFC11TreeObject",
            "RFC23FSD",
        ]
    ),
    (
        "KVSWatch", "Services/KVSWatch",
        ["Service", "Client", "Reactor", "FluxJSON", "RFC03Message", "RFC10Content", "RFC11TreeObject"]
    ),
    (
        "ContentSQLite", "Services/ContentSQLite",
        ["Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content", "CSQLite", "CLZ4"]
    ),
    ("Content", "Services/Content", ["Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content"]),
    (
        "Resource", "Services/Resource",
        [
            "CHwloc", "Client", "KVSClient", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC18Eventlog",
            "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC28ResourceAcquisition", "RFC29Hostlist", "RFC44ResourceEvents",
        ]
    ),
    (
        "Scheduler", "Services/Scheduler",
        [
            "Client", "KVSClient", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC19FLUID", "RFC20R",
            "RFC27ResourceAllocation", "RFC28ResourceAcquisition",
        ]
    ),
    ("Groups", "Services/Groups", ["Client", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC22Idset"]),
    ("Heartbeat", "Services/Heartbeat", ["Client", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC23FSD"]),
    (
        "Broker", "Broker",
        [
            "CSystemShims", "CZMQ", "Client", "Config", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC13PMI",
            "RFC22Idset", "RFC23FSD", "RFC29Hostlist", "RFC34Taskmap",
        ]
    ),
]

// C ABI: the sonames and symbols of flux-core's libraries, on our modules. Only what exports.map names is visible.
let sharedLibraries: [(target: String, folder: String, product: String, module: String)] = [
    ("FluxIdsetLibrary", "Idset", "flux-idset", "RFC22Idset"),
    ("FluxHostlistLibrary", "Hostlist", "flux-hostlist", "RFC29Hostlist"),
]

// The services that flux-broker can load, one a line.
let brokerServices = [
    "Content",
    "ContentSQLite",
    "Groups",
    "Heartbeat",
    "JobExec",
    "JobInfo",
    "JobIngest",
    "JobList",
    "JobManager",
    "KVS",
    "KVSWatch",
    "Resource",
    "Rexec",
    "Scheduler",
]

let package = Package(
    name: "flux",
    products: formats.map { .library(name: $0.name, targets: [$0.name]) } + [
        .executable(name: "conformance", targets: ["conformance"]),
        .executable(name: "fuzz", targets: ["fuzz"]),
        .library(name: "ConformanceKit", targets: ["ConformanceKit"]),
    ] + sharedLibraries.map { .library(name: $0.product, type: .dynamic, targets: [$0.target]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: formats.map { format in
        .target(
            name: format.name,
            dependencies: format.imports.map { .target(name: $0) },
            exclude: ["README.md"],
            swiftSettings: settings)
    } + systemLibraries.map { name in
        .systemLibrary(name: name, path: "Sources/System/\(name)")
    } + [
        .target(name: "CSystemShims", path: "Sources/System/CSystemShims"),
        .target(name: "CTOMLPlusPlus", path: "Sources/System/CTOMLPlusPlus"),
    ] + runtime.map { module in
        .target(
            name: module.name,
            dependencies: module.imports.map { .target(name: $0) },
            path: "Sources/\(module.path)",
            exclude: ["README.md"],
            swiftSettings: settings)
    } + sharedLibraries.map { library in
        .target(
            name: library.target,
            dependencies: [.target(name: library.module)],
            path: "Sources/Libraries/\(library.folder)",
            exclude: ["exports.map"],
            swiftSettings: settings,
            linkerSettings: staticRuntime + [
                .unsafeFlags([
                    "-Xlinker", "-soname=lib\(library.product).so.1",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/Libraries/\(library.folder)/exports.map",
                ])
            ])
    } + [
        // Reads the golden vectors and runs them; the executable is a thin main.
        .target(
            name: "ConformanceKit",
            dependencies: formatNames.map { .target(name: $0) }
                + ["Digest", "YAML", "Config", "JobSubmission"],
            exclude: ["README.md"],
            swiftSettings: settings),
        .executableTarget(
            name: "conformance",
            dependencies: ["ConformanceKit", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/conformance",
            exclude: ["README.md"],
            swiftSettings: settings),
        .testTarget(
            name: "ResourceProtocolTests",
            dependencies: [
                "FluxJSON", "RFC18Eventlog", "RFC20R", "RFC22Idset", "RFC27ResourceAllocation",
                "RFC28ResourceAcquisition", "RFC40JGF", "RFC44ResourceEvents", "RFC49TreePool",
            ],
            path: "Tests/ResourceProtocolTests",
            swiftSettings: settings),
        .testTarget(
            name: "RFC20RTests",
            dependencies: ["FluxJSON", "RFC20R", "RFC22Idset", "RFC31Constraint"],
            path: "Tests/RFC20RTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobManagerTests",
            dependencies: ["JobManager", "FluxJSON", "RFC19FLUID", "RFC21JobStates"],
            path: "Tests/JobManagerTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobExecTests",
            dependencies: ["JobExec", "FluxJSON", "RFC19FLUID", "RFC20R", "RFC22Idset"],
            path: "Tests/JobExecTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobInfoTests", dependencies: ["JobInfo", "FluxJSON", "RFC18Eventlog"],
            path: "Tests/JobInfoTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobListTests", dependencies: ["JobList", "FluxJSON", "RFC21JobStates", "RFC43JobList"],
            path: "Tests/JobListTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobIngestTests", dependencies: ["JobIngest", "FluxJSON", "RFC39Signature", "Service"],
            path: "Tests/JobIngestTests",
            swiftSettings: settings),
        .testTarget(
            name: "SubprocessTests",
            dependencies: ["Subprocess", "Reactor"],
            path: "Tests/SubprocessTests",
            swiftSettings: settings),
        .testTarget(
            name: "FluxJSONTests",
            dependencies: ["FluxJSON"],
            path: "Tests/FluxJSONTests",
            swiftSettings: settings),
        .testTarget(
            name: "RFC50ExecEventsTests",
            dependencies: ["RFC18Eventlog", "RFC50ExecEvents"],
            path: "Tests/RFC50ExecEventsTests",
            swiftSettings: settings),
        .executableTarget(
            name: "flux-shell",
            dependencies: ["Shell", "Client", "Reactor", "Subprocess", "RFC19FLUID"],
            exclude: ["README.md"],
            swiftSettings: settings,
            linkerSettings: staticExecutable),
        .executableTarget(
            name: "flux-broker",
            dependencies: ["Broker", "Reactor", "Service"] + brokerServices.map { .target(name: $0) }
                + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: ["README.md"],
            swiftSettings: settings,
            linkerSettings: staticRuntime),
        .executableTarget(
            name: "flux",
            dependencies: ["CommandKit", "InstanceCommands", "DiagnosticsCommands"],
            exclude: ["README.md"],
            swiftSettings: settings,
            linkerSettings: staticRuntime),
        .testTarget(
            name: "KVSTests",
            dependencies: ["KVS", "Blob", "FluxJSON", "RFC10Content", "RFC11TreeObject"],
            path: "Tests/KVSTests",
            swiftSettings: settings),
        .testTarget(
            name: "ContentTests",
            dependencies: ["Content", "Blob", "RFC10Content"],
            path: "Tests/ContentTests",
            swiftSettings: settings),
        .testTarget(
            name: "KVSWatchTests",
            dependencies: ["KVSWatch", "FluxJSON"],
            path: "Tests/KVSWatchTests",
            swiftSettings: settings),
        .testTarget(
            name: "ContentSQLiteTests",
            dependencies: ["ContentSQLite", "Blob", "FluxJSON", "RFC10Content"],
            path: "Tests/ContentSQLiteTests",
            swiftSettings: settings),
        .testTarget(
            name: "RFC11TreeObjectTests",
            dependencies: ["FluxJSON", "RFC11TreeObject"],
            path: "Tests/RFC11TreeObjectTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobFormatsTests",
            dependencies: ["FluxJSON", "RFC13PMI", "RFC21JobStates", "RFC33Queue", "RFC43JobList"],
            path: "Tests/JobFormatsTests",
            swiftSettings: settings),
        .testTarget(
            name: "JobSubmissionTests",
            dependencies: ["FluxJSON", "JobSubmission", "RFC14Jobspec", "RFC26Dependency"],
            path: "Tests/JobSubmissionTests",
            swiftSettings: settings),
        // Changed vectors for every decoder; see also Fuzz/Package.swift.
        .executableTarget(
            name: "fuzz",
            dependencies: ["ConformanceKit", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/fuzz",
            exclude: ["README.md"],
            swiftSettings: settings),
        .testTarget(
            name: "SystemTests",
            dependencies: ["Digest", "YAML", "FluxJSON"],
            path: "Tests/SystemTests",
            swiftSettings: settings),
        .testTarget(
            name: "ArchitectureTests",
            path: "Tests/ArchitectureTests",
            swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["ConformanceKit", "FluxJSON"],
            path: "Tests/ConformanceTests",
            swiftSettings: settings),
    ] + formatTests.map { test in
        .testTarget(
            name: "\(test.name)Tests",
            dependencies: ([test.name] + test.imports).map { .target(name: $0) },
            path: "Tests/\(test.name)Tests",
            swiftSettings: settings)
    },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17)
