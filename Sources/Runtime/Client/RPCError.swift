public import Reactor

/// An error that a peer answered, or that ended a connection before an answer came.
public struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A Linux errno, as it travels on the wire.
    public let errnum: Int32
    /// The peer's own words, when it sent some.
    public let text: String?
    /// What was asked.
    public let topic: String?

    public init(errnum: Int32, text: String? = nil, topic: String? = nil) {
        self.errnum = errnum
        self.text = text
        self.topic = topic
    }

    /// The peer's words, or else the C library's words for the errno.
    public var description: String { text ?? SystemError.text(of: errnum) }
}

/// The errnos that the Flux services answer with: Linux numbers, whatever the host.
///
/// Source: observed: flux-core 0.88 (the numbers of RFC 3 differ for ENOSYS).
public enum Errno {
    public static let perm: Int32 = 1
    public static let noEntry: Int32 = 2
    public static let noProcess: Int32 = 3
    public static let interrupted: Int32 = 4
    public static let io: Int32 = 5
    public static let badDescriptor: Int32 = 9
    public static let noChild: Int32 = 10
    public static let again: Int32 = 11
    public static let noMemory: Int32 = 12
    public static let access: Int32 = 13
    public static let busy: Int32 = 16
    public static let exists: Int32 = 17
    public static let noDevice: Int32 = 19
    public static let notDirectory: Int32 = 20
    public static let isDirectory: Int32 = 21
    public static let invalid: Int32 = 22
    public static let tooLarge: Int32 = 27
    public static let noSpace: Int32 = 28
    public static let pipe: Int32 = 32
    public static let range: Int32 = 34
    public static let noSystem: Int32 = 38
    public static let loop: Int32 = 40
    public static let noData: Int32 = 61
    public static let proto: Int32 = 71
    public static let overflow: Int32 = 75
    public static let notSupported: Int32 = 95
    public static let addressInUse: Int32 = 98
    public static let connectionReset: Int32 = 104
    public static let timedOut: Int32 = 110
    public static let connectionRefused: Int32 = 111
    public static let hostUnreachable: Int32 = 113
    public static let canceled: Int32 = 125
    public static let notRecoverable: Int32 = 131
}
