extension Message {
    /// The 20 bytes that end every message, before anything is made of them.
    ///
    ///     | 8e 01 | type | flags | userid | rolemask | word 12 | word 16 |
    ///     |   2   |  1   |   1   |   4    |    4     |    4    |    4    |   big endian
    public struct Header: Hashable, Sendable {
        /// The raw type; ``Kind`` knows the valid ones.
        public let type: UInt8
        /// What the message has.
        public let flags: Flags
        /// Who sent it.
        public let userID: UInt32
        /// What he may do.
        public let roles: Roles
        /// Node id, error number, sequence or control type.
        public let word12: UInt32
        /// Matchtag or control status.
        public let word16: UInt32

        /// Reads a header of exactly 20 bytes.
        ///
        /// - Throws: ``DecodeError/Reason/headerSize(_:)`` or ``DecodeError/Reason/headerMagic``.
        public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodeError) {
            guard bytes.count == Message.headerSize else {
                throw DecodeError(reason: .headerSize(bytes.count), offset: 0)
            }
            guard bytes[0] == 0x8e, bytes[1] == 1 else {
                throw DecodeError(reason: .headerMagic, offset: bytes[0] == 0x8e ? 1 : 0)
            }
            type = bytes[2]
            flags = Flags(rawValue: bytes[3])
            userID = word(bytes, at: 4)
            roles = Roles(rawValue: word(bytes, at: 8))
            word12 = word(bytes, at: 12)
            word16 = word(bytes, at: 16)
        }
    }

    /// Why bytes are not a message, and where that became certain.
    public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// There is nothing.
            case empty
            /// A part is announced longer than what follows.
            case truncatedPart
            /// The last part is not a header.
            case headerSize(Int)
            /// The header does not begin with 8e 01.
            case headerMagic
            /// The header has a type that does not exist.
            case unknownType(UInt8)
            /// A flag announces a topic that is not there.
            case missingTopic
            /// A flag announces a payload that is not there.
            case missingPayload
            /// The routes are not followed by an empty part and a header.
            case missingDelimiter
            /// A route is nothing but a NUL byte: sent on, it would end the routes.
            case emptyRoute
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in bytes from 0; the number of the part where the message was given in parts.
        public let offset: Int

        /// One sentence for people.
        public var description: String {
            let what =
                switch reason {
                case .empty: "no bytes"
                case .truncatedPart: "part is longer than what is left"
                case .headerSize(let size): "header has \(size) bytes, not 20"
                case .headerMagic: "header does not begin with 8e 01"
                case .unknownType(let type): "unknown type \(type)"
                case .missingTopic: "topic is missing"
                case .missingPayload: "payload is missing"
                case .missingDelimiter: "routes do not end"
                case .emptyRoute: "route without a name"
                }
            return "message: \(what) at \(offset)"
        }
    }
}

/// The four bytes at `offset` as a big endian number.
func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
}
