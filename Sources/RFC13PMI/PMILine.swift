/// One line of the wire protocol: fields `key=value`, in any order, white space between them.
///
/// A key counts at the start of the line or after white space, also inside the value of another field: that is how
/// the field's implementations scan, and values that contain ` key=` are read by nobody else.
///
/// ```swift
/// try PMILine("cmd=put kvsname=k key=a value=x y\n").string("value")   // "x y"
/// ```
public struct PMILine: Hashable, Sendable {
    /// Why a field cannot be read.
    public enum ScanError: Error, Hashable, Sendable, CustomStringConvertible {
        case noKey(String)
        case notANumber(String)
        case tooLong(String, limit: Int)

        public var description: String {
            switch self {
            case .noKey(let key): "missing \(key)="
            case .notANumber(let key): "\(key)= is not a number in range"
            case .tooLong(let key, let limit): "\(key)= does not fit \(limit) bytes with its NUL"
            }
        }
    }

    private let bytes: [UInt8]

    /// Wraps a line; its newline may be missing.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Where the value of `key` begins, or nil.
    private func start(of key: String) -> Int? {
        let key = Array(key.utf8)
        var index = 0
        while index + key.count < bytes.count {
            if index == 0 || Self.isSpace(bytes[index - 1]),
                bytes[index + key.count] == UInt8(ascii: "="),
                bytes[index..<(index + key.count)].elementsEqual(key)
            {
                return index + key.count + 1
            }
            index += 1
        }
        return nil
    }

    /// The value of `key` up to the next white space.
    ///
    /// - Parameters:
    ///   - key: the word in front of `=`.
    ///   - limit: bytes a C buffer would have, NUL included; nil for none.
    public func word(_ key: String, limit: Int? = nil) throws(ScanError) -> String {
        try text(key, limit: limit) { Self.isSpace($0) }
    }

    /// The value of `key` up to the end of the line, blanks included.
    ///
    /// A trailing ` found=TRUE` of `value=` is dropped: some releases of mpiexec.hydra append it by mistake.
    public func string(_ key: String, limit: Int? = nil) throws(ScanError) -> String {
        let value = try text(key, limit: limit) { $0 == UInt8(ascii: "\n") }
        let suffix = " found=TRUE"
        return key == "value" && value.hasSuffix(suffix) ? String(value.dropLast(suffix.count)) : value
    }

    private func text(
        _ key: String, limit: Int?, until isEnd: (UInt8) -> Bool
    ) throws(ScanError) -> String {
        guard let start = start(of: key) else { throw .noKey(key) }
        let end = bytes[start...].firstIndex(where: isEnd) ?? bytes.count
        if let limit, end - start >= limit { throw .tooLong(key, limit: limit) }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Whether the value of `key` begins with `prefix`; nil when there is no such key.
    ///
    /// Observed: flux-core 0.88 takes `cmd=initx` for `cmd=init`, and so do we.
    public func matches(_ key: String, _ prefix: String) -> Bool? {
        guard let start = start(of: key) else { return nil }
        return bytes[start...].starts(with: prefix.utf8)
    }

    /// The number after `key`; white space may come before it and an empty value is 0, as with `strtol`.
    public func int(_ key: String) throws(ScanError) -> Int32 {
        guard let value = Int32(exactly: try number(key)) else { throw .notANumber(key) }
        return value
    }

    /// The number without sign after `key`; see ``int(_:)``.
    public func uint(_ key: String) throws(ScanError) -> UInt32 {
        guard let value = UInt32(exactly: try number(key)) else { throw .notANumber(key) }
        return value
    }

    private func number(_ key: String) throws(ScanError) -> Int64 {
        guard let start = start(of: key) else { throw .noKey(key) }
        var index = start
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if isNegative || (index < bytes.count && bytes[index] == UInt8(ascii: "+")) { index += 1 }
        let digits = index
        var value: Int64 = 0
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            guard value <= Int64(UInt32.max) else { throw .notANumber(key) }
            value = value * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        if index == digits { index = start }  // no number at all: what follows `=` must be nothing or white space
        guard index == bytes.count || Self.isSpace(bytes[index]) else { throw .notANumber(key) }
        return isNegative ? -value : value
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}
