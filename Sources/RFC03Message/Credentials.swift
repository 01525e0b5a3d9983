extension Message {
    /// What a sender may do.
    public struct Roles: OptionSet, Hashable, Sendable {
        /// The bits on the wire.
        public let rawValue: UInt32
        /// Takes bits as they are, unknown ones included.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Owns the instance: may do everything.
        public static let owner = Roles(rawValue: 1)
        /// Has been admitted to the instance.
        public static let user = Roles(rawValue: 2)
        /// Is connected to the broker that the message reaches first; cleared by each hop between brokers.
        public static let local = Roles(rawValue: 4)
        /// Administers jobs of others.
        public static let admin = Roles(rawValue: 8)
        /// Every role there is and will be.
        public static let all = Roles(rawValue: 0xffff_ffff)
    }

    /// Who sent a message and what he may do, as stamped by the connector that let it in.
    public struct Credentials: Hashable, Sendable {
        /// User id, or ``Message/unknownUser``.
        public var userID: UInt32
        /// What he may do.
        public var roles: Roles

        /// Creates one from its members.
        public init(userID: UInt32, roles: Roles) {
            self.userID = userID
            self.roles = roles
        }

        /// What a message has before a connector stamps it.
        public static let unknown = Credentials(userID: Message.unknownUser, roles: [])

        /// Whether the sender may act on what belongs to `userID`: the owner may, and that user himself.
        public func mayAct(for userID: UInt32) -> Bool {
            if roles.contains(.owner) { return true }
            return roles.contains(.user) && self.userID != Message.unknownUser && self.userID == userID
        }
    }

    /// Who sent the message and what he may do.
    public var credentials: Credentials {
        get { Credentials(userID: userID, roles: roles) }
        set { (userID, roles) = (newValue.userID, newValue.roles) }
    }
}
