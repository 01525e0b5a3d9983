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

    @Flag(help: "Instead, time every decoder on inputs of growing size and print what does not grow in proportion.")
    var scaling = false

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
        if scaling { return measure() }
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

    private func measure() {
        var complaints = 0
        for pattern in Scaling.patterns {
            for target in targets {
                let times = [250_000, 1_000_000, 4_000_000].map { size in
                    Scaling.seconds { _ = target.run(pattern.input(bytes: size)[...]) }
                }
                let isLinear = times[2] < 1 || times[2] < 8 * times[1]
                if !isLinear || times[2] > 4 {
                    complaints += 1
                    print("\(target.name) on \(pattern.name): \(times[0]) s, \(times[1]) s, \(times[2]) s")
                }
            }
        }
        print("\(complaints) decoders out of proportion")
    }
}

Fuzz.main()
