public import FluxJSON
public import RFC03Message

/// The answers to a streaming request, in order, for one reader.
///
/// Belongs to the reactor of its handle, like the handle itself.
public final class ResponseStream: @unchecked Sendable {
    private unowned let handle: Handle
    public let topic: String
    public let nodeID: UInt32
    /// The request's matchtag.
    public internal(set) var matchtag: UInt32 = 0
    private var waiting: [Result<Message, RPCError>] = []
    private var reader: CheckedContinuation<Result<Message, RPCError>?, Never>?
    private var isFinished = false
    /// The last answer has come, read or not: the matchtag may belong to another request by now.
    private var hasEnded = false

    init(handle: Handle, topic: String, nodeID: UInt32) {
        self.handle = handle
        self.topic = topic
        self.nodeID = nodeID
    }

    func receive(_ result: Result<Message, RPCError>) {
        if case .failure = result { hasEnded = true }
        if let reader {
            self.reader = nil
            reader.resume(returning: result)
        } else {
            waiting.append(result)
        }
    }

    /// The next answer; nil at the normal end (ENODATA) or after ``abandon()``.
    ///
    /// - Throws: ``RPCError`` when the stream ended otherwise.
    public func next() async throws(RPCError) -> Message? {
        if isFinished { return nil }
        // Looked at inside the continuation: an answer may come in before that begins.
        let result: Result<Message, RPCError>? = await withCheckedContinuation { continuation in
            if isFinished {
                continuation.resume(returning: nil)
            } else if waiting.isEmpty {
                reader = continuation
            } else {
                continuation.resume(returning: waiting.removeFirst())
            }
        }
        switch result {
        case .success(let message): return message
        case .failure(let error):
            isFinished = true
            if error.errnum == Errno.noData { return nil }
            throw error
        case nil: return nil
        }
    }

    /// The next answer's JSON object; an answer without payload is an empty object.
    public func nextJSON() async throws(RPCError) -> JSON? {
        guard let message = try await next() else { return nil }
        guard message.hasPayload else { return .object([:]) }
        do {
            return try message.decodeJSON()
        } catch {
            throw RPCError(errnum: Errno.proto, text: "\(topic): answer is not JSON: \(error)", topic: topic)
        }
    }

    /// Asks the service to end the stream, with its own `SERVICE.cancel` (or `METHOD-cancel`) request.
    ///
    /// The stream then ends by itself, as the service answers ENODATA.
    public func cancel(_ cancelTopic: String? = nil) {
        guard !isFinished, !hasEnded else { return }
        let service = topic.split(separator: ".").dropLast().joined(separator: ".")
        handle.notify(cancelTopic ?? "\(service).cancel", ["matchtag": .int(Int64(matchtag))], nodeID: nodeID)
    }

    /// Forgets the stream at once: no more answers, and a reader that waits gets nil.
    public func abandon() {
        isFinished = true
        if !hasEnded { handle.forget(matchtag) }
        hasEnded = true
        waiting.removeAll()
        reader?.resume(returning: nil)
        reader = nil
    }
}
