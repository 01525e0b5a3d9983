internal import CommandKit
internal import Glibc
internal import RFC13PMI

/// A conversation with the process manager, one request at a time: over the descriptor of the environment (RFC 13), or
/// with nobody for a program that is alone.
///
/// Identity: it owns the place in a conversation that both ends must agree on.
final class PMIConnection {
    private var client: PMIClient?
    private let descriptor: Int32
    private let method: String
    private let isTraced: Bool
    private var ownKeys: [String: String] = [:]
    /// The key value space, usually the job's id.
    private(set) var name = "single"

    var rank: Int { client?.rank ?? 0 }
    var size: Int { client?.size ?? 1 }

    /// Finds the process manager and says hello.
    ///
    /// - Parameter method: `simple` or `single`; nil tries both.
    /// - Throws: ``CommandKit/CommandError``.
    init(method wanted: String?, isTraced: Bool) throws(CommandError) {
        self.isTraced = isTraced
        let environment = PMIEnvironment(Environment.all)
        var chosen = wanted.map { String($0.prefix { $0 != ":" }) }
        if let chosen, !["simple", "single"].contains(chosen) {
            throw CommandError("unknown PMI method '\(chosen)' (use simple or single)")
        }
        if chosen == "simple", environment == nil { throw CommandError("PMI_FD not found in environ") }
        if chosen == nil { chosen = environment == nil ? "single" : "simple" }
        method = chosen ?? "single"
        descriptor = environment?.fileDescriptor ?? -1
        client = method == "simple" ? environment.map { PMIClient(rank: $0.rank, size: $0.size) } : nil
        if wanted == nil { traceSearch(hasDescriptor: environment != nil) }
        trace("\(method): selected")
        if client != nil {
            _ = try ask(.initialize, "initialize")
            _ = try ask(.getLimits, "initialize")
            if case .kvsName(let text) = try ask(.getKVSName, "initialize") { name = text }
        }
        trace("\(method): initialize: rank=\(rank) size=\(size) name=\(name): success")
    }

    private func traceSearch(hasDescriptor: Bool) {
        trace("flux-pmi-client: trying 'config'\nconfig: bootstrap configuration not found\nflux-pmi-client: trying 'simple'")
        if !hasDescriptor { trace("simple: PMI_FD not found in environ\nflux-pmi-client: trying 'single'") }
    }

    private func trace(_ text: String) {
        if isTraced { printError(text) }
    }

    // MARK: Operations

    /// Waits for all ranks.
    func barrier() throws(CommandError) {
        if client != nil { _ = try ask(.barrier, "barrier") }
        trace("\(method): barrier: success")
    }

    /// Stores a value that all ranks see after the next barrier.
    func put(_ key: String, _ value: String) throws(CommandError) {
        if client == nil { ownKeys[key] = value } else { _ = try ask(.put(key: key, value: value), "put \(key)") }
        trace("\(method): put key=\(key) value=\(value): success")
    }

    /// A value that some rank or the process manager has stored.
    func get(_ key: String) throws(CommandError) -> String {
        guard client != nil else {
            guard let value = ownKeys[key] else { throw CommandError("get \(key): key not found") }
            return value
        }
        guard case .value(let value) = try ask(.get(key: key), "get \(key)") else {
            throw CommandError("get \(key): unexpected answer")
        }
        trace("\(method): get key=\(key) value=\(value): success")
        return value
    }

    /// Ends the whole program; returns only where there is nobody to tell.
    func abort(_ message: String) throws(CommandError) {
        guard client != nil else {
            printError(message)
            exit(1)
        }
        try send(.abort(exitCode: 1, message: message), "abort")
        // The process manager ends this process too.
        while true { pause() }
    }

    /// Says goodbye.
    func finalize() throws(CommandError) {
        if client != nil { _ = try ask(.finalize, "finalize") }
        trace("\(method): finalize: success")
    }

    // MARK: Lines

    private func send(_ request: PMIClient.Request, _ what: String) throws(CommandError) {
        guard var client else { return }
        do { write(Array(try client.send(request).utf8), to: descriptor) } catch { throw CommandError("\(what): \(error)") }
        self.client = client
    }

    private func ask(_ request: PMIClient.Request, _ what: String) throws(CommandError) -> PMIClient.Reply? {
        try send(request, what)
        let line = try readLine(what)
        guard var client else { return nil }
        do {
            let reply = try client.receive(line)
            self.client = client
            return reply
        } catch { throw CommandError("\(what): \(error)") }
    }

    private func readLine(_ what: String) throws(CommandError) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw CommandError("\(what): connection to the process manager lost") }
            if byte == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
            guard line.count < 1 << 20 else { throw CommandError("\(what): answer is too long") }
        }
    }
}
