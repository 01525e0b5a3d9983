public import FluxJSON

/// Numbers as people type them on a command line whose reference is written in Python: blanks around, `1_000`, `1e3`.
public enum LooseNumber {
    /// An integer that fits 64 bits.
    public static func int(_ text: some StringProtocol) -> Int64? {
        guard let digits = cleaned(text, isDigit: { (0x30...0x39).contains($0) }) else { return nil }
        return Int64(digits)
    }

    /// A real number, `inf`, `infinity` or `nan` in any case; no hexadecimal.
    public static func double(_ text: some StringProtocol) -> Double? {
        let allowed = Set("0123456789+-.eE".utf8)
        if let number = cleaned(text, isDigit: { allowed.contains($0) }) { return Double(number) }
        let word = trimmed(text).lowercased()
        return ["inf", "infinity", "nan"].contains(word.drop { $0 == "+" || $0 == "-" }) ? Double(word) : nil
    }

    /// The text as JSON: an integer, else a finite real, else the string itself.
    public static func json(_ text: String) -> JSON {
        if let value = int(text) { return .int(value) }
        if let value = double(text), value.isFinite { return .real(value) }
        return .string(text)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.count
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The text without blanks around and without underscores, which stand between digits only; nil otherwise.
    private static func cleaned(_ text: some StringProtocol, isDigit: (UInt8) -> Bool) -> String? {
        let bytes = Array(trimmed(text).utf8)
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "_") {
                guard index > 0, index + 1 < bytes.count, (0x30...0x39).contains(bytes[index - 1]),
                    (0x30...0x39).contains(bytes[index + 1])
                else { return nil }
            } else {
                let isSign = index == 0 && (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                guard isDigit(byte) || isSign else { return nil }
                result.append(byte)
            }
        }
        return result.isEmpty ? nil : String(decoding: result, as: UTF8.self)
    }
}
