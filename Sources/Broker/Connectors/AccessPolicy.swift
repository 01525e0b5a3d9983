package import Client
package import FluxJSON
package import RFC03Message

/// Who may connect and with which roles: the `[access]` table.
///
/// Source: broker-protocol 1.2 (observed: flux-core 0.88).
package struct AccessPolicy: Hashable, Sendable {
    package var allowsGuests = false
    package var allowsRootOwner = false
    package var isPrivate = false

    package init() {}

    /// - Throws: a text for the log when a key is unknown or of another type.
    package init(configuration: JSON) throws(RPCError) {
        for (key, value) in configuration["access"]?.objectValue ?? [:] {
            switch (key, value) {
            case ("allow-guest-user", .bool(let flag)): allowsGuests = flag
            case ("allow-root-owner", .bool(let flag)): allowsRootOwner = flag
            case ("private-mode", .bool(let flag)): isPrivate = flag
            case ("roles", .object): break
            case ("allow-guest-user", _), ("allow-root-owner", _), ("private-mode", _), ("roles", _):
                throw RPCError(errnum: Errno.invalid, text: "[access]: \(key) has the wrong type")
            default:
                throw RPCError(errnum: Errno.invalid, text: "[access]: unknown key \(key)")
            }
        }
    }

    /// The roles of a user who connects; none means rejected.
    package func roles(of user: UInt32, owner: UInt32) -> Message.Roles {
        if user == owner || user == 0 && allowsRootOwner { return [.owner, .local] }
        return allowsGuests ? [.user, .local] : []
    }
}
