internal import Glibc
internal import RFC13PMI

/// The broker's side of PMI-1 over an inherited descriptor. Blocks, because nothing else can happen before it is done;
/// says on standard error what it waits for when that takes longer than five seconds.
package final class PMIConversation {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package let rank: UInt32
    package let size: UInt32
    private let descriptor: Int32
    private var client: PMIClient
    private var input: [UInt8] = []
    private let isTraced: Bool

    /// - Returns: nil when the environment does not speak of PMI.
    package init?(environment: [String: String]) throws(Failure) {
        guard let fd = environment["PMI_FD"], let rank = environment["PMI_RANK"], let size = environment["PMI_SIZE"]
        else { return nil }
        guard let descriptor = Int32(fd), let rankNumber = Int(rank), let sizeNumber = Int(size), sizeNumber > 0,
            (0..<sizeNumber).contains(rankNumber)
        else {
            throw Failure(description: "bootstrap: simple: PMI_FD=\(fd) PMI_RANK=\(rank) PMI_SIZE=\(size) make no sense")
        }
        self.descriptor = descriptor
        self.rank = UInt32(rankNumber)
        self.size = UInt32(sizeNumber)
        client = PMIClient(rank: rankNumber, size: sizeNumber)
        isTraced = environment["FLUX_PMI_DEBUG"] != nil
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = try ask(.initialize)
        _ = try ask(.getLimits)
        _ = try ask(.getKVSName)
    }

    package var kvsName: String { client.kvsName ?? "" }

    package func put(_ key: String, _ value: String) throws(Failure) { _ = try ask(.put(key: key, value: value)) }

    /// The value of a key; nil when it is not there.
    package func get(_ key: String) throws(Failure) -> String? {
        do {
            guard case .value(let value) = try exchange(.get(key: key)) else { return nil }
            return value
        } catch .status {
            return nil
        } catch {
            throw failure("get \(key)", error)
        }
    }

    package func barrier() throws(Failure) { _ = try ask(.barrier) }

    package func finish() throws(Failure) {
        _ = try ask(.finalize)
        close(descriptor)
    }

    private func ask(_ request: PMIClient.Request) throws(Failure) -> PMIClient.Reply {
        do {
            return try exchange(request)
        } catch {
            throw failure("\(request)", error)
        }
    }

    private func failure(_ what: String, _ error: PMIClient.Failure) -> Failure {
        Failure(description: "bootstrap: simple: \(what): \(error)")
    }

    private func exchange(_ request: PMIClient.Request) throws(PMIClient.Failure) -> PMIClient.Reply {
        let line = try client.send(request)
        if isTraced { printError("bootstrap: simple: C: \(line.dropLast())") }
        let bytes = Array(line.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .protocolError("the PMI server is gone: \(String(cString: strerror(errno)))") }
            sent += count
        }
        let answer = try readLine(waitingFor: line)
        if isTraced { printError("bootstrap: simple: S: \(answer)") }
        return try client.receive(answer)
    }

    private func readLine(waitingFor request: String) throws(PMIClient.Failure) -> String {
        while true {
            if let end = input.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: input[..<end], as: UTF8.self)
                input.removeFirst(end + 1)
                return line
            }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, 5000) != 0 else {
                printError("flux-broker: bootstrap: rank \(rank) waits for an answer to PMI request \"\(request.dropLast())\"")
                continue
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .protocolError("the PMI server has closed the connection") }
            input += chunk[..<count]
        }
    }
}
