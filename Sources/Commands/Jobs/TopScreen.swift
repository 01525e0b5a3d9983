internal import CommandKit
internal import RFC23FSD

/// What `flux top` shows of an instance, as lines of a terminal.
///
/// A value: who gathers the numbers and who draws the lines are elsewhere. Layout: flux-core's (observed: 0.88), 80
/// columns whatever the terminal has.
struct TopScreen: Sendable {
    /// How much of something there is and in use.
    struct Gauge: Hashable, Sendable {
        var used = 0, down = 0, total = 0
    }

    /// Job ids from the outermost instance to this one.
    var path: [String] = []
    /// Seconds this instance may still run; nil for no limit.
    var secondsLeft: Double?
    var nodes = Gauge(), cores = Gauge(), gpus = Gauge()
    var pending: Int64 = 0, running: Int64 = 0, complete: Int64 = 0, failed: Int64 = 0
    /// Whether complete and failed are told apart.
    var showsResults = true
    var size = 0, depth = 0
    var uptime = 0.0
    var version = ""
    var jobs: [JobRow] = []
    var selected = 0

    /// The lines for a terminal with so many rows, with escape sequences for colours.
    func lines(rows: Int) -> [String] {
        var lines = [titleLine, gaugeLine("nodes", nodes, count(pending, "pending"))]
        lines.append(gaugeLine("cores", cores, count(running, "running")))
        lines.append(gaugeLine("gpus", gpus, results))
        lines += ["", informationLine, Self.reversed("       JOBID     USER ST NTASKS NNODES RUNTIME NAME".padded(to: 80))]
        for (index, job) in jobs.prefix(max(0, rows - lines.count)).enumerated() {
            let line = Self.line(of: job)
            if job.isRunningInstance {
                lines.append("\u{1b}[1;34m" + (index == selected ? Self.reversed(line) : line) + "\u{1b}[0m")
            } else {
                lines.append(index == selected ? Self.reversed(line) : line)
            }
        }
        return Array(lines.prefix(rows))
    }

    /// The numbers as plain lines, for tests.
    var summary: String {
        func line(_ name: String, _ gauge: Gauge) -> String { "\(name) \(gauge.used)/\(gauge.total)\n" }
        return line("nodes", nodes) + line("cores", cores) + line("gpus", gpus)
            + "\(pending) pending\n\(running) running\n\(complete) complete\n\(failed) failed\n"
    }

    private var titleLine: String {
        let left = path.isEmpty ? "" : "/" + path.joined(separator: "/")
        let time = secondsLeft.map { FluxDuration.shortText(seconds: $0) } ?? "∞"
        let start = max(1, (79 - left.count) / 2)
        return "ƒ" + (String(repeating: " ", count: start - 1) + left).padded(to: 78 - time.count + 1) + time
    }

    private func gaugeLine(_ name: String, _ gauge: Gauge, _ counts: String) -> String {
        let text = "\(gauge.used)/\(gauge.total)"
        let width = max(0, 27 - text.count)
        func bars(_ count: Int) -> Int { gauge.total > 0 ? count * width / gauge.total : 0 }
        let used = min(width, bars(gauge.used)), down = min(width - used, bars(gauge.down))
        var bar = Self.painted(String(repeating: "|", count: used), "33")
        bar += String(repeating: " ", count: width - used - down)
        bar += Self.painted(String(repeating: "|", count: down), "31")
        return "\(name.padded(leftTo: 9)) [\(bar)\(text)]\(counts)"
    }

    private func count(_ number: Int64, _ word: String) -> String { "\(number)".padded(leftTo: 26) + " \(word)" }

    private var results: String {
        guard showsResults else { return count(complete + failed, "inactive") }
        let good = Self.painted("\(complete)".padded(leftTo: 9), complete > 0 ? "32" : "0")
        let bad = Self.painted("\(failed)".padded(leftTo: 7), failed > 0 ? "31" : "0")
        return "\(good) complete,\(bad) failed"
    }

    private var informationLine: String {
        var line = " size: \(size)"
        if depth > 0 { line = line.padded(to: 11) + "depth: \(depth)" }
        line = line.padded(to: 31) + "uptime: \(FluxDuration.shortText(seconds: uptime))"
        return "\u{1b}[2m" + line.padded(to: 79 - version.count) + version + "\u{1b}[0m"
    }

    private static func line(of job: JobRow) -> String {
        func text(_ field: String) -> String { job.value(of: field).text }
        func number(_ field: String) -> String { text(field).padded(leftTo: 6) }
        let runtime = job.value(of: "runtime").number.map { FluxDuration.shortText(seconds: $0) } ?? ""
        let id = text("id.f58").padded(leftTo: 12)
        let user = String(text("username").prefix(8)).padded(leftTo: 8)
        let status = text("status_abbrev").padded(leftTo: 2)
        let name = String(text("name").prefix(33))
        return "\(id) \(user) \(status) \(number("ntasks")) \(number("nnodes")) \(runtime.padded(leftTo: 7)) \(name)"
    }

    private static func reversed(_ text: String) -> String { "\u{1b}[7m\(text)\u{1b}[27m" }

    private static func painted(_ text: String, _ color: String) -> String {
        text.isEmpty || color == "0" ? text : "\u{1b}[\(color)m\(text)\u{1b}[0m"
    }
}
