internal import CommandKit
internal import Glibc

/// Log records (RFC 5424) as `flux dmesg` shows them.
struct LogPrinter {
    private let isHuman: Bool
    private let showsDelta: Bool
    private let hasColor: Bool
    private var minute: Int?
    private var last = 0.0

    init(isHuman: Bool, showsDelta: Bool, hasColor: Bool) {
        self.isHuman = isHuman
        self.showsDelta = showsDelta
        self.hasColor = hasColor
    }

    private static let severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    /// One line, without the newline; a record that cannot be read is shown as it is.
    mutating func line(_ record: String) -> String {
        var text = record[...]
        if text.last == "\n" { text = text.dropLast() }
        let fields = text.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: false)
        guard fields.count == 8, fields[0].hasPrefix("<"), let end = fields[0].firstIndex(of: ">"),
            let priority = Int(fields[0][fields[0].index(after: fields[0].startIndex)..<end]), priority >= 0
        else { return String(text) }
        let severity = (priority >> 3) & 7
        let rank = UInt32(fields[2]) ?? 0
        let name = paint("\(fields[3]).\(Self.severities[severity])[\(rank)]", .yellow)
        let message = paint(String(fields[7]), Self.color(of: severity), always: true)
        return "\(time(String(fields[1]))) \(name): \(message)"
    }

    private func paint(_ text: String, _ color: Color?, always: Bool = false) -> String {
        guard hasColor else { return text }
        return "\(color?.rawValue ?? "")\(text)\(color != nil || always ? Color.reset.rawValue : "")"
    }

    private static func color(of severity: Int) -> Color? {
        switch severity {
        case 0, 1, 2: .boldRed
        case 3: .red
        case 4: .yellow
        case 7: .blue
        default: nil
        }
    }

    private mutating func time(_ stamp: String) -> String {
        guard let seconds = Self.seconds(stamp) else { return isHuman ? "[\(stamp)]" : stamp }
        guard isHuman else {
            let zone = Format.time(seconds, "%z")
            guard zone != "+0000" else { return paint(stamp, .green) }
            let micros = Int((seconds - seconds.rounded(.down)) * 1e6 + 0.5)
            let local = Format.time(seconds, "%Y-%m-%dT%T")
            return paint("\(local).\(Format.text("%06d", [Int32(micros)]))\(zone.prefix(3)):\(zone.suffix(2))", .green)
        }
        let current = Int(seconds / 60)
        guard current == minute else {
            minute = current
            last = seconds
            return paint("[\(Format.time(seconds, "%b%d %H:%M"))]", .boldGreen)
        }
        let offset = Format.text("%+11.6f", [seconds - last])
        if showsDelta { last = seconds }
        return paint("[\(offset)]", .green)
    }

    /// Seconds since 1970 of `2026-11-21T00:04:25.297891Z`.
    private static func seconds(_ stamp: String) -> Double? {
        let parts = stamp.split(whereSeparator: { "-T:Z".contains($0) })
        guard stamp.hasSuffix("Z"), parts.count == 6, let second = Double(parts[5]) else { return nil }
        let numbers = parts[..<5].compactMap { Int32($0) }
        guard numbers.count == 5 else { return nil }
        var fields = tm()
        fields.tm_year = numbers[0] - 1900
        fields.tm_mon = numbers[1] - 1
        fields.tm_mday = numbers[2]
        fields.tm_hour = numbers[3]
        fields.tm_min = numbers[4]
        return Double(timegm(&fields)) + second
    }
}
