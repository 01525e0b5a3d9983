internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC20R
internal import Reactor

let topCommand = Command(
    "top", "Watch running jobs", usage: "[OPTIONS] [TARGET]", operands: 0...1,
    options: [
        Color.longOption, .value("queue", "q", "NAME", "Only jobs of a queue"),
        // Tests look at one screen.
        .flag("test-exit", nil, ""), .value("test-exit-dump", nil, "FILE", ""),
    ]
) { arguments in
    guard isTerminal(0) else { throw CommandError("stdin is not a terminal") }
    guard isTerminal(1) else { throw CommandError("stdout is not a terminal") }
    var uri: String?
    if let target = arguments.operands.first {
        // flux uri knows all forms of targets.
        let answer = Companion.run([Installation.executable, "uri", target])
        guard answer.exitCode == 0 else {
            write(answer.errors, to: 2)
            throw CommandError("failed to resolve target \(target) to a Flux URI")
        }
        uri = InstanceURI.reachable(String(decoding: answer.output.prefix { $0 != 10 }, as: UTF8.self))
    }
    let place = uri
    let reactor = try Reactor()
    let isOneScreen = arguments.has("test-exit")
    try reactor.run {
        let display = TopDisplay(reactor, arguments.value("queue"), isOneScreen: isOneScreen)
        try await display.run(at: place)
        if let path = arguments.value("test-exit-dump") { try Files.write(display.summary, to: path) }
    }
    return 0
}

/// The full-screen display of `flux top`: gathers numbers, draws them, obeys keys.
///
/// Identity: it owns the mode of the terminal, which it puts back.
private final class TopDisplay {
    private let reactor: Reactor
    private let queue: String?
    private let isOneScreen: Bool
    private var screen = TopScreen()
    private var savedMode = termios()
    private var waiter: CheckedContinuation<Key, Never>?

    enum Key { case quit, enter, redraw, tick }

    init(_ reactor: Reactor, _ queue: String?, isOneScreen: Bool) {
        self.reactor = reactor
        self.queue = queue
        self.isOneScreen = isOneScreen
    }

    /// The numbers without their places.
    var summary: String { screen.summary }

    func run(at uri: String?) async throws {
        let flux = try Handle.open(uri, on: reactor)
        begin()
        defer { end() }
        let input = try? reactor.watch(0, for: .readable) { [self] _ in readKeys() }
        let resize = try? reactor.watchSignals([SIGWINCH, SIGINT, SIGTERM]) { [self] signal in
            answer(signal == SIGWINCH ? .redraw : .quit)
        }
        defer {
            if let input { reactor.unwatch(input) }
            if let resize { reactor.unwatch(resize) }
        }
        try await show(flux, path: [])
        flux.close()
    }

    /// Shows an instance until somebody leaves it.
    private func show(_ flux: Handle, path: [String]) async throws {
        screen.path = path
        screen.selected = 0
        while true {
            try await gather(flux)
            draw()
            if isOneScreen { return }
            switch await nextKey() {
            case .quit: return
            case .redraw, .tick: continue
            case .enter:
                guard screen.jobs.indices.contains(screen.selected) else { continue }
                let job = screen.jobs[screen.selected]
                guard job.isRunningInstance, let inner = try? Handle.open(InstanceURI.reachable(job.uri ?? ""), on: reactor)
                else { continue }
                try? await show(inner, path: path + [job.id.f58Python])
                inner.close()
                screen.path = path
            }
        }
    }

    // MARK: Numbers

    private func gather(_ flux: Handle) async throws {
        func attribute(_ name: String) async -> String { (try? await flux.attribute(name)) ?? "" }
        screen.size = Int(await attribute("size")) ?? 0
        screen.depth = Int(await attribute("instance-level")) ?? 0
        screen.version = await attribute("version")
        screen.uptime = Format.now - (Double(await attribute("broker.starttime")) ?? Format.now)
        if let statistics = try? await JobStatistics(flux, queues: queue.map { [$0] } ?? []) {
            screen.pending = statistics.pending
            screen.running = statistics.running
            screen.complete = statistics.successful
            screen.failed = statistics.failed
        }
        if let status = try? await flux.query("resource.sched-status", nodeID: 0) { take(status) }
        var request: JSON = [
            "max_entries": 200, "since": 0.0, "attrs": ["all"], "constraint": ["states": ["running"]],
        ]
        if let queue {
            request = request.setting("constraint", to: ["and": [["states": ["running"]], ["queue": [.string(queue)]]]])
        }
        let jobs = flux.stream("job-list.list", request)
        var rows: [JobRow] = []
        while let answer = try await jobs.nextJSON() {
            rows += (answer["jobs"]?.arrayValue ?? []).map { JobRow(json: $0, now: Format.now) }
        }
        screen.jobs = rows
        screen.selected = max(0, min(screen.selected, rows.count - 1))
    }

    private func take(_ status: JSON) {
        func set(_ name: String) -> ResourceSet {
            guard let json = status[name], json["execution"] != nil else { return ResourceSet() }
            return (try? ResourceSet(json: json)) ?? ResourceSet()
        }
        let all = set("all"), down = set("down"), used = set("allocated")
        screen.nodes = .init(used: used.nodeCount, down: down.nodeCount, total: all.nodeCount)
        screen.cores = .init(used: used.coreCount, down: down.coreCount, total: all.coreCount)
        screen.gpus = .init(used: used.gpuCount, down: down.gpuCount, total: all.gpuCount)
        screen.secondsLeft = all.expiration > 0 ? max(0, all.expiration - Format.now) : nil
    }

    // MARK: Terminal

    private func begin() {
        tcgetattr(0, &savedMode)
        var mode = savedMode
        mode.c_lflag &= ~UInt32(ICANON | ECHO)
        tcsetattr(0, TCSANOW, &mode)
        printBytes(Array("\u{1b}[?1049h\u{1b}[?25l".utf8))
    }

    private func end() {
        printBytes(Array("\u{1b}[?25h\u{1b}[?1049l".utf8))
        tcsetattr(0, TCSADRAIN, &savedMode)
    }

    private func draw() {
        let lines = screen.lines(rows: Terminal.size?.rows ?? 24)
        let text = lines.map { "\($0)\u{1b}[K" }.joined(separator: "\r\n")
        printBytes(Array("\u{1b}[H\(text)\u{1b}[J".utf8))
    }

    /// A key that is not only for this screen, or a tick after two seconds.
    private func nextKey() async -> Key {
        let timer = reactor.schedule(after: .seconds(2)) { [self] in answer(.tick) }
        let key = await withCheckedContinuation { waiter = $0 }
        reactor.cancel(timer)
        return key
    }

    private func answer(_ key: Key) {
        waiter?.resume(returning: key)
        waiter = nil
    }

    private func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(0, &bytes, bytes.count)
        guard count > 0 else { return answer(.quit) }
        switch String(decoding: bytes[..<count], as: UTF8.self) {
        case "q": answer(.quit)
        case "\n", "\r": answer(.enter)
        case "j", "\u{1b}[B", "\u{1b}OB": select(screen.selected + 1)
        case "k", "\u{1b}[A", "\u{1b}OA": select(screen.selected - 1)
        case "d":
            screen.showsResults.toggle()
            draw()
        case "\u{0c}": answer(.redraw)
        default: break
        }
    }

    private func select(_ index: Int) {
        screen.selected = max(0, min(index, screen.jobs.count - 1))
        draw()
    }
}
