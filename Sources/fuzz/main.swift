import ArgumentParser
import ConformanceKit
import Glibc

/// Feeds every reader with changed vectors until the time is over.
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Feed every decoder with changed vectors",
        discussion: """
            A decoder may refuse anything, but never trap, hang, or read what it printed as another value. When the \
            process dies, --record names the decoder and holds the input.
            """)

    @Option(help: ArgumentHelp("How long to go on.", valueName: "seconds"))
    var seconds = 30

    @Option(help: ArgumentHelp("The same seed gives the same inputs.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Feed this decoder only (repeatable); \"operations\" are those of the vectors.", valueName: "name"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Where to write each input before it is read.", valueName: "file"))
    var record: String?

    @Flag(help: "Instead, give every decoder inputs of growing size and print where time or memory is out of proportion.")
    var scaling = false

    @Option(help: ArgumentHelp("The largest input of --scaling.", valueName: "megabytes"))
    var size = 10

    @Option(
        help: ArgumentHelp(
            "Write the seeds into this folder, for a coverage guided fuzzer, and stop.", valueName: "dir"))
    var writeSeeds: String?

    func run() throws {
        guard let directory = conformanceDirectory() else {
            throw ValidationError("no conformance/vectors folder here")
        }
        let files = try VectorFile.load(directories: ["\(directory)/vectors"])
        if let writeSeeds { return try write(Seeds.collect(files), to: writeSeeds) }
        if scaling { return try measure() }
        try feed(files)
    }

    private var targets: [FuzzTarget] { FuzzTarget.all.filter { only.isEmpty || only.contains($0.name) } }

    private func feed(_ files: [VectorFile]) throws {
        let file = record.map { open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o666) } ?? -1
        var fuzzer = Fuzzer(files, seed: seed) { name, input in
            guard file >= 0 else { return }
            let line = Array("\(name)\n".utf8) + input
            ftruncate(file, line.count)
            pwrite(file, line, line.count, 0)
        }
        var findings: [Fuzzer.Finding] = []
        let end = time(nil) + seconds
        repeat {
            for target in targets where findings.count < 20 { findings += fuzzer.run(target, count: 500) }
            if only.isEmpty || only.contains("operations") { fuzzer.runOperations(count: 5000) }
        } while time(nil) < end && findings.count < 20
        for finding in findings { print(finding) }
        print("\(findings.count) findings")
        if !findings.isEmpty { throw ExitCode(1) }
    }

    private func write(_ seeds: [[UInt8]], to folder: String) throws {
        mkdir(folder, 0o777)
        for (number, seed) in seeds.enumerated() {
            guard let file = fopen("\(folder)/\(number)", "w") else {
                throw ValidationError("cannot write into \(folder)")
            }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }

    /// For an input four times as long: 16 times the time would be a square; trees of values that leave the caches behind
    /// take up to ten. Memory is what a tree of values takes for bytes that are all structure: `[[],[],…` is 24 bytes for
    /// three, in an array that doubles and is copied.
    private func measure() throws {
        var complaints = 0
        let large = size * 1_000_000
        for pattern in Scaling.patterns {
            let inputs = [large / 4, large].map { pattern.input(bytes: $0) }
            for target in targets {
                let costs = inputs.map { input in Scaling.cost { _ = target.run(input[...]) } }
                let (small, whole) = (costs[0], costs[1])
                let isSlow = whole.seconds > max(12 * small.seconds, 0.2) || whole.seconds > Double(size)
                let isLarge = whole.bytes > 64 * large + 16_000_000
                guard isSlow || isLarge else { continue }
                complaints += 1
                print(
                    "\(target.name) on \(pattern.name): \(small.seconds) s, \(whole.seconds) s, "
                        + "\(small.bytes / 1_000_000) MB, \(whole.bytes / 1_000_000) MB")
            }
        }
        print("\(complaints) of \(Scaling.patterns.count * targets.count) cases out of proportion")
        if complaints > 0 { throw ExitCode(1) }
    }
}

Fuzz.main()
