/// Cuts what arrives on a PMI socket into lines.
///
/// Performs no I/O: the caller appends what it read and takes out whole lines with their newline.
public struct PMILineDecoder: Sendable {
    /// Why the connection is of no use any more.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLong(limit: Int)
        case notText

        public var description: String {
            switch self {
            case .tooLong(let limit): "PMI line is longer than \(limit) bytes"
            case .notText: "PMI line is not valid UTF-8"
            }
        }
    }

    /// Longest accepted line in bytes, newline included.
    public let limit: Int
    private var pending: [UInt8] = []
    private var consumed = 0
    private var scanned = 0

    public init(limit: Int = 1 << 16) { self.limit = limit }

    /// Takes what arrived.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if consumed > 0 {
            pending.removeFirst(consumed)
            scanned -= consumed
            consumed = 0
        }
        pending.append(contentsOf: bytes)
    }

    /// The next whole line, or nil when more bytes are needed.
    ///
    /// - Throws: ``Failure``; the connection is to be closed.
    public mutating func next() throws(Failure) -> String? {
        guard let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = pending.count
            guard pending.count - consumed <= limit else { throw .tooLong(limit: limit) }
            return nil
        }
        guard end + 1 - consumed <= limit else { throw .tooLong(limit: limit) }
        guard let line = String(validating: pending[consumed...end], as: UTF8.self) else { throw .notText }
        consumed = end + 1
        scanned = consumed
        return line
    }
}
