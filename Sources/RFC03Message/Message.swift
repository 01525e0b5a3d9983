public import FluxJSON

/// One Flux message: a header, and where its flags say so a route stack, a topic and a payload.
///
/// A value: copies share the payload until one is changed, and forwarding a message never looks into the payload.
///
/// ```swift
/// let request = Message.request("attr.get", json: ["name": "size"], matchtag: 1)
/// let reply = request.response(json: ["value": "4"])
/// try Message(decoding: reply.encode()) == reply   // true
/// ```
/// Source: RFC 3; the order and the meaning of the parts as flux-core 0.88 has them.
public struct Message: Hashable, Sendable {
    /// What the message is for.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case request = 1
        case response = 2
        case event = 4
        case control = 8
    }

    /// What the message has and how it is to be treated.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits on the wire.
        public let rawValue: UInt8
        /// Takes bits as they are, unknown ones included.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// There is a topic.
        public static let topic = Flags(rawValue: 0x01)
        /// There is a payload.
        public static let payload = Flags(rawValue: 0x02)
        /// The sender of this request wants no response.
        public static let noResponse = Flags(rawValue: 0x04)
        /// There is a route stack, perhaps an empty one.
        public static let route = Flags(rawValue: 0x08)
        /// This request goes to the parent of the broker whose rank is in `nodeID`.
        public static let upstream = Flags(rawValue: 0x10)
        /// Only the instance owner and the user in `userID` may see this event.
        public static let isPrivate = Flags(rawValue: 0x20)
        /// Any number of responses may come; an error ends them.
        public static let streaming = Flags(rawValue: 0x40)
        /// Left to applications.
        public static let user1 = Flags(rawValue: 0x80)

        /// Flags that follow from what the message has.
        static let structural: Flags = [.topic, .payload, .route]
    }

    /// `nodeID` of a request to whoever answers first on the way to rank 0.
    public static let anyNode: UInt32 = 0xffff_ffff
    /// Never on the wire: the sender sets the flag `upstream` and puts its own rank into `nodeID` instead.
    public static let upstreamNode: UInt32 = 0xffff_fffe
    /// `matchtag` of a request that expects no response.
    public static let noMatchtag: UInt32 = 0
    /// `userID` that has not been set by a connector yet.
    public static let unknownUser: UInt32 = 0xffff_ffff

    /// What the message is for.
    public var kind: Kind
    /// Who sent it; see ``credentials``.
    public var userID: UInt32
    /// What the sender may do.
    public var roles: Roles
    /// Header bytes 12 to 15; see ``nodeID``, ``errnum``, ``sequence`` and ``controlType``.
    var word12: UInt32
    /// Header bytes 16 to 19; see ``matchtag`` and ``controlStatus``.
    var word16: UInt32

    // No member has a value before its initializer gives it one (`T?` would): filled twice, a message is copied once
    // more each time it is decoded.
    var storedFlags: Flags
    var storedTopic: Optional<String>
    var storedPayload: StoredPayload
    /// The hops as they are on the wire; see ``routes``.
    public internal(set) var routeStack: RouteStack
    /// The bytes of a topic that is not UTF-8, so that the message leaves as it came.
    var foreignTopic: Optional<[UInt8]>

    /// Creates a message without topic and payload; credentials unknown, a request is for any node.
    public init(_ kind: Kind, flags: Flags = []) {
        self.kind = kind
        userID = Self.unknownUser
        roles = []
        word12 = kind == .request ? Self.anyNode : 0
        word16 = 0
        storedFlags = flags.subtracting([.topic, .payload])
        (storedTopic, foreignTopic, storedPayload) = (nil, nil, .none)
        routeStack = RouteStack()
    }

    /// The flags. Setting leaves `topic` and `payload` as the content has them; clearing `route` removes the routes.
    public var flags: Flags {
        get { storedFlags }
        set {
            storedFlags = newValue.subtracting([.topic, .payload]).union(storedFlags.intersection([.topic, .payload]))
            if !newValue.contains(.route) { routeStack = RouteStack() }
        }
    }

    /// What the message is about, such as `kvs.lookup`; nil when there is none.
    public var topic: String? {
        get { storedTopic }
        set {
            storedTopic = newValue
            foreignTopic = nil
            if newValue == nil { storedFlags.remove(.topic) } else { storedFlags.insert(.topic) }
        }
    }

    /// The bytes it carries, never empty when set here; text payloads end with a NUL byte.
    ///
    /// Complexity: constant; for a JSON document that was put in as such (``carry(_:)``) it is printed each time. Whether
    /// there is a payload at all is said by ``hasPayload``.
    public var payload: [UInt8]? {
        get { storedPayload.bytes }
        set { take(StoredPayload(newValue?.isEmpty == true ? nil : newValue), exists: newValue?.isEmpty == false) }
    }

    /// Whether there is a payload.
    public var hasPayload: Bool { storedFlags.contains(.payload) }

    /// Puts in a JSON document, or takes the payload out.
    ///
    /// The document is printed when the message leaves the process; a receiver in the same process gets it as it is.
    public mutating func carry(_ json: JSON?) {
        take(json.map { .json(StoredPayload.SharedJSON($0)) } ?? .none, exists: json != nil)
    }

    /// Prints a JSON document now: for a message that leaves the process more than once.
    public mutating func printPayload() {
        if case .json = storedPayload { storedPayload = StoredPayload(storedPayload.bytes) }
    }

    /// The message with its payload as bytes.
    var printed: Message {
        var message = self
        message.printPayload()
        return message
    }

    private mutating func take(_ payload: StoredPayload, exists: Bool) {
        storedPayload = payload
        if exists { storedFlags.insert(.payload) } else { storedFlags.remove(.payload) }
    }

    /// The hops the message took, oldest first; the last one is where a response goes next.
    ///
    /// Setting a route also sets the flag `route`. Where one hop is enough, ``lastRoute`` and ``firstRoute`` are faster.
    public var routes: [String] {
        get { routeStack.names }
        set {
            routeStack = RouteStack(newValue)
            if !newValue.isEmpty { storedFlags.insert(.route) }
        }
    }

    /// The rank a request is for, or ``anyNode``.
    public var nodeID: UInt32 {
        get { word12 }
        set { word12 = newValue }
    }
    /// The error number of a response in Linux' numbering, 0 for success.
    public var errnum: UInt32 {
        get { word12 }
        set { word12 = newValue }
    }
    /// The number of a published event, from 1.
    public var sequence: UInt32 {
        get { word12 }
        set { word12 = newValue }
    }
    /// What a control message asks for or tells.
    public var controlType: UInt32 {
        get { word12 }
        set { word12 = newValue }
    }
    /// What connects a response with its request; chosen by the sender of the request.
    public var matchtag: UInt32 {
        get { word16 }
        set { word16 = newValue }
    }
    /// The second number of a control message.
    public var controlStatus: UInt32 {
        get { word16 }
        set { word16 = newValue }
    }
}
