import Glibc

let usage = """
    usage: benchmarks [formats] [programs] [--flux PATH] [--reference PATH] [--libraries FOLDER]
                      [--rounds N] [--sizes 1,4,16] [--filter TEXT]

    formats    values in this process, beside the C libraries of FOLDER
    programs   commands, requests and jobs of the flux at PATH, beside those of --reference
               (the default is this project's release build)

    Without words both run. --libraries is lib/ beside the reference unless given.

    """

func complain(_ text: String) {
    _ = text.withCString { write(2, $0, strlen($0)) }
}

var sections: Set<String> = []
var options: [String: String] = [:]
var words = CommandLine.arguments.dropFirst()
while let word = words.popFirst() {
    if ["formats", "programs"].contains(word) {
        sections.insert(word)
    } else if ["--flux", "--reference", "--libraries", "--rounds", "--sizes", "--filter"].contains(word), let value = words.popFirst() {
        options[word] = value
    } else {
        complain(usage)
        exit(word == "--help" ? 0 : 2)
    }
}
if sections.isEmpty { sections = ["formats", "programs"] }

let repository = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
let rounds = options["--rounds"].flatMap { Int($0) } ?? 15
if sections.contains("formats") {
    let beside = options["--reference"].map { $0.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/lib" }
    let library = (options["--libraries"] ?? beside).flatMap { ReferenceLibrary(folder: $0) }
    FormatWork.run(library, rounds: min(rounds, 5), matching: options["--filter"])
}
if sections.contains("programs") {
    let path = options["--flux"] ?? "\(repository)/.build/release/flux"
    guard access(path, X_OK) == 0 else {
        complain("benchmarks: \(path): no such program; scripts/run builds it\n")
        exit(1)
    }
    let sizes = (options["--sizes"] ?? "1,4,16,64").split(separator: ",").compactMap { Int($0) }
    InstanceRows(
        ours: Program(path: path), reference: options["--reference"].map { Program(path: $0) }, rounds: rounds,
        sizes: sizes
    ).run()
}
