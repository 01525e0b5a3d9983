package import Client
package import FluxJSON
internal import Glibc
package import RFC03Message

/// Who may connect and with which roles: the `[access]` table.
///
/// Source: broker-protocol 1.2 (observed: flux-core 0.88).
package struct AccessPolicy: Hashable, Sendable {
    package var allowsGuests = false
    package var allowsRootOwner = false
    package var isPrivate = false
    /// Names of users, and of groups whose listed members, get the role `admin` when they connect as guests.
    package var adminUsers: [String] = []
    package var adminGroups: [String] = []

    package init() {}

    /// - Throws: a text for the log when a key is unknown or of another type.
    package init(configuration: JSON) throws(RPCError) {
        for (key, value) in configuration["access"]?.objectValue ?? [:] {
            switch (key, value) {
            case ("allow-guest-user", .bool(let flag)): allowsGuests = flag
            case ("allow-root-owner", .bool(let flag)): allowsRootOwner = flag
            case ("private-mode", .bool(let flag)): isPrivate = flag
            case ("roles", .object(let roles)): try readRoles(roles)
            case ("allow-guest-user", _), ("allow-root-owner", _), ("private-mode", _), ("roles", _):
                throw Self.refusal("[access]: \(key) has the wrong type")
            default: throw Self.refusal("[access]: unknown key \(key)")
            }
        }
    }

    private mutating func readRoles(_ roles: JSON.Object) throws(RPCError) {
        for (role, entry) in roles {
            guard role == "admin" else { throw Self.refusal("unknown role '\(role)' in [access.roles]") }
            guard let table = entry.objectValue else { throw Self.refusal("[access.roles.admin]: expected a table") }
            for (key, value) in table {
                guard ["users", "groups"].contains(key) else {
                    throw Self.refusal("[access.roles.admin]: unknown key \(key)")
                }
                let names = value.arrayValue?.compactMap(\.stringValue) ?? []
                guard let count = value.arrayValue?.count, count == names.count else {
                    throw Self.refusal("[access.roles.admin] \(key) must be a string array")
                }
                if key == "users" { adminUsers = names } else { adminGroups = names }
            }
        }
    }

    private static func refusal(_ text: String) -> RPCError { RPCError(errnum: Errno.invalid, text: text) }

    /// The roles of a user who connects; none means rejected.
    ///
    /// The owner has every right already: for him no names are looked up.
    package func roles(of user: UInt32, owner: UInt32) -> Message.Roles {
        if user == owner || user == 0 && allowsRootOwner { return [.owner, .local] }
        guard allowsGuests else { return [] }
        return isAdmin(user) ? [.user, .local, .admin] : [.user, .local]
    }

    /// Names that nobody has are passed over, so that a failing look-up denies.
    private func isAdmin(_ user: UInt32) -> Bool {
        if adminUsers.contains(where: { getpwnam($0)?.pointee.pw_uid == user }) { return true }
        guard !adminGroups.isEmpty, let entry = getpwuid(user) else { return false }
        let name = String(cString: entry.pointee.pw_name)
        return adminGroups.contains { group in
            guard var member = getgrnam(group)?.pointee.gr_mem else { return false }
            while let other = member.pointee {
                if String(cString: other) == name { return true }
                member += 1
            }
            return false
        }
    }
}
