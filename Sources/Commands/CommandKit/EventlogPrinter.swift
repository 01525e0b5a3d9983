internal import FluxJSON
public import RFC18Eventlog

/// Events of a log as lines, for `flux job eventlog`, `flux resource eventlog` and their relatives.
public struct EventlogPrinter: Sendable {
    /// The options that these commands share.
    public static let options: [Option] = [
        .value("format", "f", "text|json", "Form of the events"),
        .value("time-format", "T", "raw|iso|offset|human", "Form of the times"),
        .flag("human", "H", "Show times for people"),
        Color.option,
    ]

    private let isJSON: Bool
    private let timeFormat: String
    private let hasColor: Bool
    private let offsetWidth: Int
    private var first: Double?
    private var lastMinute: Int?
    private var minuteStart = 0.0

    /// - Parameter offsetWidth: columns of times since the first event.
    /// - Throws: ``CommandError`` for a form nobody knows.
    public init(_ arguments: Arguments, isJSON: Bool? = nil, offsetWidth: Int = 0) throws {
        self.offsetWidth = offsetWidth
        let format = arguments.value("format") ?? "text"
        guard ["text", "json"].contains(format) else { throw CommandError("invalid format type '\(format)'") }
        self.isJSON = isJSON ?? (format == "json")
        let time = arguments.has("human") ? "human" : arguments.value("time-format") ?? "raw"
        guard ["raw", "iso", "offset", "human", "reltime"].contains(time) else {
            throw CommandError("invalid time-format type '\(time)'")
        }
        timeFormat = time
        hasColor = try arguments.wantsColor()
    }

    /// The line of an event, without the newline.
    public mutating func line(_ entry: Eventlog.Entry) -> String {
        if first == nil { first = entry.timestamp }
        if isJSON { return entry.json.text }
        var line = "\(time(entry.timestamp)) \(paint(entry.name, .yellow))"
        for (key, value) in entry.context ?? [:] { line += " \(paint(key, .blue))=\(paint(value.text, color(of: value)))" }
        return line
    }

    private func color(of value: JSON) -> Color { value.numberValue == nil ? .magenta : .gray }

    private func paint(_ text: String, _ color: Color) -> String {
        hasColor ? "\(color.rawValue)\(text)\(Color.reset.rawValue)" : text
    }

    private mutating func time(_ seconds: Double) -> String {
        switch timeFormat {
        case "iso":
            let micros = Int32((seconds - seconds.rounded(.down)) * 1e6)
            let zone = Format.time(seconds, "%z")
            return paint(
                Format.time(seconds, "%Y-%m-%dT%T") + Format.text(".%06d", [micros])
                    + (zone == "+0000" ? "Z" : "\(zone.prefix(3)):\(zone.suffix(2))"), .green)
        case "offset":
            let offset = Format.fixed(seconds - (first ?? seconds), 6)
            return paint(offset.padded(leftTo: offsetWidth), .green)
        case "human", "reltime":
            let minute = Int(seconds / 60)
            guard minute == lastMinute else {
                lastMinute = minute
                minuteStart = seconds
                return paint("[\(Format.time(seconds, "%b%d %H:%M"))]", .boldGreen)
            }
            return paint("[\(Format.text("%+11.6f", [seconds - minuteStart]))]", .green)
        default: return paint(Format.fixed(seconds, 6), .green)
        }
    }
}
