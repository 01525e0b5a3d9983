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

let staticRuntime: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections"]),
    .linkedLibrary("_FoundationCollections"), .linkedLibrary("_FoundationCShims"),
    .linkedLibrary("swiftSynchronization"),
]

// A program at a fixed address has no relocations, of which the Swift runtime and our tables have 48,000: each start would
// write 300 kB of pages that it then shares with nobody. libstdc++ is linked statically too (StaticLibraries/README.md).
// `flux version`, spawn to exit: 1.5 ms of CPU against 2.5 with a relocated program that loads libstdc++.
let fixedProgram: [LinkerSetting] = staticRuntime + [
    .unsafeFlags([
        "-use-ld=lld", "-Xclang-linker", "-no-pie", "-Xclang-linker", "-static-libgcc", "-Xlinker", "--no-export-dynamic",
        "-L", "\(Context.packageDirectory)/Sources/System/StaticLibraries",
    ])
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
    (
        "CommandKit", "Commands/CommandKit",
        ["Client", "Reactor", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC23FSD"]
    ),
    (
        "StorageCommands", "Commands/Storage",
        [
            "CSystemShims", "CommandKit", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC10Content", "Blob",
            "RFC18Eventlog", "RFC19FLUID", "RFC23FSD", "RFC11TreeObject", "ArchiveFiles", "RFC37FileArchive"]
    ),
    (
        "JobCommands", "Commands/Jobs",
        [
            "CSystemShims", "CommandKit", "Client", "JobSubmission", "Reactor", "FluxJSON", "RFC03Message", "RFC14Jobspec",
            "RFC18Eventlog", "RFC19FLUID", "RFC19FLUID", "RFC20R", "RFC21JobStates", "RFC22Idset", "RFC23FSD", "RFC24IO",
            "RFC29Hostlist", "RFC34Taskmap", "RFC39Signature",
        ]
    ),
    (
        "ResourceCommands", "Commands/Resources",
        [
            "CommandKit", "Client", "Reactor", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC23FSD",
            "RFC29Hostlist", "RFC31Constraint",
        ]
    ),
    (
        "InstanceCommands", "Commands/Instance",
        [
            "CSystemShims", "CommandKit", "Client", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC13PMI",
            "RFC19FLUID", "RFC22Idset", "RFC23FSD",
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
     ["CSystemShims", "Client", "ExecServer", "KVSClient", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC10Content", "RFC13PMI",
      "RFC18Eventlog", "RFC19FLUID", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC23FSD", "RFC24IO", "RFC29Hostlist",
      "RFC34Taskmap", "RFC37FileArchive"]),
    ("Rexec", "Services/Rexec", ["Service", "Client", "ExecServer", "FluxJSON", "Reactor", "RFC03Message", "Subprocess"]),
    ("KVSClient", "Runtime/KVSClient", ["Client", "FluxJSON", "RFC03Message", "RFC18Eventlog"]),
    ("JobExec", "Services/JobExec", [
        "Service", "Client", "KVSClient", "Blob", "Reactor", "FluxJSON", "RFC03Message", "RFC10Content", "Blob", "RFC11TreeObject",
        "RFC18Eventlog", "RFC19FLUID", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC23FSD", "RFC24IO", "RFC29Hostlist", "RFC42Subprocess",
    ]),
    ("JobInfo", "Services/JobInfo", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID", "RFC19FLUID",
    ]),
    ("JobList", "Services/JobList", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID",
        "RFC21JobStates", "RFC43JobList",
    ]),
    ("JobIngest", "Services/JobIngest", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC14Jobspec", "RFC19FLUID", "RFC23FSD", "RFC29Hostlist", "RFC33Queue",
        "RFC39Signature",
    ]),
    ("JobManager", "Services/JobManager", [
        "Service", "Client", "KVSClient", "Reactor", "FluxJSON", "RFC03Message", "RFC14Jobspec", "RFC18Eventlog",
        "RFC19FLUID", "RFC20R", "RFC21JobStates", "RFC22Idset", "RFC23FSD", "RFC33Queue", "RFC24IO", "RFC29Hostlist", "RFC42Subprocess",
    ]),
    ("ContentBacking", "Runtime/ContentBacking", ["Service", "Client", "FluxJSON", "RFC10Content"]),
    ("ArchiveFiles", "Runtime/ArchiveFiles", ["RFC37FileArchive"]),
    ("Blob", "Runtime/Blob", ["Digest", "RFC10Content"]),
    (
        "KVS", "Services/KVS",
        [
            "Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content", "Blob", "RFC11TreeObject",
            "RFC23FSD",
        ]
    ),
    (
        "KVSWatch", "Services/KVSWatch",
        ["Service", "Client", "Reactor", "FluxJSON", "RFC03Message", "RFC10Content", "Blob", "RFC11TreeObject"]
    ),
    (
        "ContentSQLite", "Services/ContentSQLite",
        ["ContentBacking", "Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content", "Blob", "CSQLite", "CLZ4"]
    ),
    (
        "ContentFiles", "Services/ContentFiles",
        ["ContentBacking", "Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content"]
    ),
    ("Content", "Services/Content", ["Service", "Client", "Reactor", "Blob", "FluxJSON", "RFC03Message", "RFC10Content"]),
    (
        "Resource", "Services/Resource",
        [
            "CHwloc", "Client", "KVSClient", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC18Eventlog", "RFC19FLUID",
            "RFC20R", "RFC22Idset", "RFC23FSD", "RFC28ResourceAcquisition", "RFC29Hostlist", "RFC44ResourceEvents",
        ]
    ),
    (
        "Scheduler", "Services/Scheduler",
        [
            "Client", "KVSClient", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC19FLUID", "RFC20R", "RFC22Idset",
            "RFC27ResourceAllocation", "RFC28ResourceAcquisition",
        ]
    ),
    ("Groups", "Services/Groups", ["Client", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC22Idset"]),
    (
        "Cron", "Services/Cron",
        ["Client", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC22Idset", "RFC23FSD", "RFC24IO", "RFC42Subprocess"]
    ),
    ("Heartbeat", "Services/Heartbeat", ["Client", "Reactor", "Service", "FluxJSON", "RFC03Message", "RFC23FSD"]),
    (
        "Broker", "Broker",
        [
            "CSystemShims", "CZMQ", "Client", "Config", "KVSClient", "Reactor", "Service", "Subprocess", "FluxJSON",
            "RFC03Message", "RFC13PMI", "RFC18Eventlog", "RFC19FLUID", "RFC22Idset", "RFC23FSD", "RFC29Hostlist", "RFC34Taskmap",
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
    "Content", "ContentFiles",
    "ContentSQLite",
    "Cron",
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

// Tests mirror Sources: a row a target, with what it imports.
let tests: [(name: String, imports: [String])] = [
    ("ArchitectureTests", []),
    ("ArchiveFilesTests", ["ArchiveFiles", "FluxJSON", "RFC37FileArchive"]),
    (
        "BrokerTests",
        [
            "Blob", "Broker", "Client", "Content", "FluxJSON", "Groups", "Heartbeat", "KVS", "KVSClient", "RFC03Message",
            "RFC10Content", "Reactor", "Service",
        ]
    ),
    (
        "ConformanceTests", ["ConformanceKit"] + formats.map(\.name)
    ),
    ("ContentSQLiteTests", ["ContentSQLite", "Blob", "FluxJSON", "RFC10Content"]),
    ("ContentTests", ["Content", "Blob", "RFC10Content"]),
    ("CronTests", ["Cron", "Client", "FluxJSON"]),
    ("FluxJSONTests", ["FluxJSON"]),
    ("JobExecTests", ["JobExec", "Service", "FluxJSON", "KVSClient", "RFC19FLUID", "RFC20R", "RFC22Idset"]),
    ("JobFormatsTests", ["FluxJSON", "RFC13PMI", "RFC21JobStates", "RFC33Queue", "RFC43JobList"]),
    ("JobInfoTests", ["JobInfo", "FluxJSON", "RFC18Eventlog"]),
    ("JobIngestTests", ["JobIngest", "FluxJSON", "RFC14Jobspec", "RFC39Signature", "Service"]),
    ("JobListTests", ["JobList", "FluxJSON", "RFC21JobStates", "RFC43JobList"]),
    ("JobManagerTests", ["JobManager", "FluxJSON", "RFC03Message", "RFC19FLUID", "RFC21JobStates", "Service"]),
    ("JobSubmissionTests", ["FluxJSON", "JobSubmission", "RFC14Jobspec", "RFC26Dependency"]),
    ("KVSClientTests", ["FluxJSON", "KVSClient", "RFC18Eventlog"]),
    ("KVSTests", ["KVS", "Blob", "FluxJSON", "RFC10Content", "RFC11TreeObject"]),
    ("KVSWatchTests", ["KVSWatch", "FluxJSON"]),
    // Starts instances with the programs of the same build, which lie beside the test program.
    ("InstanceTests", ["FluxJSON", "RFC03Message", "RFC19FLUID", "RFC39Signature"]),
    ("RFC03MessageTests", ["RFC03Message", "FluxJSON"]),
    ("RFC11TreeObjectTests", ["FluxJSON", "RFC11TreeObject"]),
    ("RFC19FLUIDTests", ["RFC19FLUID"]),
    ("RFC20RTests", ["FluxJSON", "RFC20R", "RFC22Idset", "RFC31Constraint"]),
    ("RFC22IdsetTests", ["RFC22Idset"]),
    ("RFC23FSDTests", ["RFC23FSD"]),
    ("RFC29HostlistTests", ["RFC29Hostlist"]),
    ("RFC32ExecutionTests", ["FluxJSON", "RFC32Execution"]),
    ("RFC34TaskmapTests", ["RFC34Taskmap", "RFC22Idset"]),
    ("RFC41JobInfoTests", ["FluxJSON", "RFC18Eventlog", "RFC41JobInfo"]),
    ("RFC42SubprocessTests", ["FluxJSON", "RFC42Subprocess"]),
    ("RFC45RangeTests", ["RFC45Range", "FluxJSON"]),
    ("RFC46ShapeTests", ["RFC46Shape", "FluxJSON"]),
    ("RFC50ExecEventsTests", ["RFC18Eventlog", "RFC19FLUID", "RFC50ExecEvents"]),
    (
        "ResourceProtocolTests",
        [
            "FluxJSON", "RFC18Eventlog", "RFC19FLUID", "RFC20R", "RFC22Idset", "RFC27ResourceAllocation",
            "RFC28ResourceAcquisition", "RFC40JGF", "RFC44ResourceEvents", "RFC49TreePool",
        ]
    ),
    (
        "ResourceTests",
        ["Resource", "FluxJSON", "RFC18Eventlog", "RFC20R", "RFC22Idset", "RFC28ResourceAcquisition", "Service"]
    ),
    ("SchedulerTests", ["Scheduler", "FluxJSON", "RFC20R", "RFC27ResourceAllocation", "Service"]),
    ("ExecServerTests", ["ExecServer", "Client", "FluxJSON", "RFC03Message", "Reactor"]),
    ("ShellTests",
     ["Shell", "Client", "Reactor", "Subprocess", "FluxJSON", "RFC03Message", "RFC19FLUID", "RFC22Idset", "RFC24IO",
      "RFC34Taskmap", "RFC37FileArchive", "Reactor"]),
    ("CommandKitTests", ["CommandKit"]),
    ("SubprocessTests", ["Subprocess", "Reactor"]),
    ("SystemTests", ["Config", "Digest", "YAML", "FluxJSON"]),
]

let formatTargets: [Target] = formats.map { format in
    .target(
        name: format.name,
        dependencies: format.imports.map { .target(name: $0) },
        exclude: ["README.md"],
        swiftSettings: settings)
}

let systemLibraryTargets: [Target] = systemLibraries.map { name in
    .systemLibrary(name: name, path: "Sources/System/\(name)")
}

let shimTargets: [Target] = [
    .target(name: "CSystemShims", path: "Sources/System/CSystemShims"),
    .target(name: "CTOMLPlusPlus", path: "Sources/System/CTOMLPlusPlus"),
]

let runtimeTargets: [Target] = runtime.map { module in
    .target(
        name: module.name,
        dependencies: module.imports.map { .target(name: $0) },
        path: "Sources/\(module.path)",
        exclude: ["README.md"],
        swiftSettings: settings)
}

let sharedLibraryTargets: [Target] = sharedLibraries.map { library in
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
}

let programTargets: [Target] = [
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
    .executableTarget(
        name: "flux-shell",
        dependencies: ["Shell", "Client", "Reactor", "Subprocess", "RFC19FLUID"],
        exclude: ["README.md"],
        swiftSettings: settings,
        linkerSettings: staticExecutable),
    .executableTarget(
        name: "flux-broker",
        dependencies: ["Broker", "CommandKit", "Config", "FluxJSON", "RFC22Idset", "Reactor", "Service"] + brokerServices.map { .target(name: $0) },
        exclude: ["README.md"],
        swiftSettings: settings,
        linkerSettings: fixedProgram),
    .executableTarget(
        name: "flux",
        dependencies: ["CommandKit", "InstanceCommands", "DiagnosticsCommands", "ResourceCommands", "JobCommands", "StorageCommands"],
        exclude: ["README.md"],
        swiftSettings: settings,
        linkerSettings: fixedProgram),
    // Changed vectors for every decoder; see also Fuzz/Package.swift.
    .executableTarget(
        name: "fuzz",
        dependencies: ["ConformanceKit", .product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: "Sources/fuzz",
        exclude: ["README.md"],
        swiftSettings: settings),
]

let testTargets: [Target] = tests.map { test in
    .testTarget(
        name: test.name,
        dependencies: test.imports.map { .target(name: $0) },
        path: "Tests/\(test.name)",
        swiftSettings: settings)
}

let package = Package(
    name: "flux",
    products: formats.map { .library(name: $0.name, targets: [$0.name]) } + [
        .executable(name: "conformance", targets: ["conformance"]),
        .executable(name: "fuzz", targets: ["fuzz"]),
        .library(name: "ConformanceKit", targets: ["ConformanceKit"]),
    ] + sharedLibraries.map { .library(name: $0.product, type: .dynamic, targets: [$0.target]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: formatTargets + systemLibraryTargets + shimTargets + runtimeTargets + sharedLibraryTargets + programTargets
        + testTargets,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17)
