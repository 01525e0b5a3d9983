internal import Client
internal import CommandKit
internal import FluxJSON
internal import KVSClient
internal import RFC03Message

/// Lookups with the options of a command: namespace or snapshot, watching, waiting.
struct KVSReader {
    private let flux: Handle
    private let arguments: Arguments

    init(_ flux: Handle, _ arguments: Arguments) {
        self.flux = flux
        self.arguments = arguments
    }

    private func request(_ key: String, _ flags: Int64) throws(CommandError) -> JSON {
        guard !key.isEmpty else { throw CommandError("\(key): Invalid argument") }
        var request: JSON.Object = ["key": .string(key), "flags": .int(flags)]
        if let snapshot = arguments.value("at") {
            guard let object = try? JSON(parsing: snapshot) else { throw CommandError("\(key): Invalid argument") }
            request["rootdir"] = object
        } else {
            request["namespace"] = .string(namespace(arguments))
        }
        return .object(request)
    }

    /// One object.
    func object(_ key: String, _ flags: KVSLookupFlags = []) async throws -> JSON {
        try await flux.query("kvs.lookup", try request(key, flags.rawValue))["val"] ?? .null
    }

    /// Prints the values of all operands.
    func printValues() async throws {
        var flags: Int64 = 0
        if arguments.has("treeobj") { flags |= 16 }
        if arguments.has("watch") {
            flags |= 4
            if arguments.has("full") { flags |= 64 }
            if arguments.has("uniq") { flags |= 128 }
            if arguments.has("append") { flags |= 256 }
        }
        if arguments.has("waitcreate") { flags |= 8 }
        if arguments.has("stream") { flags |= 512 }
        let limit = try arguments.integer("count") ?? 0
        for key in arguments.operands {
            do throws(RPCError) {
                let payload: JSON
                do { payload = try request(key, flags) } catch { throw RPCError(errnum: Errno.invalid) }
                if flags & (4 | 512) == 4 | 512 { throw RPCError(errnum: Errno.invalid) }
                if flags & (4 | 512) != 0 {
                    try await follow(key, payload, limit)
                } else if flags & 8 != 0 {
                    show(key, try await flux.query("kvs-watch.lookup", payload)["val"] ?? .null)
                } else {
                    show(key, try await flux.query("kvs.lookup", payload)["val"] ?? .null)
                }
            } catch {
                throw CommandError("\(key): \(SystemText.of(error.errnum))")
            }
        }
    }

    private func follow(_ key: String, _ payload: JSON, _ limit: Int) async throws(RPCError) {
        let stream = flux.stream("kvs-watch.lookup", payload)
        var count = 0, hasOutput = false
        while let answer = try await stream.nextJSON() {
            guard let value = answer["val"] else { continue }
            if show(key, value) { hasOutput = true }
            flushOutput()
            count += 1
            if limit > 0, count == limit, arguments.has("watch") {
                stream.cancel("kvs-watch.cancel")
                stream.abandon()
                return
            }
        }
        if arguments.has("stream"), hasOutput { print("") }
    }

    /// - Returns: whether there was a value to print.
    @discardableResult
    private func show(_ key: String, _ value: JSON) -> Bool {
        if arguments.has("label") { print("\(key)=", terminator: "") }
        if arguments.has("treeobj") {
            print(value.text(sortedKeys: true))
            return true
        } else {
            let bytes = (try? Handle.bytes(ofValue: value)) ?? []
            if bytes.isEmpty { return false }
            printBytes(bytes + (arguments.has("raw") || arguments.has("stream") ? [] : [10]))
            return true
        }
    }
}
