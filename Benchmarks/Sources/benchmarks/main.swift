import Glibc

let usage = """
    usage: benchmarks [formats] [programs] [--flux PATH] [--reference PATH] [--libraries FOLDER] [--library FILE]
                      [--only NAMES] [--quick] [--rounds N] [--filter TEXT] [--list]

    formats    values in this process, beside the C libraries of FOLDER
    programs   commands, requests and jobs of the flux at PATH, beside those of --reference
               (the default is this project's release build)

    Without words both run. --libraries is lib/ beside the reference unless given; --library names one more file
    (repeatable), for what an installation keeps to itself.
    --only chooses rows of programs by name or group, "start,command-run"; --list prints their names.
    --quick does with a tenth of the requests and jobs and leaves out large instances.
    --filter chooses rows of formats by a part of their title.

    """

func complain(_ text: String) {
    _ = text.withCString { write(2, $0, strlen($0)) }
}

var sections: Set<String> = []
var options: [String: String] = [:]
var extraLibraries: [String] = []
var words = CommandLine.arguments.dropFirst()
while let word = words.popFirst() {
    if ["formats", "programs"].contains(word) {
        sections.insert(word)
    } else if word == "--library", let value = words.popFirst() {
        extraLibraries.append(value)
    } else if ["--quick", "--list"].contains(word) {
        options[word] = ""
    } else if ["--flux", "--reference", "--libraries", "--rounds", "--only", "--filter"].contains(word), let value = words.popFirst() {
        options[word] = value
    } else {
        complain(usage)
        exit(word == "--help" ? 0 : 2)
    }
}
if options["--list"] != nil {
    for row in Row.all { print(row.name) }
    exit(0)
}
let names = options["--only"]?.split(separator: ",")
let rows = Row.all.filter { row in names?.contains { row.isMeant(by: $0) } ?? true }
if let stranger = names?.first(where: { name in !Row.all.contains { $0.isMeant(by: name) } }) {
    complain("benchmarks: --only: there is no row or group \"\(stranger)\"; --list prints their names\n")
    exit(2)
}
if sections.isEmpty, names != nil { sections = ["programs"] }
if sections.isEmpty { sections = ["formats", "programs"] }

let repository = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
let rounds = options["--rounds"].flatMap { Int($0) }
if sections.contains("formats") {
    let beside = options["--reference"].map { $0.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/lib" }
    let folder = options["--libraries"] ?? beside
    let library = folder.map { ReferenceLibrary(folder: $0, and: extraLibraries) }
    if let folder, library?.isEmpty == true {
        complain("benchmarks: \(folder): holds none of the reference's libraries\n")
        exit(1)
    }
    for problem in library?.problems ?? [] { complain("benchmarks: \(problem)\n") }
    FormatWork.run(library, rounds: rounds ?? 5, matching: options["--filter"])
}
if sections.contains("programs") {
    let path = options["--flux"] ?? "\(repository)/.build/release/flux"
    for path in [path, options["--reference"] ?? path] where access(path, X_OK) != 0 {
        complain("benchmarks: \(path): no such program; scripts/run builds ours\n")
        exit(1)
    }
    Comparison(
        ours: Program(path: path), reference: options["--reference"].map { Program(path: $0) },
        isQuick: options["--quick"] != nil, rounds: rounds
    ).run(rows)
}
