internal import FluxJSON
internal import RFC38KVEncoding

extension SignedPayload {
    /// Order of the header's keys; both writers of the field are imitated to the byte.
    public enum HeaderOrder: Hashable, Sendable {
        /// version, userid, mechanism: flux-core.
        case core
        /// version, mechanism, userid: flux-security.
        case security
    }

    /// Wraps a payload with the mechanism `none`.
    public static func wrapNone(
        _ payload: some Collection<UInt8>, userID: UInt32, order: HeaderOrder = .core
    ) -> String {
        let user = "userid\0i\(userID)\0", mechanism = "mechanism\0snone\0"
        let header = Array(("version\0i1\0" + (order == .core ? user + mechanism : mechanism + user)).utf8)
        return Base64.encode(header) + "." + Base64.encode(payload) + ".none"
    }

    /// Unwraps a payload of the mechanism `none` as a single user instance does, where the claim is not checked.
    ///
    /// Stricter than ``init(parsing:)`` in its keys (no others than the required ones) and its user id (32 bits),
    /// laxer in its base64, as flux-core's reader.
    ///
    /// - Returns: the payload and the claimed user id.
    /// - Throws: ``Failure``.
    public static func unwrapNone(_ text: String) throws(Failure) -> (payload: [UInt8], userID: UInt32) {
        let (headerText, payloadText, signature) = try parts(of: text)
        guard let headerBytes = Base64.decode(headerText), let header = try? KVEncoding(parsing: headerBytes) else {
            throw .badHeader
        }
        for entry in header.entries where !["version", "userid", "mechanism"].contains(entry.key) {
            throw .unknownKey(entry.key)
        }
        guard let version = header.int("version") else { throw .missing("version") }
        guard version == 1 else { throw .unknownVersion(version) }
        guard let mechanism = header.string("mechanism") else { throw .missing("mechanism") }
        guard mechanism == "none" else { throw .unknownMechanism(mechanism) }
        guard let claim = header.int("userid") else { throw .missing("userid") }
        guard let userID = UInt32(exactly: claim) else { throw .badUserID }
        guard signature == "none" else { throw .badSignature }
        guard let payload = Base64.decode(payloadText) else { throw .badPayload }
        return (payload, userID)
    }
}
