internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message

let traceModules = Command(
    "trace", "Show the messages of modules", usage: "[OPTIONS] [MODULE...]", operands: 0...Int.max,
    options: TracePrinter.options + [.value("topic", "T", "GLOB", "Only topics that match GLOB")]
) { arguments in
    let printer = try TracePrinter(arguments, nameWidth: arguments.operands.map(\.count).max() ?? 0)
    let request: JSON = [
        "typemask": .int(printer.typeMask), "topic_glob": .string(arguments.value("topic") ?? "*"),
        "names": .array(arguments.operands.map { .string($0) }), "full": .bool(arguments.has("full")),
    ]
    return try Session.run(arguments) { flux in
        var printer = printer
        let trace = flux.stream("module.trace", request)
        while let record = try await trace.nextJSON() {
            printer.show(record, source: record["name"]?.stringValue ?? "", prefix: record["prefix"]?.stringValue ?? "")
        }
        return 0
    }
}

/// Records of `module.trace` and `overlay.trace` as lines.
struct TracePrinter {
    static let options: [Option] = [
        .flag("full", "f", "Show payloads"),
        .value("type", "t", "TYPE,...", "Only messages of these types (request, response, event, control)"),
        .flag("human", "H", "Show times for people"),
        .flag("delta", "d", "With --human: the time between messages"),
        Color.option,
    ]

    let typeMask: Int64
    private let isHuman: Bool
    private let hasColor: Bool
    private let nameWidth: Int
    private var lastTime = 0.0

    init(_ arguments: Arguments, nameWidth: Int = 0) throws {
        if arguments.has("delta"), !arguments.has("human") {
            throw CommandError("--delta can only be used with --human")
        }
        var mask: Int64 = 0
        for name in arguments.list("type") {
            guard let bit: Int64 = ["request": 1, "response": 2, "event": 4, "control": 8][name] else {
                throw CommandError("valid types: request, response, event, control")
            }
            mask |= bit
        }
        typeMask = mask == 0 ? 15 : mask
        isHuman = arguments.has("human")
        hasColor = try arguments.wantsColor()
        self.nameWidth = nameWidth
    }

    /// Prints one record.
    mutating func show(_ record: JSON, source: String, prefix: String) {
        let type = record["type"]?.intValue ?? 0
        let code = Int32(truncatingIfNeeded: record["errnum"]?.intValue ?? 0)
        let mark = [1: ">", 2: "<", 4: "e", 8: "c"][type] ?? "?"
        let size = Self.size(record["payload_size"]?.intValue ?? 0)
        var line = "\(source.padded(leftTo: nameWidth)) \(prefix) \(mark) \(record["topic"]?.stringValue ?? "") [\(size)]"
        if type == 2 { line += code == 0 ? " success" : " \(ErrorName.of(code) ?? "errno \(code)")" }
        var payload: String?
        if code > 0 {
            payload = record["errstr"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        } else if let value = record["payload"], value != .null {
            payload = value.text(indent: 2)
        }
        let color: Color? = [1: .boldBlue, 2: code > 0 ? .boldRed : .cyan, 4: .yellow, 8: .bold][type]
        print("\(time(record["timestamp"]?.numberValue ?? 0)) "
            + paint(line + (payload.map { "\n\($0)" } ?? ""), color))
        flushOutput()
    }

    private func paint(_ text: String, _ color: Color?) -> String {
        hasColor ? "\(color?.rawValue ?? "")\(text)\(Color.reset.rawValue)" : text
    }

    private mutating func time(_ seconds: Double) -> String {
        guard isHuman else {
            let millis = Int32((seconds - seconds.rounded(.down)) * 1000)
            return paint("\(Format.time(seconds, "%Y-%m-%dT%T")).\(Format.text("%.3d", [millis]))", .green)
        }
        if Int(seconds / 60) == Int(lastTime / 60) {
            let offset = seconds - lastTime + lastTime.truncatingRemainder(dividingBy: 60)
            return paint("[\(Format.text("%+11.6f", [offset]))]", .green) + " "
        }
        lastTime = seconds
        return paint("[\(Format.time(seconds, "%b%d %H:%M"))]", .boldGreen) + " "
    }

    /// `111`, or `2.2109375K` for whole sizes in greater units.
    static func size(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes)" }
        var value = Double(bytes)
        var unit = -1
        let units = ["K", "M", "G", "T", "P", "E"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return Format.text("%.8g", [value]) + units[unit]
    }
}
