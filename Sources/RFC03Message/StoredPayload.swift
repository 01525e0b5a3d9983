import FluxJSON

/// What a message carries: bytes as they came or will leave, or a JSON document that was not printed yet.
///
/// A message that stays in its process is neither printed nor parsed: sender and receiver share the document. Printed it is
/// when somebody asks for the bytes. Two payloads are equal when their bytes are.
enum StoredPayload: Hashable, Sendable {
    case none
    case bytes([UInt8])
    case json(SharedJSON)

    /// A document behind one reference, so that a message does not grow by it.
    final class SharedJSON: Sendable {
        let value: JSON
        init(_ value: JSON) { self.value = value }
    }

    init(_ bytes: [UInt8]?) {
        if let bytes { self = .bytes(bytes) } else { self = .none }
    }

    /// The bytes; a JSON document is printed each time.
    var bytes: [UInt8]? {
        switch self {
        case .none: nil
        case .bytes(let bytes): bytes
        case .json(let document): Message.jsonPayload(document.value)
        }
    }

    var isPrinted: Bool { if case .json = self { false } else { true } }

    static func == (left: StoredPayload, right: StoredPayload) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.none, _), (_, .none): false
        case (.json(let left), .json(let right)) where left === right: true
        default: left.bytes == right.bytes
        }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
