/// The name of a blob in the content store: a hash function and the digest of the blob.
///
/// The digest is kept inline, so that references are cheap as keys of caches.
///
/// ```swift
/// let ref = try Blobref(parsing: "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15")
/// ref.algorithm     // .sha1
/// ref.digest.count  // 20
/// ```
/// Source: RFC 10.
public struct Blobref: Hashable, Sendable {
    /// A hash function of the content store.
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha1, sha256

        /// Bytes of a digest: 20 for SHA-1, 32 for SHA-256.
        public var digestSize: Int { self == .sha1 ? 20 : 32 }
    }

    /// Which hash function.
    public let algorithm: Algorithm
    /// The digest, big endian, zeros behind it.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Creates a reference from a digest.
    ///
    /// - Throws: ``ParseError`` when the digest has another size than the algorithm gives.
    public init(_ algorithm: Algorithm, digest: some Collection<UInt8>) throws(ParseError) {
        guard digest.count == algorithm.digestSize else {
            throw ParseError(reason: .digestSize(digest.count), offset: 0)
        }
        self.algorithm = algorithm
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: digest) }
    }

    /// Bytes: 20 for SHA-1, 32 for SHA-256, big endian.
    public var digest: [UInt8] { withUnsafeBytes(of: words) { Array($0.prefix(algorithm.digestSize)) } }

    public static func == (left: Blobref, right: Blobref) -> Bool {
        left.algorithm == right.algorithm && left.words == right.words
    }

    public func hash(into hasher: inout Hasher) {
        // A digest is random already; eight bytes of it are enough to spread, the seed of the hasher mixes them.
        hasher.combine(words.0)
    }
}

extension Blobref {
    /// Why a text or a digest is not a reference, and where.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// No such hash function, or the dash behind it is missing.
            case unknownAlgorithm
            /// The digest has another number of bytes (or half as many digits).
            case digestSize(Int)
            /// Something that is not a lower case hexadecimal digit.
            case invalidDigit
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in bytes of the first offending byte, from 0.
        public let offset: Int

        public var description: String {
            switch reason {
            case .unknownAlgorithm: "blobref: unknown hash function"
            case .digestSize(let size): "blobref: digest of \(size) bytes has the wrong size"
            case .invalidDigit: "blobref: not a lower case hexadecimal digit at byte \(offset)"
            }
        }
    }

    /// Reads a reference such as `sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15`.
    ///
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    public init(parsing text: String) throws(ParseError) {
        var text = text
        self = try text.withUTF8 { Self.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    /// Reads a reference from UTF-8 bytes in place.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(ParseError) {
        self = try Self.parse(bytes).get()
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<Blobref, ParseError> {
        guard let algorithm = Algorithm.allCases.first(where: { bytes.starts(with: $0.prefix) }) else {
            return .failure(ParseError(reason: .unknownAlgorithm, offset: 0))
        }
        let start = algorithm.prefix.utf8.count
        guard bytes.count - start == 2 * algorithm.digestSize else {
            return .failure(ParseError(reason: .digestSize((bytes.count - start) / 2), offset: start))
        }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
            for index in 0..<algorithm.digestSize {
                let high = nibble(bytes[start &+ 2 &* index]), low = nibble(bytes[start &+ 2 &* index &+ 1])
                guard high < 16, low < 16 else {
                    let offset = start + 2 * index + (high < 16 ? 1 : 0)
                    return .failure(ParseError(reason: .invalidDigit, offset: offset))
                }
                digest[index] = high << 4 | low
            }
            do throws(ParseError) {
                return .success(try Blobref(algorithm, digest: digest[..<algorithm.digestSize]))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension Blobref: CustomStringConvertible {
    /// The text, `sha1-` and 40 or `sha256-` and 64 lower case digits.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(72)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text as UTF-8.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: algorithm.prefix.utf8)
        withUnsafeBytes(of: words) { digest in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { text in
                for index in 0..<algorithm.digestSize {
                    text[2 &* index] = digit(digest[index] >> 4)
                    text[2 &* index &+ 1] = digit(digest[index] & 15)
                }
                bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: text[..<(2 * algorithm.digestSize)]))
            }
        }
    }
}

extension Blobref.Algorithm {
    /// What a reference begins with.
    fileprivate var prefix: String { self == .sha1 ? "sha1-" : "sha256-" }
}

extension UnsafeRawBufferPointer {
    fileprivate func starts(with text: String) -> Bool { starts(with: text.utf8) }
}

@inline(__always)
private func nibble(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
    default: 0xff
    }
}

@inline(__always)
private func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? nibble &+ UInt8(ascii: "0") : nibble &- 10 &+ UInt8(ascii: "a")
}
