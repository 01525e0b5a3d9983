public import FluxJSON
public import RFC03Message

/// What a service answers to a request.
public enum Reply: Sendable {
    /// The service answers later, or never: it kept the request.
    case deferred
    /// Success without a payload.
    case empty
    case json(JSON)
    case bytes([UInt8])
}

/// One method of a service: who may call it, and what it does.
public struct Method<S: Service>: Sendable {
    enum Body: Sendable {
        case immediate(@Sendable (isolated S, Message) throws -> Reply)
        case asynchronous(@Sendable (isolated S, Message) async throws -> Reply)
    }

    let roles: Message.Roles
    let body: Body

    /// A method that answers without waiting: it runs in the order of arrival and costs no task.
    ///
    /// - Parameter roles: one of these is enough; by default the instance owner only.
    public static func now(
        _ roles: Message.Roles = .owner, _ body: @escaping @Sendable (isolated S, Message) throws -> Reply
    ) -> Method {
        Method(roles: roles, body: .immediate(body))
    }

    /// A method that has to wait for others before it can answer. State may change while it waits.
    public static func waiting(
        _ roles: Message.Roles = .owner, _ body: @escaping @Sendable (isolated S, Message) async throws -> Reply
    ) -> Method {
        Method(roles: roles, body: .asynchronous(body))
    }
}

extension Message.Roles {
    /// The owner and every guest.
    public static let anyUser: Message.Roles = [.owner, .user]
    /// Everyone, also messages without credentials.
    public static let everyone = Message.Roles.all
}
