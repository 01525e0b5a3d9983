public import FluxJSON
internal import Glibc

extension Eventlog {
    /// Why a text is not an event log, and where.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// A line has nothing in it.
            case emptyLine
            /// The newline at the end is missing.
            case missingNewline
            /// There is more than one line.
            case severalLines
            /// A line is not JSON.
            case notJSON(JSON.ParseError.Reason)
            /// A line is not an event.
            case notAnEvent(PayloadError)
        }

        /// What is wrong.
        public let reason: Reason
        /// Number of the line, from 1.
        public let line: Int
        /// Offset in bytes from the start of the text.
        public let offset: Int

        public var description: String {
            let what =
                switch reason {
                case .emptyLine: "empty line"
                case .missingNewline: "missing newline"
                case .severalLines: "more than one line"
                case .notJSON(let reason): "\(JSON.ParseError(reason: reason, offset: offset))"
                case .notAnEvent(let error): "\(error)"
                }
            return "eventlog: line \(line): \(what)"
        }
    }

    /// Reads a whole log.
    ///
    /// An empty text is a log without events. What follows the last newline is an event whose writing is not
    /// complete and is ignored, as flux-core does; but a text without any newline is refused.
    ///
    /// - Throws: ``ParseError`` with line and offset.
    public init(parsing text: String) throws(ParseError) {
        var text = text
        self = try text.withUTF8 { Self.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    /// Reads a whole log from UTF-8 bytes.
    public init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
        if let parsed = bytes.withContiguousStorageIfAvailable({ Self.parse(UnsafeRawBufferPointer($0)) }) {
            self = try parsed.get()
        } else {
            self = try Array(bytes).withUnsafeBytes { Self.parse($0) }.get()
        }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<Eventlog, ParseError> {
        var entries: [Entry] = []
        var start = 0
        do throws(ParseError) {
            while let end = newline(in: bytes, from: start) {
                entries.append(try Entry(line: bytes, start..<end, number: entries.count + 1))
                start = end + 1
            }
        } catch {
            return .failure(error)
        }
        guard bytes.isEmpty || start > 0 else {
            return .failure(ParseError(reason: .missingNewline, line: 1, offset: bytes.count))
        }
        return .success(Eventlog(entries))
    }
}

extension Eventlog.Entry {
    /// Reads one event, which has to end with its newline.
    ///
    /// - Throws: ``Eventlog/ParseError``.
    public init(parsing text: String) throws(Eventlog.ParseError) {
        var text = text
        self = try text.withUTF8 { Self.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<Self, Eventlog.ParseError> {
        let end = newline(in: bytes, from: 0)
        guard let end else {
            return .failure(Eventlog.ParseError(reason: .missingNewline, line: 1, offset: bytes.count))
        }
        guard end == bytes.count - 1 else {
            return .failure(Eventlog.ParseError(reason: .severalLines, line: 2, offset: end + 1))
        }
        do throws(Eventlog.ParseError) { return .success(try Self(line: bytes, 0..<end, number: 1)) } catch {
            return .failure(error)
        }
    }

    fileprivate init(
        line bytes: UnsafeRawBufferPointer, _ range: Range<Int>, number: Int
    ) throws(Eventlog.ParseError) {
        let start = range.lowerBound
        guard !range.isEmpty else { throw Eventlog.ParseError(reason: .emptyLine, line: number, offset: start) }
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[range])) } catch {
            throw Eventlog.ParseError(reason: .notJSON(error.reason), line: number, offset: start + error.offset)
        }
        do throws(PayloadError) { try self.init(json: json) } catch {
            throw Eventlog.ParseError(reason: .notAnEvent(error), line: number, offset: start)
        }
    }
}

/// Offset of the next newline.
private func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    return memchr(base + start, 0x0a, bytes.count - start).map { base.distance(to: $0) }
}
