internal import FluxJSON
public import RFC38KVEncoding

/// A payload with a claim who sent it: `HEADER.PAYLOAD.SIGNATURE`.
///
/// What the signature is worth depends on the mechanism; reading proves nothing.
///
/// ```swift
/// let text = SignedPayload.wrapNone(payload, userID: 1000)
/// let signed = try SignedPayload(parsing: text)
/// try signed.verifyNone(realUserID: 1000)
/// ```
/// Source: RFC 39.
public struct SignedPayload: Hashable, Sendable {
    /// How the signature was made.
    public enum Mechanism: String, Hashable, Sendable {
        /// Not at all: the signature is the word `none`.
        case none
        /// By the MUNGE service.
        case munge
        /// With a certificate of the user.
        case curve
    }

    /// All of the header, for what a mechanism keeps there.
    public let header: KVEncoding
    /// How the signature was made.
    public let mechanism: Mechanism
    /// Whom the header claims as the sender.
    public let userID: Int64
    /// What was signed.
    public let payload: [UInt8]
    /// The text behind the second period.
    public let signature: String
    /// `HEADER.PAYLOAD`, the bytes that a signature is made over.
    public let signedText: String

    /// Reads the three parts and the header. Whether the signature is valid is another question.
    ///
    /// Base64 has to be exact. Keys of the header beyond `version`, `userid` and `mechanism` are kept.
    ///
    /// - Throws: ``Failure``.
    public init(parsing text: String) throws(Failure) {
        let (headerText, payloadText, signature) = try Self.parts(of: text)
        guard !headerText.isEmpty, let headerBytes = Base64.decodeExactly(headerText),
            let header = try? KVEncoding(parsing: headerBytes)
        else { throw .badHeader }
        guard let payload = Base64.decodeExactly(payloadText) else { throw .badPayload }
        guard let version = header.int("version") else { throw .missing("version") }
        guard version == 1 else { throw .unknownVersion(version) }
        guard let name = header.string("mechanism") else { throw .missing("mechanism") }
        guard let mechanism = Mechanism(rawValue: name) else { throw .unknownMechanism(name) }
        guard let userID = header.int("userid") else { throw .missing("userid") }
        self.header = header
        self.mechanism = mechanism
        self.userID = userID
        self.payload = payload
        self.signature = signature
        signedText = headerText + "." + payloadText
    }

    /// Checks a signature of the mechanism `none`.
    ///
    /// - Parameter realUserID: who really sent the text.
    /// - Throws: ``Failure/badSignature`` or ``Failure/otherUser(claimed:real:)``.
    public func verifyNone(realUserID: Int64) throws(Failure) {
        guard mechanism == .none, signature == "none" else { throw .badSignature }
        guard userID == realUserID else { throw .otherUser(claimed: userID, real: realUserID) }
    }

    /// HEADER, PAYLOAD and everything behind the second period.
    static func parts(of text: String) throws(Failure) -> (header: String, payload: String, signature: String) {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(of: UInt8(ascii: ".")) else { throw .badHeader }
        let rest = bytes[bytes.index(after: first)...]
        guard let second = rest.firstIndex(of: UInt8(ascii: ".")) else { throw .badPayload }
        return (
            String(text[..<first]), String(text[rest.startIndex..<second]), String(text[bytes.index(after: second)...])
        )
    }

    /// Why a text is not a signed payload, or not a valid one.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The first part is not a header in base64.
        case badHeader
        /// The second part is missing or not base64.
        case badPayload
        /// The signature is not what the mechanism makes.
        case badSignature
        /// The header does not have this key, or with another type.
        case missing(String)
        /// A version other than 1.
        case unknownVersion(Int64)
        /// A mechanism that does not exist or is not wanted here.
        case unknownMechanism(String)
        /// A key of the header that is not wanted here.
        case unknownKey(String)
        /// The header claims a user id that does not exist.
        case badUserID
        /// The header claims somebody else.
        case otherUser(claimed: Int64, real: Int64)

        public var description: String {
            switch self {
            case .badHeader: "signature: header cannot be decoded"
            case .badPayload: "signature: payload cannot be decoded"
            case .badSignature: "signature: signature is invalid"
            case .missing(let key): "signature: header has no \(key)"
            case .unknownVersion(let version): "signature: unknown version \(version)"
            case .unknownMechanism(let name): "signature: unknown mechanism \"\(name)\""
            case .unknownKey(let key): "signature: unknown header key \"\(key)\""
            case .badUserID: "signature: header userid is not a user id"
            case .otherUser(let claimed, let real): "signature: header userid \(claimed) is not the real one, \(real)"
            }
        }
    }
}
