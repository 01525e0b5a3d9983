internal import Client
internal import FluxJSON
internal import RFC03Message

/// An answer that is on its way: requests are sent together and waited for one after the other.
final class Answer {
    private var result: Result<Message, RPCError>?
    private var reader: CheckedContinuation<Result<Message, RPCError>, Never>?

    init(_ flux: Handle, _ topic: String, _ payload: JSON) {
        flux.call(.request(topic, json: payload)) { [self] result in
            if let reader {
                self.reader = nil
                reader.resume(returning: result)
            } else {
                self.result = result
            }
        }
    }

    /// The answer's JSON object; an empty one when it has no payload.
    func json() async throws(RPCError) -> JSON {
        // Looked at inside the continuation: the answer may come in before that begins.
        let result: Result<Message, RPCError> = await withCheckedContinuation { continuation in
            if let known = self.result { continuation.resume(returning: known) } else { reader = continuation }
        }
        let message = try result.get()
        guard message.hasPayload else { return .object([:]) }
        do {
            return try message.decodeJSON()
        } catch {
            throw RPCError(errnum: Errno.proto, text: "answer is not JSON: \(error)")
        }
    }
}
