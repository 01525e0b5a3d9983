internal import CommandKit

/// Options whose value is a number of bytes: `100`, `0x10`, `8K`, `1.5M`.
///
/// Suffixes `k` or `K`, `M`, `G`, `T`, `P` and `E` are powers of 1024. Source: observed: flux-core 0.88.
enum SizeOption {
    /// The value of an option; nil when it was not given.
    ///
    /// - Throws: `CommandError` in the words that scripts know, for what is no size, and for more than `limit`.
    static func bytes(_ name: String, _ arguments: Arguments, upTo limit: Int64 = .max) throws(CommandError) -> Int64? {
        guard let text = arguments.value(name) else { return nil }
        let place = "\(arguments.title): \(arguments.command.name)"
        guard let size = parse(text) else {
            throw CommandError("\(place): invalid argument for option '\(name)': \(text): Invalid argument", isBare: true)
        }
        guard size <= limit else {
            throw CommandError("\(place): \(name): value \(text) too large (must be < 2G)", isBare: true)
        }
        return size
    }

    private static let scales: [Character: Int64] = [
        "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60,
    ]

    private static func parse(_ text: String) -> Int64? {
        let suffix = text.last.flatMap { scales[$0] }
        let digits = suffix == nil ? text[...] : text.dropLast()
        guard let first = digits.utf8.first, first == UInt8(ascii: ".") || (0x30...0x39).contains(first) else { return nil }
        if let number = integer(digits) {
            let (size, overflow) = number.multipliedReportingOverflow(by: suffix ?? 1)
            return overflow ? nil : size
        }
        guard let number = Double(String(digits)), number.isFinite else { return nil }
        return Int64(exactly: (number * Double(suffix ?? 1)).rounded(.down))
    }

    /// As C reads it: `0x` is hexadecimal, a leading zero octal.
    private static func integer(_ text: Substring) -> Int64? {
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return Int64(text.dropFirst(2), radix: 16) }
        return text.count > 1 && text.first == "0" ? Int64(text, radix: 8) : Int64(text)
    }
}
