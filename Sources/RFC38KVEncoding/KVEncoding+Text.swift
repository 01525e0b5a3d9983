internal import Glibc

extension KVEncoding {
    /// The encoding: for each entry key, NUL, type, text, NUL.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes.append(contentsOf: entry.key.utf8)
            bytes.append(0)
            bytes.append(entry.value.type.rawValue)
            bytes.append(contentsOf: entry.text.utf8)
            bytes.append(0)
        }
        return bytes
    }
}

extension KVEncoding.Value {
    func text() throws(KVEncoding.Failure) -> String {
        switch self {
        case .string(let text):
            guard !text.utf8.contains(0) else { throw .badValue }
            return text
        case .int(let value): return String(value)
        case .double(let value): return sixDecimals(value)
        case .bool(let value): return value ? "true" : "false"
        case .timestamp(let seconds):
            guard let text = timeText(seconds) else { throw .badValue }
            return text
        }
    }

    /// Reads the text of a value; nil when it is not one of that type.
    init?(_ type: KVEncoding.ValueType, text: String) {
        switch type {
        case .string: self = .string(text)
        case .int:
            guard let value = Int64(text) else { return nil }
            self = .int(value)
        case .double:
            guard let value = Double(text) else { return nil }
            self = .double(value)
        case .bool:
            guard text == "true" || text == "false" else { return nil }
            self = .bool(text == "true")
        case .timestamp:
            guard let seconds = secondsOf(time: text) else { return nil }
            self = .timestamp(seconds)
        }
    }
}

/// The form `%.6f` of printf(3), at most 309 digits before the point.
private func sixDecimals(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        let count = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, "%.6f", $0) }
        return String(decoding: buffer[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// `2023-08-18T14:59:45Z`; nil outside of the years 1970 to 9999.
private func timeText(_ seconds: Int64) -> String? {
    guard (0...253_402_300_799).contains(seconds) else { return nil }
    var (year, day) = (1970, Int(seconds / 86_400))
    let second = Int(seconds % 86_400)
    // 400 years have a fixed number of days, so the loop below is short.
    year += day / 146_097 * 400
    day %= 146_097
    while day >= daysInYear(year) {
        day -= daysInYear(year)
        year += 1
    }
    var month = 1
    while day >= days(inMonth: month, of: year) {
        day -= days(inMonth: month, of: year)
        month += 1
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(year)-\(two(month))-\(two(day + 1))"
    return date + "T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}

/// Seconds since 1970 of a time as ``timeText(_:)`` writes it; nil for every other text.
private func secondsOf(time text: String) -> Int64? {
    let bytes = Array(text.utf8)
    let pattern = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
    guard bytes.count == pattern.count else { return nil }
    for (byte, wanted) in zip(bytes, pattern) {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        guard wanted == UInt8(ascii: "d") ? isDigit : byte == wanted else { return nil }
    }
    func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 & 15) } }
    let year = number(0..<4), month = number(5..<7), day = number(8..<10)
    let hour = number(11..<13), minute = number(14..<16), second = number(17..<19)
    guard year >= 1970, (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year) else { return nil }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    var total = day - 1
    for earlier in 1970..<year { total += daysInYear(earlier) }
    for earlier in 1..<month { total += days(inMonth: earlier, of: year) }
    return Int64(total) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
}

private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

private func daysInYear(_ year: Int) -> Int { isLeap(year) ? 366 : 365 }

private func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}
