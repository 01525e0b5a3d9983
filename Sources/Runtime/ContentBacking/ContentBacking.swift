internal import Client
internal import FluxJSON
public import RFC10Content
public import Service

/// What every backing store of content has in common: where it keeps blobs, how they are named, and how the content
/// cache learns of it.
///
/// Source: job-protocol §1.2 (observed: flux-core 0.88).
public struct ContentBacking: Sendable {
    /// The state directory of the instance.
    public let directory: String
    /// Digest of the names of blobs.
    public let algorithm: Blobref.Algorithm
    /// The directory goes away with the instance: nothing has to survive a crash.
    public let isTemporary: Bool
    private let context: ServiceContext

    /// Asks the broker for its attributes.
    ///
    /// - Throws: `ServiceError` when there is no directory, or the digest is unknown.
    public init(_ context: ServiceContext) async throws(ServiceError) {
        func attribute(_ name: String) async -> String? {
            if let known = context.attributes[name] { return known }
            return try? await context.flux.query("attr.get", ["name": .string(name)])["value"]?.stringValue
        }
        guard let directory = await attribute("statedir") else {
            throw ServiceError(errnum: Errno.noEntry, text: "statedir is not set")
        }
        guard let algorithm = Blobref.Algorithm(rawValue: await attribute("content.hash") ?? "sha1") else {
            throw ServiceError(errnum: Errno.invalid, text: "content.hash: unknown hash type")
        }
        self.directory = directory
        self.algorithm = algorithm
        isTemporary = await attribute("statedir-cleanup") == "1"
        self.context = context
    }

    /// Answers requests to `content-backing` from now on.
    public func serve() async throws { try await context.flux.rpc("service.add", ["service": "content-backing"]) }

    /// Tells the cache that the store is ready.
    ///
    /// - Parameter asksBack: the store asks `content.peek` before it says that a blob is nowhere.
    public func register(asksBack: Bool = false) async throws {
        try await context.flux.rpc(
            "content.register-backing", ["name": .string(context.name), "asks-back": .bool(asksBack)], nodeID: 0)
    }

    /// Tells the cache that the store ends.
    public func unregister() async { _ = try? await context.flux.rpc("content.unregister-backing", nodeID: 0) }
}
