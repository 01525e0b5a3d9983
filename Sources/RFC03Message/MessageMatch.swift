internal import Glibc

/// Which messages a handler wants.
///
/// Source: observed: flux-core 0.88, `flux_msg_cmp`.
public struct MessageMatch: Hashable, Sendable {
    /// Kinds that match, or-ed; 0 = every kind.
    public var kinds: UInt8
    /// The matchtag, 0 = any. Only a message without routes has one that means something here.
    public var matchtag: UInt32
    /// Topics that match, as a shell pattern with `*`, `?` and `[...]`; nil, `""` and `*` match also without a topic.
    public var topicGlob: String?

    /// Creates one from its members.
    public init(kinds: UInt8 = 0, matchtag: UInt32 = 0, topicGlob: String? = nil) {
        self.kinds = kinds
        self.matchtag = matchtag
        self.topicGlob = topicGlob
    }

    /// Whether `message` is wanted.
    public func matches(_ message: Message) -> Bool {
        if kinds != 0, kinds & message.kind.rawValue == 0 { return false }
        if matchtag != 0 {
            guard message.routeStack.isEmpty, message.kind == .request || message.kind == .response else {
                return false
            }
            guard message.matchtag == matchtag else { return false }
        }
        guard let glob = topicGlob, glob != "", glob != "*" else { return true }
        guard let topic = message.topic else { return false }
        return Self.topic(topic, matches: glob)
    }

    /// Whether a topic matches a shell pattern; a text without `*`, `?` and `[` matches only itself.
    public static func topic(_ topic: String, matches glob: String) -> Bool {
        let isPattern = glob.utf8.contains { "*?[".utf8.contains($0) }
        return isPattern ? fnmatch(glob, topic, 0) == 0 : glob == topic
    }
}
