internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC22Idset
internal import RFC29Hostlist

let overlayCommand = Command(
    "overlay", "Manage the overlay network", .builtin,
    subcommands: [
        Command(
            "status", "Show the state of the brokers", .builtin, operands: 0...0,
            options: [
                .value("rank", "r", "RANK", "Begin at this broker (default 0)"),
                .optional("verbose", "v", "LEVEL", "1 shows since when, 2 how long the answer took"),
                .value("timeout", "t", "FSD", "How long to wait for an answer, 0 for ever (default 0.5s)"),
                .flag("summary", nil, "Show only the state of the first broker"),
                .flag("down", nil, "Show only what is not full"),
                .flag("no-pretty", nil, "Do not draw a tree"),
                .flag("no-ghost", nil, "Do not guess the state behind a lost broker"),
                Color.option,
                .value("highlight", "H", "TARGET", "Mark brokers and what leads to them"),
                .value("wait", "w", "STATE", "Wait for a state (full, partial, degraded, lost, offline)"),
            ], showOverlayStatus),
        Command(
            "errors", "Show why brokers are lost", .builtin,
            options: [.value("timeout", "t", "FSD", "How long to wait for an answer, 0 for ever (default 0.5s)")],
            showOverlayErrors),
        Command(
            "lookup", "Translate ranks to hosts and hosts to ranks", .builtin, usage: "[OPTIONS] TARGET",
            operands: 0...Int.max
        ) { arguments in
            guard arguments.operands.count == 1 else { throw CommandError("single TARGET argument is required") }
            return try Session.run(arguments) { flux in
                print(try await HostMap(of: flux).translation(of: arguments.operands[0]))
                return 0
            }
        },
        Command(
            "parentof", "Print the rank of a broker's parent", .builtin, usage: "[OPTIONS] RANK", operands: 0...Int.max
        ) { arguments in
            guard arguments.operands.count == 1 else { throw CommandError("RANK is required") }
            return try Session.run(arguments) { flux in
                let tree = try await OverlayTree(of: flux)
                print(try tree.parent(of: UInt32(arguments.operands[0]) ?? 0))
                return 0
            }
        },
        Command(
            "disconnect", "Cut a broker and what is below it off", .builtin, usage: "[OPTIONS] TARGET",
            operands: 0...Int.max,
            options: [.value("parent", "r", "RANK", "The parent, when it is not that of the tree")]
        ) { arguments in
            guard arguments.operands.count == 1 else { throw CommandError("TARGET is required") }
            return try Session.run(arguments) { flux in
                let hosts = try await HostMap(of: flux)
                let target = arguments.operands[0]
                guard let rank = UInt32(target) ?? hosts.rank(of: target), hosts.name(of: rank) != nil else {
                    throw CommandError("TARGET must be a valid rank or hostname")
                }
                let parent: UInt32
                if let number = try arguments.integer("parent") {
                    parent = UInt32(clamping: number)
                } else {
                    parent = try await OverlayTree(of: flux).parent(of: rank)
                }
                printError(
                    "flux-overlay: asking \(hosts.name(of: parent) ?? "?") (rank \(parent)) to disconnect child "
                        + "\(hosts.name(of: rank) ?? "?") (rank \(rank))")
                do {
                    try await flux.rpc("overlay.disconnect-subtree", ["rank": .int(Int64(rank))], nodeID: parent)
                } catch { throw CommandError("overlay.disconnect-subtree: \(error)") }
                return 0
            }
        },
        Command(
            "trace", "Show the messages of the overlay network", .builtin, usage: "[OPTIONS] [topic-glob]",
            operands: 0...1, options: TracePrinter.options + [.value("rank", "r", "RANK", "Only this peer")]
        ) { arguments in
            let printer = try TracePrinter(arguments)
            let request: JSON = [
                "typemask": .int(printer.typeMask), "topic_glob": .string(arguments.operands.first ?? "*"),
                "nodeid": .int(Int64(try arguments.integer("rank") ?? -1)), "full": .bool(arguments.has("full")),
            ]
            return try Session.run(arguments) { flux in
                var printer = printer
                let trace = flux.stream("overlay.trace", request)
                while let record = try await trace.nextJSON() {
                    let rank = record["rank"]?.intValue ?? -1
                    printer.show(record, source: record["prefix"]?.stringValue ?? "", prefix: rank < 0 ? "*" : "\(rank)")
                }
                return 0
            }
        },
    ])

/// Hosts by rank.
struct HostMap {
    let hosts: Hostlist
    private let names: [String]

    init(of flux: Handle) async throws {
        guard let hosts = Hostlist(try await flux.attribute("hostlist")) else {
            throw CommandError("could not fetch/decode hostlist")
        }
        self.hosts = hosts
        names = Array(hosts)
    }

    func name(of rank: UInt32) -> String? { rank < names.count ? names[Int(rank)] : nil }
    func rank(of name: String) -> UInt32? { hosts.firstIndex(of: name).map { UInt32($0) } }

    /// Hosts for ranks, ranks for hosts.
    func translation(of target: String) throws(CommandError) -> String {
        if let ranks = Idset(target) {
            var result = Hostlist()
            for rank in ranks {
                guard let name = name(of: rank) else { throw CommandError("rank \(rank) is not in host map") }
                do { try result.append(host: name) } catch { throw CommandError("\(name): \(error)") }
            }
            return "\(result)"
        }
        guard let list = Hostlist(target) else { throw CommandError("target must be a valid idset or hostlist") }
        var ranks = Idset()
        for name in list {
            guard let rank = rank(of: name) else { throw CommandError("host \(name) not found in host map") }
            ranks.insert(rank)
        }
        return "\(ranks)"
    }
}
