public import Client

/// A refusal that a peer receives: an errno and words for the user of the command that asked.
public struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A Linux errno; see ``Client/Errno``.
    public let errnum: Int32
    public let text: String?

    public init(errnum: Int32, text: String? = nil) {
        self.errnum = errnum
        self.text = text
    }

    /// Passes on what another service answered.
    public init(_ error: RPCError) {
        self.init(errnum: error.errnum, text: error.text)
    }

    public var description: String { text ?? RPCError(errnum: errnum).description }
}
